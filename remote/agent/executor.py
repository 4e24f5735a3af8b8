"""The process that runs modules: warm, forkable, checked after each run."""
import gc
import os
import signal
import sys
import traceback

from agent import capture, channel, descriptors, frames, freshness, importer, leaks, modules, temp
from agent.task import (AGENT_ERROR, LOST, NOT_RUN, RAN, CannotRun, Task, apply_environment, has_failed,
                        restore_environment)

MAX_OUTPUT = 240 << 20


class Executor(object):
    """Runs batches that come on `read_fd`, answers on `write_fd`. Both block: there is nothing else to do."""

    def __init__(self, read_fd, write_fd, ctx, tmp, demoted):
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._streams = self._identities()
        # What could not be sent because a module closed the streams; a list from then on.
        self._unsent = None
        # A module closed descriptors that this process needs: it runs nothing more.
        self._was_hit = False
        self._ctx = ctx
        self.tmp = tmp
        self._demoted = set(demoted)
        self._decoder = frames.Decoder()
        self._joiner = frames.Joiner(frames.MAX_DOWN)
        self._waiting = []
        self._null = descriptors.lift(os.open(os.devnull, os.O_RDWR))
        # Daemons that modules leave must not hold the connection's own streams.
        os.dup2(self._null, 1)
        os.dup2(self._null, 2)
        self._null_identity = descriptors.identity(self._null)
        self._pid = os.getpid()
        self._parent_of_fork = None
        self._used = False
        self._folders = freshness.ImportFolders()
        self.imports = importer.Importer(self._ask)
        self.imports.install()
        leaks.install()

    # --- talking to the router process

    def serve(self):
        """Run until the router process closes its end."""
        while True:
            got = self._waiting.pop(0) if self._waiting else self._next()
            if got is None:
                return
            kind, ident, value = got
            if kind == frames.RUN:
                self._run_batch(ident, value[0], value[1])
            if self._unsent is not None:
                self._leave_unsent()
                return

    def _next(self):
        """The next message that is not a source; None at the end."""
        while True:
            got = self._read_message()
            if got is None or got[0] not in (frames.SOURCES, frames.SOURCE):
                return got

    _messages = ()

    def _read_message(self):
        while not self._messages:
            data = os.read(self._read_fd, channel.READ_SIZE)
            if not data:
                return None
            self._messages = []
            for one in self._decoder.feed(data):
                payload = self._joiner.join(one)
                if payload is not None:
                    self._messages.append((one[0], one[4], frames.unpack(payload)))
        got = self._messages.pop(0)
        if got[0] == frames.SOURCES:
            for name, is_package, source, path in got[2]["modules"]:
                self.imports.add(name, is_package, source, frames.native(path))
        elif got[0] == frames.SOURCE:
            self.imports.add(got[2][0], got[2][1], got[2][2], frames.native(got[2][3]))
        return got

    def _send(self, kind, ident, value, flags=0):
        data = frames.message(kind, 0, self._ctx, ident, value, flags)
        if self._unsent is None:
            write_all(self._write_fd, data)
        else:
            self._unsent.append(data)

    def _identities(self):
        return [descriptors.identity(self._read_fd), descriptors.identity(self._write_fd)]

    def _leave_unsent(self):
        """For the router process, which looks for this file when the streams have ended."""
        if self.tmp:
            path = os.path.join(self.tmp, "unsent-%d" % os.getpid())
            temp.write_file(path + ".part", b"".join(self._unsent), 0o600)
            # Now it is whole.
            os.rename(path + ".part", path)

    def _ask(self, name):
        """A source that is not here: from the router process, or, in a fork, from the executor."""
        if self._parent_of_fork is not None:
            return self._parent_of_fork.ask(name)
        if os.getpid() != self._pid or self._identities() != self._streams:
            # A child of a module: the streams are not its own. Or the module has closed them.
            return 0, None, ""
        self._send(frames.SOURCE_MISSING, 0, [frames.text(name)])
        while True:
            got = self._read_message()
            if got is None:
                os._exit(1)
            if got[0] == frames.SOURCE and got[2][0] == name:
                return got[2][1], got[2][2], frames.native(got[2][3])
            if got[0] not in (frames.SOURCES, frames.SOURCE):
                self._waiting.append(got)

    # --- batches

    def _run_batch(self, ident, start, value):
        calls = value["calls"]
        stopped = False
        for index in range(start, len(calls)):
            if not stopped and self._used and (self._was_hit or self._folders.have_changed()):
                # The router process hands what is left of the batch to a fresh executor, which runs a call at least.
                self._send(frames.RENEW, 0, None)
                return
            if stopped:
                result = [NOT_RUN, 0, b"", b"", {}]
            else:
                self._used = True
                result = self._answer(calls[index])
                stopped = bool(value.get("stop")) and has_failed(result)
            flags = frames.LAST if index + 1 == len(calls) else 0
            self._send(frames.RESULT, ident, [index] + result, flags)

    def _answer(self, call):
        try:
            if "job" in call:
                # By a part of the agent that few need: it comes with the calls that do.
                result = {}
                exec(self.imports.code("skein.jobs"), result)
                return result["run"](self, call)
            task = Task(self, call)
            try:
                result = task.run()
            finally:
                task.close()
        except CannotRun as error:
            result = [AGENT_ERROR, 0, b"", frames.text(str(error)).encode("utf-8"), {}]
        except Exception:
            result = [AGENT_ERROR, 0, b"", traceback.format_exc().encode("utf-8", "replace"), {}]
        if len(result[2]) + len(result[3]) > MAX_OUTPUT:
            result = [AGENT_ERROR, 0, b"", b"the module printed more than 240 MiB", {}]
        return result

    def isolation(self, call):
        """How to run: modules that left something behind before get a fork."""
        return "fork" if call.get("iso") == "fork" or call.get("m") in self._demoted else "warm"

    def demote(self, name):
        """From now on this module runs in forks; the router process replaces this one after the batch."""
        self._demoted.add(name)
        self._send(frames.DEMOTE, 0, [name])

    # --- one run

    def run_new(self, call, args, folder):
        """Run a new-style module. Returns a result without index."""
        name = str(call["m"])
        if self.imports.entry(name) is None:
            raise CannotRun("the source of %s was not sent" % name)
        output = capture.Capture(self.tmp)
        environ = apply_environment(call.get("env"))
        try:
            if self.isolation(call) == "fork":
                return self._run_fork(name, args, folder, output)
            return self._run_warm(name, args, folder, output)
        finally:
            restore_environment(environ)
            output.close()

    def _run_warm(self, name, args, folder, output):
        before = leaks.Snapshot()
        output.begin()
        try:
            status = run_guarded(self.imports, name, args, folder)
        finally:
            was_hit = self._end_output(output)
        repaired, stays = before.repair()
        reap()
        if was_hit and not stays:
            stays = ["descriptors of the agent"]
        if stays:
            self.demote(name)
        extra = {u"leaks": [frames.text(one) for one in repaired + stays]} if repaired or stays else {}
        return [RAN, status] + list(output.read()) + [extra]

    def _end_output(self, output):
        """End the capture. Returns whether the module closed descriptors of this process."""
        null = self._null
        if descriptors.identity(null) != self._null_identity:
            null = descriptors.lift(os.open(os.devnull, os.O_RDWR))
            self._was_hit = True
        if self._identities() != self._streams:
            self._unsent = []
            self._was_hit = True
        self._was_hit = output.end(null) or self._was_hit
        self._null = null
        return self._was_hit

    def _run_fork(self, name, args, folder, output):
        output.begin()
        try:
            if prepare_guarded(self.imports, name) and hasattr(gc, "freeze"):
                # A collection in the fork would touch, and thereby copy, every page of what is imported here.
                if gc.isenabled():
                    gc.collect()
                gc.freeze()
            from agent import fork
            self._parent_of_fork = link = fork.Link()
            pid = os.fork()
            if pid == 0:
                self._become_fork(link, name, args, folder)
        finally:
            output.end(self._null)
            self._parent_of_fork = None
        status = link.wait(pid, self._serve_fork)
        reap()
        if status < 0:
            return [LOST, status] + list(output.read()) + [{}]
        return [RAN, status] + list(output.read()) + [{}]

    def _become_fork(self, link, name, args, folder):
        status = 1
        try:
            channel.close(self._read_fd)
            channel.close(self._write_fd)
            link.in_child()
            status = run_guarded(self.imports, name, args, folder)
            leaks.run_all_hooks()
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except (ValueError, IOError, OSError, AttributeError):
                    pass
        finally:
            link.finish(status)
            os._exit(status)

    def _serve_fork(self, name):
        found = self.imports.entry(name)
        return (0, None, "") if found is None else found


