"""Files that come in chunks, into the private folder of the context."""
import hashlib
import os

from agent import channel, frames

CREDIT_STEP = 256 << 10
MAX_OPEN = 64


class Transfers(object):
    """Receives FILE_CHUNK messages; the path of transfer `id` is `transfer-<id>` in the context's folder."""

    def __init__(self, router):
        self._router = router
        self._open = {}
        self._failed = set()
        router.at_end(self._close)

    def on_chunk(self, ident, value):
        """Write one chunk, grant credit, report the end."""
        offset, data, last = value
        if ident in self._failed:
            if last:
                self._failed.discard(ident)
            return
        try:
            one = self._open.get(ident)
            if one is None:
                one = self._open[ident] = self._begin(ident)
            one.write(offset, data)
            if last:
                del self._open[ident]
                one.close()
        except (OSError, IOError) as error:
            self._fail(ident, frames.text(error.strerror or str(error)), last)
            return
        except ValueError as error:
            self._fail(ident, frames.text(str(error)), last)
            return
        if last:
            self._router.answer(frames.FILE_DONE, ident, [
                frames.text(one.path), one.size, frames.text(one.sha1.hexdigest()), None])
        elif one.size - one.credited >= CREDIT_STEP:
            one.credited = one.size
            self._router.answer(frames.FILE_CREDIT, ident, [one.size])

    def _begin(self, ident):
        if len(self._open) >= MAX_OPEN:
            raise ValueError("more than %d files at once" % MAX_OPEN)
        if not self._router.tmp:
            raise ValueError("no usable folder for temporary files")
        return Transfer(os.path.join(self._router.tmp, "transfer-%d" % ident))

    def _fail(self, ident, words, last):
        one = self._open.pop(ident, None)
        if one is not None:
            one.discard()
        if not last:
            self._failed.add(ident)
        self._router.answer(frames.FILE_DONE, ident, [u"", 0, u"", words])

    def on_cancel(self, ident):
        """Discard what was received."""
        # The sender stops at once; nothing of this transfer follows.
        one = self._open.pop(ident, None)
        if one is not None:
            one.discard()

    def _close(self):
        for one in self._open.values():
            one.discard()


class Transfer(object):
    """One file that is being received."""

    def __init__(self, path):
        self.path = path
        self.size = 0
        self.credited = 0
        self.sha1 = hashlib.sha1()
        self._fd = channel.set_cloexec(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def write(self, offset, data):
        """Append. Raises ValueError when the chunk is not the next one, OSError."""
        if offset != self.size:
            raise ValueError("chunk at %d where %d was expected" % (offset, self.size))
        at = 0
        while at < len(data):
            at += os.write(self._fd, data[at:])
        self.sha1.update(data)
        self.size += len(data)

    def close(self):
        """The file is complete."""
        channel.close(self._fd)

    def discard(self):
        """Remove what was received."""
        channel.close(self._fd)
        try:
            os.unlink(self.path)
        except OSError:
            pass
