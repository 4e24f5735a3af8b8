"""Requests and answers over two pipes: a length, a flag, and the value in the form of Python's marshal, version 2.

Both sides are single-threaded and take turns: whoever waits for an answer serves what it is asked in the meantime.
"""
import marshal
import os
import signal
import struct
import traceback

import skein_values

HEADER = struct.Struct("<IB")
MAX_MESSAGE = 256 << 20


class Asked(Exception):
    """What the parent answered when a variable that was asked for could not be had."""


class Channel(object):

    def __init__(self, requests, answers):
        self._in = os.fdopen(requests, "rb", buffering=1 << 16)
        self._out = answers
        self._handlers = {}
        self._timeout = 0.0
        self.tagged = skein_values.Values(self)
        for number in (requests, answers):
            os.set_inheritable(number, False)
        # A plugin's child that lives on must not keep the parent waiting for the end of the stream.
        os.register_at_fork(after_in_child=self._forget)

    def serve(self, handlers):
        """Answer requests until the parent closes its end."""
        self._handlers = handlers
        while True:
            signal.setitimer(signal.ITIMER_REAL, 0)
            request = self._receive()
            if request is None:
                return
            self._answer(request)

    def limit(self, seconds):
        """From now on a request may take this long; 0 is for ever."""
        self._timeout = seconds

    def ask(self, *question):
        """Ask the parent something in the middle of a request; serves what it asks in turn."""
        left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        self._send(question)
        while True:
            message = self._receive()
            if message is None:
                os._exit(0)
            if message[0] == "value":
                signal.setitimer(signal.ITIMER_REAL, left)
                return message[1]
            if message[0] == "raise":
                signal.setitimer(signal.ITIMER_REAL, left)
                raise self._handlers["undefined"](message[2]) if message[1] else Asked(message[2])
            self._answer(message)

    def tell(self, *message):
        """Say something that has no answer."""
        self._send(message)

    def _answer(self, request):
        signal.setitimer(signal.ITIMER_REAL, self._timeout)
        try:
            try:
                answer = ("ok", self._handlers[request[0]](*request[1:]))
                data = self._pack(answer)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            data = self._pack(("error", self._describe(error)))
        self._write(data)

    def _describe(self, error):
        describe = self._handlers["describe"]
        try:
            facts = describe(error)
        except Exception:
            facts = {"kind": "runtime", "message": repr(error)}
        facts["class"] = str(type(error))
        facts["traceback"] = traceback.format_exc()
        return facts

    def _pack(self, message):
        try:
            flag, data = 0, marshal.dumps(message, 2)
        except ValueError:
            # Somewhere in it is what marshal has no form for.
            flag, data = 1, marshal.dumps(self.tagged.plain(message), 2)
        if len(data) > MAX_MESSAGE:
            raise ValueError("the result has %d bytes; the limit is %d" % (len(data), MAX_MESSAGE))
        return HEADER.pack(len(data), flag) + data

    def _send(self, message):
        self._write(self._pack(message))

    def _write(self, data):
        view = memoryview(data)
        while len(view):
            view = view[os.write(self._out, view):]

    def _receive(self):
        head = self._in.read(HEADER.size)
        if len(head) < HEADER.size:
            return None
        size, flag = HEADER.unpack(head)
        data = self._in.read(size)
        if len(data) < size:
            return None
        message = marshal.loads(data)
        return self.tagged.revive(message) if flag else message

    def _forget(self):
        os.close(self._out)
        os.close(self._in.fileno())