def run_guarded(imports, name, args, folder):
    """modules.run, but an error before the module's own code (its syntax, basic.py) is printed like its own."""
    try:
        return modules.run(imports, name, args, folder)
    except Exception:
        traceback.print_exc()
        return 1


def prepare_guarded(imports, name):
    """modules.prepare; a module that cannot be compiled fails later, in its fork."""
    try:
        return modules.prepare(imports, name)
    except Exception:
        return False


def reap():
    """Collect children that a module left unwaited."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except OSError:
        pass


def write_all(fd, data):
    """Write everything to a blocking descriptor; the executor ends when nobody reads."""
    at = 0
    while at < len(data):
        try:
            at += os.write(fd, data[at:at + channel.READ_SIZE])
        except OSError:
            os._exit(1)


def start(router, demoted):
    """Fork an executor from the router process. Returns (pid, read fd, write fd). Raises OSError."""
    down_read, down_write = channel.pipe()
    up_read, up_write = channel.pipe()
    pid = os.fork()
    if pid:
        channel.close(down_read)
        channel.close(up_write)
        return pid, up_read, down_write
    try:
        os.setsid()
        down_read, up_write = descriptors.lift(down_read), descriptors.lift(up_write)
        _close_others((down_read, up_write))
        # As Python itself starts: a closed pipe stays an error and is no death.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        executor = Executor(down_read, up_write, router.ctx, router.tmp, demoted)
        for name, entry in router.sources.items():
            if entry is not None:
                executor.imports.add(name, entry[0], entry[1], frames.native(entry[2]))
        executor.serve()
    except BaseException:
        write_all(up_write, frames.message(frames.LOG, 0, router.ctx, 0, [0, frames.text(traceback.format_exc())]))
    finally:
        os._exit(0)


def _close_others(keep):
    top = 256
    try:
        listed = [int(name) for name in os.listdir(leaks._FD_FOLDER)]
    except OSError:
        listed = range(3, top)
    for fd in listed:
        if fd > 2 and fd not in keep:
            channel.close(fd)
