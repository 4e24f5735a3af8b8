"""Puts the parts of an agent together and runs it."""
import os

from agent import channel, frames, main, sources, temp


def start(archive, program):
    """Serve frames on descriptors 0 and 1 until the parent ends this.

    `archive` and `program`, the first stage, are what children are started with.
    """
    read_fd, write_fd = _take_standard_streams()
    router = main.Router(read_fd, write_fd, archive, program)
    _Late(router, sources.Sources(router))
    router.on_config(lambda: _settle(router), lambda: main.hello(router))
    router.run()


class _Late(object):
    """Parts that most contexts never need are compiled when their first message comes."""

    def __init__(self, router, kept):
        self._router = router
        self._kept = kept
        self._calls = self._hops = self._transfers = None
        router.on(frames.CALL, self._call)
        router.on(frames.CANCEL, self._cancel)
        router.on(frames.SPAWN, self._spawn)
        router.on(frames.FILE_CHUNK, self._chunk)

    def _call(self, ident, value):
        if self._calls is None:
            from agent import calls
            self._calls = calls.Calls(self._router, _start_executor)
            self._kept.on_news = self._calls.on_sources
        self._calls.on_call(ident, value)

    def _cancel(self, ident, _):
        for part in (self._calls, self._transfers):
            if part is not None:
                part.on_cancel(ident)

    def _spawn(self, ident, value):
        if self._hops is None:
            from agent import hop
            self._hops = hop.Hops(self._router)
        self._hops.on_spawn(ident, value)

    def _chunk(self, ident, value):
        if self._transfers is None:
            from agent import files
            self._transfers = files.Transfers(self._router)
        self._transfers.on_chunk(ident, value)


def _start_executor(router, demoted):
    import gc
    # What is imported now stays: looking for garbage in it would be wasted. The executor enables it for modules.
    gc.disable()
    try:
        from agent import executor
        if hasattr(gc, "freeze"):
            # A collection in either process would touch, and thereby copy, every page that the two share.
            gc.freeze()
        return executor.start(router, demoted)
    finally:
        gc.enable()


def _settle(router):
    try:
        os.getcwd()
    except OSError:
        # As Ansible's wrapper does when sudo starts it in a folder the account may not read.
        try:
            os.chdir(os.path.expanduser("~"))
        except OSError:
            os.chdir("/")
    router.tmp = temp.make_private(router.config.get("tmp"), 0o700 if router.config.get("ctx") == 1 else 0o777)
    if router.tmp:
        router.at_end(lambda: temp.remove(router.tmp))


def _take_standard_streams():
    """The protocol owns duplicates; a stray print or read meets /dev/null."""
    read_fd = channel.set_cloexec(_above(0))
    write_fd = channel.set_cloexec(_above(1))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    if null > 2:
        os.close(null)
    return read_fd, write_fd


def _above(fd):
    import fcntl
    return fcntl.fcntl(fd, fcntl.F_DUPFD, 3)
