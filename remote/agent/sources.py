"""The router process's store of sources: what the controller sent, asked for upward once when it is not here."""
from agent import frames


class Sources(object):
    """Keeps SOURCES and SOURCE messages in `router.sources`; `on_news(value)` is called for each of the former."""

    on_news = None

    def __init__(self, router):
        self._router = router
        self._asking = {}
        router.on(frames.SOURCES, self._on_sources)
        router.on(frames.SOURCE, self._on_source)
        router.ask_source = self.ask

    def ask(self, name, reply):
        """Call `reply([name, is package, source or None, path])`, from RAM or after asking upward once."""
        if name in self._router.sources:
            entry = self._router.sources[name]
            reply([name, 0, None, u""] if entry is None else [name] + list(entry))
        elif name in self._asking:
            self._asking[name].append(reply)
        else:
            self._asking[name] = [reply]
            self._router.answer(frames.SOURCE_MISSING, 0, [name])

    def _on_sources(self, _, value):
        for name, is_package, source, path in value["modules"]:
            self._router.sources[name] = (is_package, source, path)
        if self.on_news is not None:
            self.on_news(value)

    def _on_source(self, _, value):
        name, is_package, source, path = value
        self._router.sources[name] = None if source is None else (is_package, source, path)
        for reply in self._asking.pop(name, ()):
            reply(value)
