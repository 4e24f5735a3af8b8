"""A pair of descriptors that carries frames without ever blocking."""
import errno
import fcntl
import os
import zlib

from agent import frames

READ_SIZE = 1 << 18
HIGH_WATER = 4 << 20
_LATER = (errno.EAGAIN, errno.EINTR)


def set_cloexec(fd):
    """Python 2 and duplicates: keep a descriptor from the programs that are started."""
    fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.fcntl(fd, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)
    return fd


def set_nonblocking(fd):
    """Make reads and writes of `fd` return at once."""
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_NONBLOCK)
    return fd


def pipe():
    """A pipe that no started program inherits."""
    read, write = os.pipe()
    return set_cloexec(read), set_cloexec(write)


def close(fd):
    """Close, whatever state the descriptor is in."""
    try:
        os.close(fd)
    except OSError:
        pass


class Channel(object):
    """Owns `read_fd` and `write_fd`. What is sent is queued; `flush` makes it due, `write` writes what it can."""

    def __init__(self, read_fd, write_fd, compress=False):
        self.read_fd = set_nonblocking(read_fd)
        self.write_fd = set_nonblocking(write_fd)
        self.decoder = frames.Decoder()
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15) if compress else None
        self._pending = []
        self._due = []
        self._written = 0
        self.queued = 0
        self.closed = False

    def compress(self):
        """From now on the outgoing direction is one raw deflate stream."""
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15)

    def send(self, data):
        """Queue bytes until `flush`."""
        self._pending.append(data)
        self.queued += len(data)

    def flush(self):
        """Make everything queued due and write what fits now. False when the other side is gone."""
        if self._pending:
            data = b"".join(self._pending)
            self._pending = []
            if self._deflate is not None:
                self.queued -= len(data)
                data = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                self.queued += len(data)
            self._due.append(data)
        return self.write()

    def wants_write(self):
        """Whether due bytes wait for the descriptor."""
        return bool(self._due) and not self.closed

    def has_pending(self):
        """Whether bytes are queued that are not due yet."""
        return bool(self._pending)

    def write(self):
        """Write due bytes until the descriptor is full. False when the other side is gone."""
        while self._due and not self.closed:
            data = self._due[0]
            try:
                count = os.write(self.write_fd, data[self._written:self._written + READ_SIZE])
            except OSError as error:
                if error.errno in _LATER:
                    return True
                return False
            self.queued -= count
            self._written += count
            if self._written == len(data):
                self._due.pop(0)
                self._written = 0
        return not self.closed

    def read(self):
        """Frames that can be read now; None at the end of the stream. Raises FrameError."""
        data = read_some(self.read_fd)
        if data is None:
            return []
        if not data:
            return None
        return self.decoder.feed(data)

    def close(self):
        """Close both descriptors, once."""
        if not self.closed:
            self.closed = True
            close(self.read_fd)
            if self.write_fd != self.read_fd:
                close(self.write_fd)


def read_some(fd):
    """Bytes of a non-blocking descriptor; None when there are none yet, b"" at its end."""
    try:
        return os.read(fd, READ_SIZE)
    except OSError as error:
        # A pty whose last writer has gone says EIO.
        return None if error.errno in _LATER else b""
