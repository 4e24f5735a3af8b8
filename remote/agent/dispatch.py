"""Message type -> handler, with the one place where a handler's errors become messages."""
from agent import frames


class Dispatcher(object):
    """Joins and decodes the messages that are for this context and calls `handler(ident, value)`."""

    def __init__(self, log, limit=frames.MAX_DOWN):
        self._log = log
        self._handlers = {}
        self._joiner = frames.Joiner(limit)

    def on(self, kind, handler):
        """Register a handler of a message type; several are called in turn."""
        self._handlers.setdefault(kind, []).append(handler)

    def handle(self, got):
        """Handle one frame. Raises FrameError when the peer broke the protocol."""
        kind, ident = got[0], got[4]
        handlers = self._handlers.get(kind)
        if handlers is None:
            raise frames.FrameError("message of type %d is not one that goes down" % kind)
        payload = self._joiner.join(got)
        if payload is None:
            return
        value = frames.unpack(payload) if payload else None
        try:
            for handler in handlers:
                handler(ident, value)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            # Imported here: it costs milliseconds that a start should not pay.
            import traceback
            self._log(0, "message of type %d was not understood: %s" % (kind, traceback.format_exc()))
