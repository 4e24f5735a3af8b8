"""Standard output and error of code that runs in this process, caught at the descriptors."""
import io
import os
import sys

from agent import channel, descriptors

# What Python chose at its start from the locale; a module must find the same.
_STYLE = [(getattr(one, "encoding", None), getattr(one, "errors", None)) for one in (sys.stdin, sys.stdout, sys.stderr)]


class Capture(object):
    """Files behind descriptors 1 and 2. They survive a fork, so that what a dead child printed can be read."""

    def __init__(self, folder):
        self._fds = [descriptors.lift(_scratch(folder)), descriptors.lift(_scratch(folder))]
        self._identities = [descriptors.identity(fd) for fd in self._fds]

    def begin(self):
        """Send descriptors 1 and 2, and fresh sys.stdout and sys.stderr, to the files."""
        for target, fd in enumerate(self._fds, 1):
            os.dup2(fd, target)
        _renew_streams()

    def end(self, null):
        """Flush the Python streams and send the descriptors to `null`.

        Returns whether the files were closed meanwhile; they are taken up again where 1 and 2 still lead to them.
        """
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (ValueError, IOError, OSError, AttributeError):
                # Closed or replaced by the module.
                pass
        was_hit = False
        for at, fd in enumerate(self._fds):
            if descriptors.identity(fd) != self._identities[at]:
                was_hit = True
                is_there = descriptors.identity(at + 1) == self._identities[at]
                self._fds[at] = descriptors.lift(os.dup(at + 1) if is_there else os.open(os.devnull, os.O_RDONLY))
        for target in range(3):
            os.dup2(null, target)
        return was_hit

    def read(self):
        """(stdout, stderr) as bytes; closes the files."""
        try:
            return tuple(_content(fd) for fd in self._fds)
        finally:
            self.close()

    def close(self):
        """Give the files up."""
        for fd in self._fds:
            channel.close(fd)
        self._fds = []


def _renew_streams():
    if str is bytes:
        for name in ("stdin", "stdout", "stderr"):
            stream = getattr(sys, "__%s__" % name)
            if not stream.closed:
                setattr(sys, name, stream)
            else:
                # Python 2 would close the descriptor with its file object: use a duplicate.
                number = ("stdin", "stdout", "stderr").index(name)
                fd = os.dup(number)
                setattr(sys, name, os.fdopen(fd, "w" if number else "r", 0 if number == 2 else -1))
        return
    for number, name in ((1, "stdout"), (2, "stderr")):
        encoding, errors = _STYLE[number]
        stream = io.TextIOWrapper(io.BufferedWriter(io.FileIO(number, "w", closefd=False)), encoding or "utf-8",
                                  errors or ("strict" if number == 1 else "backslashreplace"),
                                  line_buffering=number == 2)
        setattr(sys, name, stream)
        setattr(sys, "__%s__" % name, stream)
    if getattr(sys.stdin, "closed", True) or sys.stdin is not sys.__stdin__:
        encoding, errors = _STYLE[0]
        sys.stdin = sys.__stdin__ = io.TextIOWrapper(
            io.BufferedReader(io.FileIO(0, "r", closefd=False)), encoding or "utf-8", errors or "strict")


def _scratch(folder):
    import fcntl
    if hasattr(os, "memfd_create"):
        try:
            fd = os.memfd_create("skein", os.MFD_CLOEXEC)
        except OSError:
            fd = _unlinked(folder)
    else:
        fd = _unlinked(folder)
    # Descriptors 1 and 2 may be opened again (/dev/stdout): then only appending keeps what is there.
    fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_APPEND)
    return fd


def _unlinked(folder):
    import tempfile
    fd, path = tempfile.mkstemp(dir=folder)
    os.unlink(path)
    return channel.set_cloexec(fd)


def _content(fd):
    size = os.fstat(fd).st_size
    if not size:
        return b""
    os.lseek(fd, 0, os.SEEK_SET)
    parts = []
    while size > 0:
        data = os.read(fd, min(size, 1 << 26))
        if not data:
            break
        parts.append(data)
        size -= len(data)
    return parts[0] if len(parts) == 1 else b"".join(parts)
