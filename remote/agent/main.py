"""The router process: frames in, routed or handed on, frames out. It never runs foreign code."""
import os
import select
import time

try:
    # The `signal` module of Python 3 costs milliseconds (enum) that a start should not pay.
    import _signal as signal
except ImportError:
    import signal

from agent import channel, dispatch, frames

VERSION = 1
CONTROLLER = 0
FLUSH_BYTES = 1 << 16
clock = getattr(time, "monotonic", time.time)


class Stopped(Exception):
    """The agent has to end: its parent said so, or is gone."""


class Router(object):
    """One context: owns the stream to its parent and everything that hangs below it.

    Parts register themselves: `on` a message type, `watch` a descriptor, `every_turn`, `at_end`.
    """

    def __init__(self, read_fd, write_fd, archive, program):
        self.archive = archive
        self.program = program
        self.ctx = None
        self.config = {}
        self.tmp = None
        self.sources = {}
        self._up = channel.Channel(read_fd, write_fd)
        self._dispatcher = dispatch.Dispatcher(self.log)
        self._readers = {}
        self._writers = {}
        self._routes = {}
        self._timers = []
        self._endings = []
        self._flush_at = None
        self.on(frames.PING, lambda ident, _: self.answer(frames.PONG, ident, None))
        self.on(frames.BYE, _stop)

    # --- what parts use

    def on(self, kind, handler):
        """Call `handler(ident, value)` for messages of this type to this context."""
        self._dispatcher.on(kind, handler)

    def watch(self, fd, on_readable):
        """Call `on_readable()` when `fd` can be read; None ends that."""
        if on_readable is None:
            self._readers.pop(fd, None)
        else:
            self._readers[fd] = on_readable

    def watch_writer(self, part, writer):
        """`writer` is a Channel whose due bytes the loop writes; None ends that."""
        if writer is None:
            self._writers.pop(part, None)
        else:
            self._writers[part] = writer

    def at(self, when, action):
        """Call `action()` at monotonic time `when`; returns a handle for `cancel_timer`."""
        timer = [when, action]
        self._timers.append(timer)
        return timer

    def cancel_timer(self, timer):
        """A timer that fired or was cancelled before is fine."""
        if timer in self._timers:
            self._timers.remove(timer)

    ask_source = None  # ask_source(name, reply): set by sources.Sources

    def at_end(self, action):
        """Call `action()` when the agent ends."""
        self._endings.append(action)

    def route(self, ctx, forward):
        """Frames to context `ctx` go to `forward(kind, frame bytes)`; None ends that."""
        if forward is None:
            self._routes.pop(ctx, None)
        else:
            self._routes[ctx] = forward

    def answer(self, kind, ident, value, flags=0):
        """Send a message up at once."""
        self.send_up(frames.message(kind, CONTROLLER, self.ctx or 0, ident, value, flags))

    def send_up(self, data, wait=False):
        """Send frames up: at once, or with `wait` together with what follows within `idle` seconds."""
        self._up.send(data)
        if wait and self._up.queued < FLUSH_BYTES:
            if self._flush_at is None:
                self._flush_at = clock() + self.config.get("idle", 0.05)
        else:
            self.flush_up()

    def flush_up(self):
        """Write everything that waits for company."""
        self._flush_at = None
        if not self._up.flush():
            raise Stopped()

    def is_congested(self):
        """Whether the parent takes results more slowly than they come."""
        return self._up.queued > channel.HIGH_WATER

    def log(self, level, line):
        """Tell the controller; levels above the configured one are dropped."""
        if level <= self.config.get("level", 1):
            self.answer(frames.LOG, 0, [level, frames.text(line)])

    # --- the loop

    def run(self):
        """Serve until the parent says BYE or is gone; always cleans up."""
        self.watch(self._up.read_fd, self._read_parent)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        try:
            while True:
                self._turn()
        except Stopped:
            pass
        except frames.FrameError as error:
            try:
                self.log(0, "agent stopped: %s" % error)
            except Stopped:
                pass
        finally:
            self._end()

    def _turn(self):
        now = clock()
        due = self._flush_at
        for when, _ in self._timers:
            if due is None or when < due:
                due = when
        wait = 3600 if due is None else max(0, due - now)
        congested = self.is_congested()
        readers = [fd for fd in self._readers if not congested or fd == self._up.read_fd]
        writers = dict((part.write_fd, part) for part in list(self._writers.values()) if part.wants_write())
        if self._up.wants_write():
            writers[self._up.write_fd] = self._up
        for fd, readable in _poll(readers, writers, wait):
            if readable:
                handler = self._readers.get(fd)
                if handler is not None:
                    handler()
            elif fd in writers and not writers[fd].write() and writers[fd] is self._up:
                raise Stopped()
        now = clock()
        for timer in [timer for timer in self._timers if timer[0] <= now]:
            if timer in self._timers:
                self._timers.remove(timer)
                timer[1]()
        if self._flush_at is not None and self._flush_at <= now:
            self.flush_up()

    def _read_parent(self):
        got = self._up.read()
        if got is None:
            raise Stopped()
        for one in got:
            self._take(one)

    def _take(self, got):
        kind, flags, dst, src, ident, payload = got
        if self.ctx is None:
            self._configure(got)
        elif dst == self.ctx:
            self._dispatcher.handle(got)
        elif dst in self._routes:
            self._routes[dst](kind, flags, payload, frames.frame(kind, dst, src, ident, payload, flags))
        else:
            self.answer(frames.ROUTE_REMOVED, 0, [dst, u"lost", u"context %d is not known here" % dst])

    def _configure(self, got):
        if got[0] != frames.CONFIG:
            raise frames.FrameError("message of type %d came before CONFIG" % got[0])
        self.config = frames.unpack(got[5])
        self.ctx = self.config["ctx"]
        if self.config.get("compress"):
            self._up.compress()
        for begin in self._on_config:
            begin()

    _on_config = ()

    def on_config(self, *begin):
        """What to call, in order, when CONFIG has come."""
        self._on_config = begin

    def _end(self):
        # A second signal must not interrupt the clean-up.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        try:
            self._up.flush()
        finally:
            for action in reversed(self._endings):
                try:
                    action()
                except Exception:
                    # Nobody is left to be told; the other parts still have to be cleaned up.
                    pass
            self._up.close()


