"""Child contexts: starts sudo, su and the like, answers the prompt, feeds the child agent, routes its frames."""
import os
import re
import sys

try:
    import _signal as signal
except ImportError:
    import signal

from agent import channel, frames
from agent.main import clock

BOOT = b"SKEIN-BOOT\n"
NO_PYTHON = b"SKEIN-NOPYTHON\n"
MAX_BANNER = 64 << 10
MAX_SAID = 4 << 10
MAX_QUEUE = 64 << 20
MAX_CHILDREN = 64


class Hops(object):
    """Starts the children that SPAWN messages ask for."""

    def __init__(self, router):
        self._router = router
        self.children = {}

    def on_spawn(self, _, value):
        """Start one child; what goes wrong comes as ROUTE_REMOVED."""
        ctx = value["ctx"]
        if ctx in self.children:
            raise ValueError("context %d exists already" % ctx)
        child = self.children[ctx] = Child(self._router, value, self._forget)
        self._router.at_end(child.close)
        if len(self.children) > MAX_CHILDREN:
            child.fail(u"become-failed", u"more than %d accounts at once on this host" % MAX_CHILDREN)
        else:
            child.start()

    def _forget(self, child):
        self.children.pop(child.ctx, None)


class Child(object):
    """One child context. Owns its process, its streams and the frames that wait for it."""

    def __init__(self, router, spec, on_gone):
        self._router = router
        self._spec = spec
        self._on_gone = on_gone
        self.ctx = spec["ctx"]
        self._ids = set([self.ctx])
        self._state = "starting"
        self._password = spec.get("password")
        self._prompt = re.compile(spec["prompt"]) if spec.get("prompt") else None
        self._failed = [(re.compile(pattern), meaning) for pattern, meaning in spec.get("failed") or ()]
        self._answered = False
        self._banner = b""
        self._said = b""
        self._unseen = {}
        self._waiting = []
        self._waiting_size = 0
        self._sent = set()
        self._channel = None
        self._sides = ()
        self._slave = None
        self._pid = None
        self._timer = None
        router.route(self.ctx, self.forward)

    def start(self):
        """Start the command and wait for its marker or its prompt, in the router's loop."""
        try:
            program = self._router.program.replace("{size}", str(len(self._router.archive)))
            argv = fill([frames.native(one) for one in self._spec["argv"]], program)
            self._pid, read_fd, write_fd, self._sides, self._slave = spawn(argv, self._spec.get("pty"))
        except (OSError, ValueError) as error:
            self.fail(u"become-failed", u"cannot start %s: %s" % (self._spec["method"], frames.text(str(error))))
            return
        self._channel = channel.Channel(read_fd, write_fd)
        self._router.watch(read_fd, self._read)
        for side in self._sides:
            channel.set_nonblocking(side)
            self._router.watch(side, lambda side=side: self._read_side(side))
        self._router.watch_writer(self, self._channel)
        self._timer = self._router.at(clock() + (self._spec.get("timeout") or 30), self._time_out)

    def forward(self, kind, flags, payload, data):
        """A frame for this child or one behind it; waits until the child runs."""
        if kind == frames.SPAWN:
            # The only message that a context on the way reads: it tells which ids live behind this child.
            inner = frames.unpack(frames.inflate(payload) if flags & frames.DEFLATE else payload)["ctx"]
            self._ids.add(inner)
            self._router.route(inner, self.forward)
        if self._state == "up":
            self._channel.send(data)
            if self._channel.queued > MAX_QUEUE:
                self.fail(u"lost", u"context %d does not take what is sent to it" % self.ctx)
            elif not self._channel.flush():
                self._lost()
            return
        self._waiting.append(data)
        self._waiting_size += len(data)
        if self._waiting_size > MAX_QUEUE:
            self.fail(u"become-failed", u"more than %d MiB wait for an account that does not start" % (MAX_QUEUE >> 20))

    # --- before the marker

    def _read_side(self, side):
        """Standard error or the terminal. Returns whether there was something."""
        data = channel.read_some(side)
        if data == b"":
            self._router.watch(side, None)
        elif data and self._state == "starting":
            self._said = (self._said + data)[-MAX_SAID:]
            self._look(side, data)
        elif data:
            self._router.log(3, "context %d: %s" % (self.ctx, frames.text(data[:MAX_SAID])))
        return bool(data)

    def _look(self, stream, data):
        """React to prompts and to known failures in what came newly."""
        seen = self._unseen.get(stream, b"") + data
        text = seen.decode("utf-8", "replace")
        for pattern, meaning in self._failed:
            if pattern.search(text):
                self.fail(code_of(meaning), meaning)
                return
        if self._prompt is not None and self._prompt.search(text):
            if self._password is None:
                self.fail(u"become-password-missing", u"Missing %s password" % self._spec["method"])
            elif self._answered:
                self.fail(u"become-password-wrong", u"Incorrect %s password" % self._spec["method"])
            else:
                self._answer()
            seen = b""
        self._unseen[stream] = seen[-MAX_SAID:]

    def _answer(self):
        self._answered = True
        data = self._password + b"\n"
        if self._spec.get("pty"):
            try:
                os.write(self._sides[-1], data)
            except OSError:
                # The command is gone; the end of its output says so.
                pass
        else:
            self._channel.send(data)
            self._channel.flush()

    def _read_banner(self):
        data = channel.read_some(self._channel.read_fd)
        if data is None:
            return
        if not data:
            # Standard error may hold the reason but be read later: give it a moment.
            self._router.watch(self._channel.read_fd, None)
            self._router.cancel_timer(self._timer)
            self._timer = self._router.at(clock() + 0.05, self._ended_early)
            return
        self._banner += data
        if BOOT in self._banner:
            rest = self._banner.partition(BOOT)[2]
            self._begin(rest)
        elif len(self._banner) > MAX_BANNER:
            self.fail(u"become-failed", u"%s printed more than %d KiB and did not start the agent" % (
                self._spec["method"], MAX_BANNER >> 10))
        else:
            self._look("out", data)

    def _ended_early(self):
        for side in self._sides:
            while self._state == "starting" and self._read_side(side):
                pass
        if self._state != "starting":
            return
        if NO_PYTHON in self._banner:
            self.fail(u"become-failed", u"no Python interpreter for this account")
            return
        said = (self._said + self._banner)[:MAX_SAID]
        if self._password:
            said = said.replace(self._password, b"********")
        words = said.decode("utf-8", "replace").strip()
        status = _poll_status(self._pid)
        how = u"ended" if status is None else u"ended with status %d" % status
        self.fail(u"become-failed", u"%s %s before the agent started%s" % (
            self._spec["method"], how, u": " + words if words else u""))

    def _time_out(self):
        self.fail(u"become-timeout", u"%s did not start within %g seconds" % (
            self._spec["method"], self._spec.get("timeout") or 30))

    # --- after the marker

    def _begin(self, rest):
        self._state = "up"
        self._router.cancel_timer(self._timer)
        self._password = None
        self._spec["password"] = None
        self._unseen = self._said = None
        config = dict(self._router.config)
        config["ctx"] = self.ctx
        config["compress"] = False
        self._channel.send(self._router.archive)
        self._channel.send(frames.message(frames.CONFIG, self.ctx, self._router.ctx, 0, config))
        for data in self._waiting:
            self._channel.send(data)
        self._waiting = []
        if not self._channel.flush():
            self._lost()
        elif rest:
            self._feed(rest)

    def _read(self):
        if self._state == "starting":
            self._read_banner()
            return
        data = channel.read_some(self._channel.read_fd)
        if data is None:
            return
        if not data:
            self._lost()
        else:
            self._feed(data)

    def _feed(self, data):
        try:
            for got in self._channel.decoder.feed(data):
                if self._state != "up":
                    return
                self._take(got)
        except (LookupError, TypeError, ValueError) as error:
            # A child is trusted no more than any target: what it sends may have any shape.
            self.fail(u"lost", u"context %d broke the protocol: %s" % (self.ctx, frames.text(str(error))))

    def _take(self, got):
        kind, flags, dst, src, ident, payload = got
        if src not in self._ids:
            raise frames.FrameError("frame from context %d, which does not live there" % src)
        if kind == frames.SOURCE_MISSING:
            name = frames.unpack(payload)[0]
            self._router.ask_source(name, lambda value: self._send_source(src, ident, value))
            return
        if kind == frames.ROUTE_REMOVED:
            self._forget_id(frames.unpack(payload)[0])
        self._router.send_up(frames.frame(kind, dst, src, ident, payload, flags))

    def _send_source(self, src, ident, value):
        if self._state == "up":
            # Who lacks one source lacks others too: everything that is here goes along, once.
            fresh = [[name] + list(entry) for name, entry in self._router.sources.items()
                     if entry is not None and name not in self._sent]
            if fresh:
                self._sent.update(row[0] for row in fresh)
                self._channel.send(frames.message(frames.SOURCES, src, self._router.ctx, 0, {u"modules": fresh}))
            self._channel.send(frames.message(frames.SOURCE, src, self._router.ctx, ident, value))
            if not self._channel.flush():
                self._lost()

    def _forget_id(self, ctx):
        if ctx != self.ctx and ctx in self._ids:
            self._ids.discard(ctx)
            self._router.route(ctx, None)

    # --- the end

    def _lost(self):
        self.fail(u"lost", u"the agent of context %d (%s) ended unexpectedly" % (self.ctx, self._spec["method"]))

    def fail(self, code, words):
        """Give the child up and tell the controller, once, for each context that lived there."""
        if self._state == "gone":
            return
        self.close()
        for ctx in sorted(self._ids):
            self._router.route(ctx, None)
            self._router.answer(frames.ROUTE_REMOVED, 0, [ctx, code, words])

    def close(self):
        """End the child: it sees the end of its stream."""
        if self._state == "gone":
            return
        self._state = "gone"
        self._password = self._spec["password"] = None
        self._waiting = []
        self._router.cancel_timer(self._timer)
        self._router.watch_writer(self, None)
        if self._channel is not None:
            self._router.watch(self._channel.read_fd, None)
            self._channel.close()
            for side in self._sides:
                self._router.watch(side, None)
                channel.close(side)
            if self._slave is not None:
                channel.close(self._slave)
        self._on_gone(self)
        if self._pid is not None:
            self._end_process(20)

    def _end_process(self, tries):
        if _poll_status(self._pid) is not None:
            return
        if tries in (15, 1):
            # A child of another account may not be ours to kill; then the closed streams have to do.
            try:
                os.kill(self._pid, signal.SIGTERM if tries > 1 else signal.SIGKILL)
            except OSError:
                pass
        if tries:
            self._router.at(clock() + 0.1, lambda: self._end_process(tries - 1))


