"""The action host: runs on the controller the action plugins that exist only in Python, each run in a fork of its own.

Its parent (runner/plugin-host/action-process.ts) tells it through standard input what it is to know, then makes a
connection to its socket for each run. It ends when standard input does; a fork ends with its connection.
"""
import contextlib
import marshal
import os
import select
import signal
import socket
import sys

_WRITES = sys.dont_write_bytecode
sys.dont_write_bytecode = True
import skein_actions  # noqa: E402
import skein_channel  # noqa: E402
sys.dont_write_bytecode = _WRITES
# The folder of these files is nothing that a plugin should import from.
del sys.path[0]

# Where the parent reads whether all went well.
READY = 3


def main():
    # Ctrl-C is the parent's affair; forks are to leave nothing behind.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config = configuration()
    if config is None:
        return
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        actions = skein_actions.Actions(config)
        listener.bind(sys.argv[1])
        listener.listen(1024)
        word = b"ready"
    except Exception as error:
        word = ("%s: %s" % (type(error).__name__, error)).encode("utf-8", "replace")[:4096]
    try:
        # The parent may have ended meanwhile.
        with contextlib.suppress(OSError):
            os.write(READY, word)
        os.close(READY)
        if word == b"ready":
            serve(listener, actions)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(sys.argv[1])
            os.rmdir(os.path.dirname(sys.argv[1]))


def configuration():
    """The first message; None when the parent has ended instead."""
    size, _ = skein_channel.HEADER.unpack(read(skein_channel.HEADER.size) or b"\0" * skein_channel.HEADER.size)
    data = read(size)
    return marshal.loads(data)[0] if data else None


def read(size):
    data = b""
    while len(data) < size:
        piece = os.read(0, size - len(data))
        if not piece:
            return b""
        data += piece
    return data


def serve(listener, actions):
    """Fork for each connection until standard input ends."""
    # Nobody waits for a fork: the system forgets it when it ends.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        ready = select.select([0, listener], [], [])[0]
        if 0 in ready and not os.read(0, 4096):
            return
        if listener not in ready:
            continue
        connection = listener.accept()[0]
        try:
            is_fork = os.fork() == 0
        except OSError:
            # No memory, or too many processes: the parent sees that the run ends before it began.
            is_fork = False
        if is_fork:
            attend(listener, connection, actions)
        connection.close()


def attend(listener, connection, actions):
    """Run one plugin. Never returns."""
    try:
        # A session of its own: nothing of it reads from the terminal, and all of it can be ended at once.
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        listener.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        actions.attend(connection)
    finally:
        os._exit(0)


main()
