"""The router process's side of the executor: its queue of calls, deadlines, and a new one when it dies."""
import os
import time

from agent import channel, frames
from agent.main import CONTROLLER, clock

RAN, LOST, TIMEOUT, CANCELLED, NOT_RUN, AGENT_ERROR = range(6)
KILL_GRACE = 1.0
DEATH_POLL = 0.5


class Batch(object):
    """One CALL message: which of its calls come next, and why it was killed if it was."""

    def __init__(self, ident, value):
        self.ident = ident
        self.value = value
        self.calls = value["calls"]
        self.next = 0
        self.started = 0.0
        self.killed = None


class Calls(object):
    """Runs CALL messages one after the other in an executor that `start` forks when it is needed.

    `start(router, demoted)` returns (pid, read fd, write fd). What the executor prints as RESULT goes up unread.
    """

    def __init__(self, router, start):
        self._router = router
        self._start = start
        self._queue = []
        self._batch = None
        self._demoted = set()
        self._tainted = False
        self._retired = []
        self._pid = None
        self._channel = None
        self._pieces = []
        self._deadline = None
        self._alive = None
        self._silent = 0.0
        router.at_end(self._on_end)

    # --- messages from the controller

    def on_call(self, ident, value):
        """Run a batch when those before it are through."""
        if not isinstance(value.get("calls"), list) or not value["calls"]:
            self._result(ident, 0, AGENT_ERROR, 0, u"CALL without calls", frames.LAST)
            return
        self._queue.append(Batch(ident, value))
        self._pump()

    def on_cancel(self, ident):
        """Kill a running batch, forget a waiting one; it is answered in either case."""
        if self._batch is not None and self._batch.ident == ident:
            self._kill(CANCELLED)
            return
        for batch in [one for one in self._queue if one.ident == ident]:
            self._queue.remove(batch)
            self._finish(batch, CANCELLED)

    def on_sources(self, value):
        """Tell a running executor; a new one is started with all that the router has."""
        if self._channel is not None:
            self._tell(frames.SOURCES, 0, value)

    # --- the executor

    def _pump(self):
        if self._batch is None and self._queue:
            self._batch = self._queue.pop(0)
            self._hand_over()

    def _hand_over(self):
        batch = self._batch
        if self._channel is not None and _has_ended(self._pid):
            # It died while it had nothing to do: no call is lost by that.
            self._drop()
        if self._channel is None:
            try:
                self._pid, read_fd, write_fd = self._start(self._router, self._demoted)
            except OSError as error:
                self._batch = None
                self._finish(batch, AGENT_ERROR, u"cannot start an executor: %s" % frames.text(str(error)))
                self._pump()
                return
            self._tainted = False
            self._retired = [pid for pid in self._retired if not _has_ended(pid)]
            self._channel = channel.Channel(read_fd, write_fd)
            self._router.watch(read_fd, self._read)
            self._router.watch_writer(self, self._channel)
        batch.killed = None
        self._tell(frames.RUN, batch.ident, [batch.next, batch.value])
        self._begin_call()

    def _tell(self, kind, ident, value):
        # Failure shows as the executor's death at the next read.
        self._channel.send(frames.message(kind, self._router.ctx, CONTROLLER, ident, value))
        self._channel.flush()

    def _begin_call(self):
        batch = self._batch
        batch.started = clock()
        limit = batch.calls[batch.next].get("t") or 0
        self._router.cancel_timer(self._deadline)
        if limit:
            self._deadline = self._router.at(batch.started + limit, lambda: self._kill(TIMEOUT))
        if self._alive is None:
            self._alive = self._router.at(batch.started + DEATH_POLL, self._check_alive)

    def _check_alive(self):
        # A fork that a module left behind may hold the pipe open, so that the end of the stream alone does not tell.
        self._alive = None
        if self._pid is None or self._batch is None:
            return
        try:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
        except OSError:
            pid, status = self._pid, None
        if pid:
            if not self._channel.closed:
                self._read(status)
            if self._pid == pid:
                self._on_death(status)
        else:
            pause = DEATH_POLL
            if self._channel.closed:
                # Its stream has ended, so its own end is near; or a module closed the stream and runs on.
                pause = min(DEATH_POLL, (clock() - self._silent) / 4 + 0.001)
            self._alive = self._router.at(clock() + pause, self._check_alive)

    def _on_silence(self):
        """The executor's stream has ended."""
        if self._batch is None:
            self._on_death(None)
            return
        self._silent = clock()
        self._router.watch(self._channel.read_fd, None)
        self._router.watch_writer(self, None)
        # An executor that still reads sees the end of its own stream, too.
        self._channel.close()
        self._router.cancel_timer(self._alive)
        self._check_alive()

    def _read(self, status=None):
        owner = self._channel
        try:
            got = owner.read()
            for one in got or ():
                if owner is self._channel:
                    self._take(one)
        except (LookupError, TypeError, ValueError):
            # Modules run in that process: what comes from it may have any shape.
            if owner is self._channel:
                self._on_death(status)
            return
        if got is None and owner is self._channel:
            if status is None:
                self._on_silence()
            else:
                self._on_death(status)

    def _take(self, got):
        kind, flags, _, _, _, payload = got
        if kind == frames.RESULT and self._batch is not None:
            ident = self._batch.ident
            self._pieces.append(frames.frame(kind, CONTROLLER, self._router.ctx, ident, payload, flags))
            # Pieces wait for their last one: if the executor dies between two, the call is answered anew.
            if not flags & frames.MORE:
                self._result_came()
        elif kind == frames.SOURCE_MISSING:
            name = frames.unpack(payload)[0]
            owner = self._channel
            self._router.ask_source(name, lambda value: self._pass_source(owner, value))
        elif kind == frames.RENEW and self._batch is not None:
            self._retired.append(self._drop())
            self._hand_over()
        elif kind == frames.DEMOTE:
            self._demoted.update(frames.unpack(payload))
            self._tainted = True
        elif kind == frames.LOG:
            self._router.log(*frames.unpack(payload))

    def _pass_source(self, owner, value):
        if owner is self._channel and owner is not None:
            self._tell(frames.SOURCE, 0, value)

    def _result_came(self):
        data = b"".join(self._pieces)
        self._pieces = []
        batch = self._batch
        batch.next += 1
        last = batch.next == len(batch.calls)
        if last:
            self._batch = None
            self._router.cancel_timer(self._deadline)
        self._router.send_up(data, wait=not last or bool(self._queue))
        if last and self._tainted:
            # What a run left behind and cannot be undone ends with its process, once the batch is through.
            self._retired.append(self._drop())
        if last:
            self._pump()
        else:
            self._begin_call()

    def _kill(self, outcome):
        if self._batch is None or self._pid is None:
            return
        self._batch.killed = outcome
        self._stop_processes()
        self._on_death(None)

    def _stop_processes(self):
        from agent import processes
        age = clock() - self._batch.started if self._batch is not None else 0
        victims = processes.started_by(self._pid, age)
        processes.kill(self._pid, victims)
        self._router.at(clock() + KILL_GRACE, lambda: processes.kill_rest(victims))

    def _drop(self):
        self._router.watch(self._channel.read_fd, None)
        self._router.watch_writer(self, None)
        self._router.cancel_timer(self._deadline)
        self._channel.close()
        self._channel = None
        self._pieces = []
        pid, self._pid = self._pid, None
        return pid

    def _on_death(self, status):
        if self._batch is not None and self._batch.killed is None and self._take_unsent(self._pid):
            return
        pid = self._drop()
        if status is None:
            status = _wait(pid)
        batch = self._batch
        if batch is None:
            return
        code = -1 if status is None else -(status & 127) if status & 127 else status >> 8
        ended = u"was killed by signal %d" % -code if code < 0 else u"ended with status %d" % code
        if batch.killed is None:
            outcome, words = LOST, u"the process that ran the module %s" % ended
            # What ends its process once will do so again: next time it gets a process of its own.
            self._demote(batch.calls[batch.next].get("m"))
        elif batch.killed == TIMEOUT:
            outcome, words = TIMEOUT, u"not finished within %g seconds" % batch.calls[batch.next].get("t", 0)
        else:
            outcome, words = CANCELLED, u"cancelled"
        more = batch.next + 1 < len(batch.calls)
        self._result(batch.ident, batch.next, outcome, code, words, 0 if more else frames.LAST)
        batch.next += 1
        if more and outcome == CANCELLED:
            self._finish(batch, CANCELLED)
        elif more and batch.value.get("stop"):
            self._finish(batch, NOT_RUN)
        elif more:
            self._hand_over()
            return
        self._batch = None
        self._pump()

    def _take_unsent(self, pid):
        """Take what an executor left in a file because a module had closed its streams. False when there is none."""
        path = self._router.tmp and os.path.join(self._router.tmp, "unsent-%d" % pid)
        if not path or not os.path.exists(path):
            return False
        try:
            with open(path, "rb") as source:
                got = frames.Decoder().feed(source.read())
            os.unlink(path)
            self._pieces = []
            # It ends with the last result of the batch or with RENEW: what follows has another executor.
            for one in got:
                self._take(one)
        except (IOError, OSError, LookupError, TypeError, ValueError):
            # Not what an executor writes; the call is lost as if there were no file.
            pass
        return self._pid != pid

    def _demote(self, name):
        if name:
            self._demoted.add(name)

    # --- answers

    def _finish(self, batch, outcome, words=u""):
        while batch.next < len(batch.calls):
            last = batch.next + 1 == len(batch.calls)
            self._result(batch.ident, batch.next, outcome, 0, words, frames.LAST if last else 0)
            batch.next += 1

    def _result(self, ident, index, outcome, code, words, flags):
        value = [index, outcome, code, b"", words.encode("utf-8"), {}]
        self._router.answer(frames.RESULT, ident, value, flags)

    def _on_end(self):
        if self._pid is None:
            return
        if self._batch is None:
            # An idle executor ends by itself at the end of its stream.
            self._channel.close()
            return
        from agent import processes
        victims = processes.started_by(self._pid, clock() - self._batch.started)
        processes.kill(self._pid, victims)
        _wait(self._pid)
        processes.kill_all_in(victims, KILL_GRACE)


def _has_ended(pid):
    try:
        return os.waitpid(pid, os.WNOHANG)[0] != 0
    except OSError:
        return True


def _wait(pid):
    """The exit status of a process that is ending; one that only closed its stream is killed."""
    try:
        for _ in range(100):
            got, status = os.waitpid(pid, os.WNOHANG)
            if got:
                return status
            time.sleep(0.002)
        os.kill(pid, 9)
        return os.waitpid(pid, 0)[1]
    except OSError:
        return None
