"""A link with latency and a rate: relay.py OPTIONS, where OPTIONS is JSON: {"delay": s, "rate": bytes/s or 0, "join": pid or 0}.

Two TUN devices, one in this process's network namespace and one in a new one (or in that of the process `join`), and one
queue for each direction between them. A packet leaves its queue `delay` after its last byte could have been sent at `rate`.

Says one line of JSON when it is ready, and another one when it ends. It ends when standard input does, and with it the
devices, their routes, and the new namespace once nobody is left in it.
"""

import collections
import ctypes
import errno
import fcntl
import json
import os
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
CLONE_NEWNET = 0x40000000
PR_SET_TIMERSLACK = 29
# Links of one machine at a time: each has a block of the addresses that RFC 2544 sets aside for measurements.
MOST_LINKS = 16
MTU = 1500
# Packets in one direction. Nobody's window is larger; what is more than that is lost, as a router would lose it.
QUEUE_LIMIT = 20000
# Packets that are read before the other direction has its turn.
BURST = 64


def main():
    options = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
    index, near = open_near()
    name = "skeinlink%d" % index
    controller = "198.18.%d.1" % index
    network = "198.19.%d.0/20" % (16 * index)
    first = "198.19.%d.1" % (16 * index)
    configure(["addr add %s/32 dev %s" % (controller, name), "link set %s mtu %d txqueuelen 10000 up" % (name, MTU),
               "route add %s dev %s src %s" % (network, name, controller)])
    enter(libc, options["join"])
    far = open_tun(name)
    # Every address of the block is the target's own: as many hosts as anyone likes.
    configure(["link set lo up", "link set %s mtu %d txqueuelen 10000 up" % (name, MTU), "route add local %s dev lo" % network,
               "route add %s/32 dev %s src %s" % (controller, name, first)])
    say({"device": name, "controller": controller, "first": first})
    say({"dropped": relay(near, far, options["delay"], options["rate"])})


def open_near():
    for index in range(MOST_LINKS):
        try:
            return index, open_tun("skeinlink%d" % index)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
    sys.exit("relay.py: all of %d links are in use" % MOST_LINKS)


def open_tun(name):
    try:
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise
        sys.exit("relay.py: no TUN device can be made (%s): this needs root and /dev/net/tun" % error)
    return fd


def enter(libc, pid):
    if pid:
        fd = os.open("/proc/%d/ns/net" % pid, os.O_RDONLY)
        done = libc.setns(fd, CLONE_NEWNET)
        os.close(fd)
    else:
        done = libc.unshare(CLONE_NEWNET)
    if done != 0:
        sys.exit("relay.py: the target's network namespace cannot be entered: %s" % os.strerror(ctypes.get_errno()))


def configure(lines):
    done = subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), stderr=subprocess.PIPE, universal_newlines=True)
    if done.returncode != 0:
        sys.exit("relay.py: ip: %s" % done.stderr.strip())


def relay(near, far, delay, rate):
    """Carries packets until standard input ends, and returns how many were lost."""
    stop = sys.stdin.fileno()
    sinks = {near: far, far: near}
    queues = {near: collections.deque(), far: collections.deque()}
    free = {near: 0.0, far: 0.0}
    dropped = 0
    while True:
        now = time.monotonic()
        soonest = None
        for source, sink in sinks.items():
            queue = queues[source]
            while queue and queue[0][0] <= now:
                try:
                    os.write(sink, queue.popleft()[1])
                except OSError:
                    dropped += 1
            if queue and (soonest is None or queue[0][0] < soonest):
                soonest = queue[0][0]
        timeout = None if soonest is None else max(0.0, soonest - time.monotonic())
        for source in select.select([near, far, stop], [], [], timeout)[0]:
            if source == stop:
                if not os.read(stop, 4096):
                    return dropped
                continue
            queue = queues[source]
            for _ in range(BURST):
                try:
                    packet = os.read(source, 65536)
                except BlockingIOError:
                    break
                sent = max(time.monotonic(), free[source])
                if rate:
                    sent += len(packet) / rate
                    free[source] = sent
                if len(queue) < QUEUE_LIMIT:
                    queue.append((sent + delay, packet))
                else:
                    dropped += 1


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


main()
