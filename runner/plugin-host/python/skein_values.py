"""Values on their way between the two sides: what marshal has no form for travels as a marked tuple."""
import collections.abc
import datetime

MARK = "\0skein"
MAX_DEPTH = 200
MAX_KEPT = 10000

_EXACT = (type(None), bool, int, float, str, bytes)
_ROLLED = (collections.abc.Iterator, collections.abc.MappingView, range)


class Unsafe(object):
    """A value whose unsafe texts are to be told from others: text that is no template there is none here."""

    def __init__(self, value):
        self.value = value


class Values(object):

    def __init__(self, channel):
        self._keeps_unsafe = False
        self._channel = channel
        self._kept = collections.OrderedDict()
        self._last = 0

    def revive(self, value):
        """A value from the parent with its marked tuples made into what they stand for."""
        if type(value) is tuple:
            if len(value) == 3 and value[0] == MARK:
                return getattr(self, "_read_" + value[1])(self.revive(value[2]))
            return tuple(self.revive(item) for item in value)
        if type(value) is list:
            return [self.revive(item) for item in value]
        if type(value) is dict:
            return {self.revive(key): self.revive(item) for key, item in value.items()}
        if type(value) is set:
            return {self.revive(item) for item in value}
        return value

    def _read_unsafe(self, text):
        from ansible.utils.unsafe_proxy import wrap_var
        return wrap_var(text)

    def _read_undefined(self, facts):
        hint, strict = facts
        if strict:
            from ansible.template import AnsibleUndefined
            return AnsibleUndefined(hint=hint)
        from jinja2.runtime import Undefined
        return Undefined(hint=hint)

    def _read_datetime(self, parts):
        offset = parts[7]
        zone = None if offset is None else datetime.timezone(datetime.timedelta(minutes=offset))
        return datetime.datetime(*parts[:7], tzinfo=zone)

    def _read_date(self, parts):
        return datetime.date(*parts)

    def _read_delta(self, microseconds):
        return datetime.timedelta(microseconds=microseconds)

    def _read_kept(self, number):
        if number not in self._kept:
            raise ValueError("an object that a plugin made is no longer there")
        return self._kept[number]

    def _read_lazy(self, place):
        return LazyMapping(self._channel, *place)

    def plain(self, value, depth=0):
        """A value as marshal can write it. Raises ValueError when it is nested too deep."""
        kind = type(value)
        if kind in _EXACT:
            return value
        if depth > MAX_DEPTH:
            raise ValueError("the result is nested more than %d levels deep, or contains itself" % MAX_DEPTH)
        depth += 1
        if kind is list:
            return [self.plain(item, depth) for item in value]
        if kind is dict:
            return {self.plain(key, depth): self.plain(item, depth) for key, item in value.items()}
        if kind is tuple:
            return tuple(self.plain(item, depth) for item in value)
        if kind in (set, frozenset):
            return {self.plain(item, depth) for item in value}
        return self._subclass(value, depth)

    def _subclass(self, value, depth):
        from jinja2.runtime import StrictUndefined, Undefined
        if isinstance(value, Undefined):
            return (MARK, "undefined", (value._undefined_message, isinstance(value, StrictUndefined)))
        if isinstance(value, str):
            text = str.__str__(value)
            return (MARK, "unsafe", text) if self._keeps_unsafe and hasattr(value, "__UNSAFE__") else text
        if isinstance(value, Unsafe):
            self._keeps_unsafe = True
            try:
                return self.plain(value.value, depth)
            finally:
                self._keeps_unsafe = False
        if isinstance(value, bool):
            return bool(value)
        if isinstance(value, int):
            return int.__int__(value)
        if isinstance(value, float):
            return float.__float__(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        if isinstance(value, collections.abc.Mapping):
            return {self.plain(key, depth): self.plain(value[key], depth) for key in value}
        if isinstance(value, tuple):
            return tuple(self.plain(item, depth) for item in value)
        if isinstance(value, list):
            return [self.plain(item, depth) for item in value]
        if isinstance(value, collections.abc.Set) and not isinstance(value, collections.abc.MappingView):
            return {self.plain(item, depth) for item in value}
        if isinstance(value, _ROLLED):
            return [self.plain(item, depth) for item in value]
        if isinstance(value, datetime.datetime):
            offset = value.utcoffset()
            east = None if offset is None else offset // datetime.timedelta(minutes=1)
            return (MARK, "datetime", (value.year, value.month, value.day, value.hour, value.minute, value.second,
                                       value.microsecond, east))
        if isinstance(value, datetime.date):
            return (MARK, "date", (value.year, value.month, value.day))
        if isinstance(value, datetime.timedelta):
            return (MARK, "delta", value // datetime.timedelta(microseconds=1))
        return (MARK, "kept", self._keep(value))

    def _keep(self, value):
        """Anything else stays here; the parent gets its number and its looks."""
        self._last += 1
        self._kept[self._last] = value
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return (self._last, type(value).__name__, str(value), repr(value))


class LazyMapping(collections.abc.Mapping):
    """A mapping of the parent's (hostvars): what is in it is asked for when it is read."""

    # What is in it has been templated: Ansible's templates leave it alone.
    __UNSAFE__ = True

    def __init__(self, channel, frame, index):
        self._channel = channel
        self._place = (frame, index)
        self._known = {}

    def __getitem__(self, key):
        if key not in self._known:
            found = self._channel.ask("get", self._place[0], self._place[1], key)
            if found is None:
                raise KeyError(key)
            self._known[key] = found[0]
        return self._known[key]

    def __iter__(self):
        return iter(self._channel.ask("keys", *self._place))

    def __len__(self):
        return len(self._channel.ask("keys", *self._place))

    def __deepcopy__(self, memo):
        return self


class LazyVariables(dict):
    """All variables of a task as the dict that plugins get; its values are asked for when they are read."""

    def __init__(self, channel, frame, own=None, gone=None, index=0):
        dict.__init__(self)
        self._channel = channel
        self._frame = frame
        self._index = index
        self._own = {} if own is None else own
        self._gone = set() if gone is None else gone

    def __getitem__(self, key):
        if key in self._gone:
            raise KeyError(key)
        if key not in self._own:
            found = self._channel.ask("get", self._frame, self._index, key)
            if found is None:
                raise KeyError(key)
            value, final = found
            if final:
                from ansible.utils.unsafe_proxy import wrap_var
                value = value if isinstance(value, LazyMapping) else wrap_var(value)
            self._own[key] = value
        return self._own[key]

    def __contains__(self, key):
        if key in self._own:
            return True
        if key in self._gone or not isinstance(key, str):
            return False
        return self._channel.ask("has", self._frame, self._index, key)

    def __setitem__(self, key, value):
        self._gone.discard(key)
        self._own[key] = value

    def __delitem__(self, key):
        if key not in self:
            raise KeyError(key)
        self._own.pop(key, None)
        self._gone.add(key)

    def __iter__(self):
        names = dict.fromkeys(self._channel.ask("keys", self._frame, self._index))
        names.update(self._own)
        return iter([name for name in names if name not in self._gone])

    def __len__(self):
        return len(list(iter(self)))

    def __bool__(self):
        return True

    def get(self, key, default=None):
        try:
            return self[key]
        except KeyError:
            return default

    def keys(self):
        return collections.abc.KeysView(self)

    def values(self):
        return collections.abc.ValuesView(self)

    def items(self):
        return collections.abc.ItemsView(self)

    def copy(self):
        return type(self)(self._channel, self._frame, dict(self._own), set(self._gone), self._index)

    __copy__ = copy

    def __deepcopy__(self, memo):
        return self.copy()

    def update(self, *others, **named):
        for key, value in dict(*others, **named).items():
            self[key] = value

    def setdefault(self, key, default=None):
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key, *default):
        try:
            value = self[key]
        except KeyError:
            if default:
                return default[0]
            raise
        del self[key]
        return value

    def __or__(self, other):
        mixed = self.copy()
        mixed.update(other)
        return mixed

    def __eq__(self, other):
        return self is other

    __hash__ = None
