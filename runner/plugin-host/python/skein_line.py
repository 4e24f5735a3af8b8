"""The line between the process of one action plugin and the parent: questions go up, each with a number, answers come
down."""
import os
import queue
import signal
import threading

import skein_channel


class Line(skein_channel.Channel):
    """A channel of whose ends only this one asks. A thread of its own listens, so that the end of the line is heard
    whatever the plugin does: it is the end of the process, and of what the plugin has started."""

    def __init__(self, connection):
        number = connection.detach()
        skein_channel.Channel.__init__(self, os.dup(number), number)
        # Again within itself: what is asked may hold a dict that is read while it is written.
        self._asking = threading.RLock()
        self._writing = threading.Lock()
        self._requests = queue.SimpleQueue()
        self._answers = queue.SimpleQueue()
        self._last = 0
        self._is_over = False

    def first(self):
        """What the plugin is to do; None when the parent has changed its mind."""
        message = self._receive()
        if message is not None:
            threading.Thread(target=self._hear, daemon=True).start()
        return None if message is None else message[0]

    def next(self):
        """What it is to do after that."""
        return self._requests.get()

    def ask(self, *question):
        with self._asking:
            self._last += 1
            asked = self._last
            self._send((asked,) + question)
            while True:
                number, kind, *rest = self._answers.get()
                # A plugin's own alarm may have thrown in the middle of an earlier question.
                if number == asked:
                    break
        if kind == "value":
            return rest[0]
        raise _error(*rest)

    def tell(self, *message):
        self._send((0,) + message)

    def finish(self, *message):
        """Say how it ended. What the plugin left running is its own affair."""
        self._is_over = True
        self.report(*message)

    def report(self, *message):
        """Say how it went. More is to come."""
        try:
            data = self._pack((0,) + message)
        except Exception as error:
            data = self._pack((0, "error", str(error), None))
        self._write(data)

    def _write(self, data):
        with self._writing:
            skein_channel.Channel._write(self, data)

    def _hear(self):
        while True:
            try:
                message = self._receive()
            except Exception:
                message = None
            if message is None:
                if not self._is_over:
                    os.killpg(0, signal.SIGKILL)
                return
            if isinstance(message[0], dict):
                self._requests.put(message[0])
            else:
                self._answers.put(message)


def _error(kind, text):
    from ansible import errors
    if kind == "unreachable":
        return errors.AnsibleConnectionFailure(text)
    if kind == "undefined":
        return errors.AnsibleUndefinedVariable(text)
    return errors.AnsibleError(text)