def code_of(meaning):
    """The ROUTE_REMOVED code for the message of a known failure."""
    if meaning.startswith(u"Incorrect"):
        return u"become-password-wrong"
    return u"become-password-missing" if meaning.startswith(u"Missing") else u"become-failed"


def fill(argv, program):
    """`argv` with the first stage in place of {boot}: shell text when it is all of an element, else one quoted word.

    Raises ValueError when no element has the marker.
    """
    text = "exec %s -c %s" % (quote(sys.executable), quote(program))
    if not any("{boot}" in one for one in argv):
        raise ValueError("no {boot} in the command")
    return [text if one == "{boot}" else one.replace("{boot}", quote(text)) for one in argv]


def quote(word):
    """One word for a shell."""
    return "'" + word.replace("'", "'\"'\"'") + "'"


def spawn(argv, with_terminal):
    """Start a command. Returns (pid, its output, its input, sides, slave).

    `sides` are its standard error and, if it has one, its terminal, which is there to ask on: frames would not survive
    it. `slave` is the terminal's other end, held open: a terminal that nobody has open looks like an ended one.
    """
    down_read, down_write = channel.pipe()
    up_read, up_write = channel.pipe()
    error_read, error_write = channel.pipe()
    sides = [error_read]
    theirs = [down_read, up_write, error_write]
    slave = None
    if with_terminal:
        terminal, slave = os.openpty()
        _disable_echo(slave)
        sides.append(channel.set_cloexec(terminal))
        channel.set_cloexec(slave)
    pid = os.fork()
    if pid:
        for fd in theirs:
            channel.close(fd)
        return pid, up_read, down_write, sides, slave
    try:
        os.setsid()
        if with_terminal:
            import fcntl
            import termios
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for target, fd in enumerate(theirs):
            os.dup2(fd, target)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.execvp(argv[0], argv)
    except BaseException as error:
        os.write(2, ("cannot run %s: %s\n" % (argv[0], error)).encode("utf-8", "replace"))
    finally:
        os._exit(127)


def _disable_echo(fd):
    import termios
    state = termios.tcgetattr(fd)
    state[3] &= ~termios.ECHO
    termios.tcsetattr(fd, termios.TCSANOW, state)


def _poll_status(pid):
    """Exit status of a child that has ended (0 when somebody else has reaped it), else None."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except OSError:
        return 0
    if not ended:
        return None
    return -(status & 127) if status & 127 else status >> 8