def _stop(*_):
    raise Stopped()


def _poll(readers, writers, wait):
    """(fd, is for reading) of what is ready. Signals only shorten the wait."""
    try:
        if hasattr(select, "poll"):
            poller = select.poll()
            for fd in readers:
                mask = select.POLLIN | (select.POLLOUT if fd in writers else 0)
                poller.register(fd, mask)
            for fd in writers:
                if fd not in readers:
                    poller.register(fd, select.POLLOUT)
            ready = []
            reading = set(readers)
            for fd, events in poller.poll(int(wait * 1000) + (1 if wait else 0)):
                if fd in reading and events & ~select.POLLOUT:
                    ready.append((fd, True))
                if fd in writers and events & ~select.POLLIN:
                    ready.append((fd, False))
            return ready
        can_read, can_write, _ = select.select(readers, list(writers), [], wait)
        return [(fd, True) for fd in can_read] + [(fd, False) for fd in can_write]
    except (select.error, OSError):
        return []


def hello(router):
    """Introduce this context; needs `router.tmp`."""
    import pwd
    import sys
    uid = os.getuid()
    try:
        entry = pwd.getpwuid(uid)
        user, home = entry.pw_name, entry.pw_dir
    except KeyError:
        user, home = str(uid), os.path.expanduser("~")
    router.answer(frames.HELLO, 0, {
        u"v": VERSION, u"python": u"%d.%d.%d" % tuple(sys.version_info[:3]), u"exe": frames.text(sys.executable or ""),
        u"pid": os.getpid(), u"uid": uid, u"user": frames.text(user), u"home": frames.text(home),
        u"tmp": frames.text(router.tmp or "")})
