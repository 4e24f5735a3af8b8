"""The plugin host: runs on the controller what exists only as Python plugins of the installed ansible-core.

Its parent (runner/plugin-host/host.ts) starts it with two pipes, asks it one thing at a time and waits. It ends when
the pipe it reads from is closed.
"""
import signal
import sys

# A plugin that does not come back is ended by the kernel, whatever it is doing; the parent sees the pipe close.
signal.signal(signal.SIGALRM, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.SIG_DFL)
# Until the first request has been heard there is nothing that could take long.
signal.setitimer(signal.ITIMER_REAL, 120)

_WRITES = sys.dont_write_bytecode
sys.dont_write_bytecode = True
import skein_channel  # noqa: E402
import skein_plugins  # noqa: E402
sys.dont_write_bytecode = _WRITES
# The folder of these files is nothing that a plugin should import from.
del sys.path[0]


def main():
    channel = skein_channel.Channel(int(sys.argv[1]), int(sys.argv[2]))
    plugins = skein_plugins.Plugins(channel)
    channel.serve(plugins.handlers())


main()
