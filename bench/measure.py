"""Runs one command and says what it cost: measure.py RESULT MEMORY TIMEOUT COMMAND...

RESULT is the JSON file to write, MEMORY is 1 to sample the memory of the process tree, TIMEOUT is in seconds.

This process is the subreaper of everything that the command starts: a connection that ssh keeps open in the background
ends here, is ended here when the command is over, and its processor time is in the sum. What sshd runs is nobody's child
here, so the target's side is not in it.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
GRACE = 5.0
# Sampling may take this share of one core.
SAMPLING_SHARE = 0.03
SHORTEST_PAUSE = 0.05


def main():
    result, memory, timeout = sys.argv[1], sys.argv[2] == "1", float(sys.argv[3])
    command = sys.argv[4:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("measure.py: this kernel has no subreapers, which need Linux 3.4")
    signal.signal(signal.SIGTERM, give_up)
    signal.signal(signal.SIGINT, give_up)
    signal.signal(signal.SIGALRM, give_up)
    # Nobody is left to end the run when whoever measures is killed.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    sampler = Sampler() if memory else None
    begin = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    if sampler:
        sampler.start()
    status = wait_for(pid)
    wall = time.monotonic() - begin
    signal.setitimer(signal.ITIMER_REAL, 0)
    left = descendants()
    if sampler:
        sampler.stop()
    end_all()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(result, "w") as file:
        json.dump(
            {
                "wall": wall,
                "user": used.ru_utime,
                "system": used.ru_stime,
                "faults": used.ru_minflt + used.ru_majflt,
                "switches": used.ru_nvcsw + used.ru_nivcsw,
                "peakMemory": sampler.peak if sampler else None,
                "status": os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status),
                "left": len(left),
            },
            file,
        )


def wait_for(pid):
    while True:
        done, status = os.wait()
        if done == pid:
            return status


def end_all():
    """Ends what the command left behind, politely first; only processes that descend from this one."""
    deadline = time.monotonic() + GRACE
    kill = signal.SIGTERM
    while True:
        for pid in descendants():
            try:
                os.kill(pid, kill)
            except ProcessLookupError:
                pass
        while True:
            try:
                done, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if done == 0:
                break
        if time.monotonic() > deadline:
            kill = signal.SIGKILL
        time.sleep(0.02)


def give_up(number, _frame):
    end_all()
    os._exit(124 if number == signal.SIGALRM else 130)


def descendants():
    """Ids of all processes below this one that have not ended."""
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name) as file:
                stat = file.read()
        except OSError:
            continue
        # The second field is the program's name in brackets, and may hold anything.
        state, parent = stat[stat.rindex(")") + 2:].split()[:2]
        if state == "Z":
            continue
        parent = int(parent)
        children.setdefault(parent, []).append(int(name))
    found = []
    queue = [os.getpid()]
    while queue:
        below = children.get(queue.pop(), [])
        found.extend(below)
        queue.extend(below)
    return found


class Sampler(threading.Thread):
    """Peak of the tree's proportional set size: a page that forks share counts once."""

    def __init__(self):
        threading.Thread.__init__(self, daemon=True)
        self.peak = 0
        self._stopped = threading.Event()

    def run(self):
        while not self._stopped.is_set():
            begin = time.thread_time()
            self.peak = max(self.peak, sum(proportional_bytes(pid) for pid in descendants()))
            cost = time.thread_time() - begin
            self._stopped.wait(max(cost / SAMPLING_SHARE, SHORTEST_PAUSE))

    def stop(self):
        self._stopped.set()
        self.join()


def proportional_bytes(pid):
    try:
        with open("/proc/%d/smaps_rollup" % pid) as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


main()
