"""The line between the executor and a fork of it: the status of a run, and sources that the fork lacks."""
import os
import select

from agent import channel, descriptors, frames

_STATUS = 1


class Link(object):
    """Two pipes. Make it before the fork; then `in_child` there and `wait` here."""

    def __init__(self):
        self._up_read, self._up_write = [descriptors.lift(fd) for fd in os.pipe()]
        self._down_read, self._down_write = [descriptors.lift(fd) for fd in os.pipe()]
        self._identity = descriptors.identity(self._down_read)
        self._decoder = frames.Decoder()
        self._pid = None

    # --- in the fork

    def in_child(self):
        """Keep the fork's ends only."""
        channel.close(self._up_read)
        channel.close(self._down_write)
        self._pid = os.getpid()

    def ask(self, name):
        """(is package, source or None, path) from the executor."""
        if os.getpid() != self._pid or descriptors.identity(self._down_read) != self._identity:
            # A child of the module; or the module has closed what it did not open.
            return 0, None, ""
        _write(self._up_write, frames.message(frames.SOURCE_MISSING, 0, 0, 0, [frames.text(name)]))
        joiner = frames.Joiner(frames.MAX_DOWN)
        while True:
            data = os.read(self._down_read, channel.READ_SIZE)
            if not data:
                os._exit(1)
            for got in self._decoder.feed(data):
                payload = joiner.join(got)
                if payload is not None:
                    is_package, source, path = frames.unpack(payload)
                    return is_package, source, frames.native(path)

    def finish(self, status):
        """Say that the run came to its end with this status."""
        _write(self._up_write, frames.message(frames.RESULT, 0, 0, 0, status))

    # --- in the executor

    def wait(self, pid, serve):
        """The exit status of the fork, negative for a signal. `serve(name)` answers what it lacks."""
        channel.close(self._up_write)
        channel.close(self._down_read)
        try:
            return self._wait(pid, serve)
        finally:
            channel.close(self._up_read)
            channel.close(self._down_write)

    def _wait(self, pid, serve):
        pause = 0.05
        while True:
            # The end of the stream alone does not tell: a daemon that the module left may hold the pipe.
            if select.select([self._up_read], [], [], pause)[0]:
                data = os.read(self._up_read, channel.READ_SIZE)
                if not data:
                    return _status(os.waitpid(pid, 0)[1])
                for got in self._decoder.feed(data):
                    value = frames.unpack(got[5])
                    if got[0] == frames.RESULT:
                        return _status(os.waitpid(pid, 0)[1])
                    is_package, source, path = serve(str(value[0]))
                    _write(self._down_write, frames.message(
                        frames.SOURCE, 0, 0, 0, [is_package, source, frames.text(path)]))
            else:
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    return _status(status)


def _status(status):
    return -(status & 127) if status & 127 else status >> 8


def _write(fd, data):
    at = 0
    while at < len(data):
        try:
            at += os.write(fd, data[at:at + channel.READ_SIZE])
        except OSError:
            return
