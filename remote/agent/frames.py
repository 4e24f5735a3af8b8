"""Frames and their msgpack payloads: the twin of router/frame/layout.ts.

router/PROTOCOL.md is normative; router/frame/vectors.json holds bytes that both sides are tested with.
"""
import struct
import sys
import zlib

PY3 = sys.version_info[0] >= 3

MAGIC = 0x5E1A
HEADER = struct.Struct(">HBBIHHI")
HEADER_SIZE = 16

DEFLATE = 1
MORE = 2
LAST = 4

CONFIG = 1
HELLO = 2
SPAWN = 3
ROUTE_REMOVED = 4
SOURCES = 5
SOURCE_MISSING = 6
SOURCE = 7
CALL = 8
RESULT = 9
CANCEL = 10
LOG = 11
FILE_CHUNK = 12
FILE_CREDIT = 13
FILE_DONE = 14
PING = 15
PONG = 16
BYE = 17
EXEC_OUTPUT = 18
# Between a router process and its own executor only, never on a wire.
RUN = 64
DEMOTE = 65
RENEW = 66

PIECE = 1 << 20
MAX_PAYLOAD = 4 << 20
MAX_UP = 256 << 20
MAX_DOWN = 64 << 20
MAX_DEPTH = 32
MAX_LENGTH = 1000000
MAX_PARTIAL = 64

if PY3:
    TEXT = str
    INTEGERS = int
else:
    TEXT = unicode  # noqa: F821
    INTEGERS = (int, long)  # noqa: F821


class FrameError(ValueError):
    """What a peer wrote is not the protocol; the stream it came on is of no more use."""


def text(value):
    """Any native string as text that can be encoded (undecodable bytes are replaced)."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if PY3:
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return value


def native(value):
    """Text from the wire as the native string for paths and environments of this interpreter."""
    if PY3 or isinstance(value, bytes):
        return value
    return value.encode("utf-8")


def frame(kind, dst, src, ident, payload, flags=0):
    """One frame as bytes."""
    return HEADER.pack(MAGIC, kind, flags, len(payload), dst, src, ident) + payload


def message(kind, dst, src, ident, value, flags=0):
    """A message as bytes: its frames, cut at 1 MiB."""
    payload = pack(value)
    size = len(payload)
    if size <= PIECE:
        return frame(kind, dst, src, ident, payload, flags)
    parts = []
    for start in range(0, size, PIECE):
        more = MORE if start + PIECE < size else 0
        parts.append(frame(kind, dst, src, ident, payload[start:start + PIECE], flags | more))
    return b"".join(parts)


class Decoder(object):
    """Bytes in any cut to frames (kind, flags, dst, src, ident, payload); keeps the remainder."""

    def __init__(self):
        self._chunks = []
        self._have = 0
        self._need = HEADER_SIZE

    def feed(self, data):
        """Return the frames that `data` completes. Raises FrameError."""
        self._have += len(data)
        if self._have < self._need:
            # A large payload comes in many reads: joining once keeps this linear.
            self._chunks.append(data)
            return []
        if self._chunks:
            self._chunks.append(data)
            data = b"".join(self._chunks)
        frames = []
        at = 0
        end = len(data)
        need = HEADER_SIZE
        while end - at >= HEADER_SIZE:
            magic, kind, flags, size, dst, src, ident = HEADER.unpack_from(data, at)
            if magic != MAGIC:
                raise FrameError("no frame starts here (magic %04x): something else wrote on this stream" % magic)
            if size > MAX_PAYLOAD:
                raise FrameError("frame of %d bytes; the limit is %d" % (size, MAX_PAYLOAD))
            stop = at + HEADER_SIZE + size
            if stop > end:
                need = HEADER_SIZE + size
                break
            frames.append((kind, flags, dst, src, ident, data[at + HEADER_SIZE:stop]))
            at = stop
        rest = data[at:] if at else data
        self._chunks = [rest] if rest else []
        self._have = len(rest)
        self._need = need
        return frames


class Joiner(object):
    """Joins the pieces of long messages and inflates; `limit` is for one joined message."""

    def __init__(self, limit):
        self._limit = limit
        self._partial = {}
        self._size = 0

    def join(self, got):
        """Return the whole payload, or None while pieces are outstanding. Raises FrameError."""
        kind, flags, _, src, ident, payload = got
        if flags & DEFLATE:
            payload = inflate(payload)
        key = (kind, src, ident)
        parts = self._partial.get(key)
        if parts is None:
            if not flags & MORE:
                return payload
            if len(self._partial) >= MAX_PARTIAL:
                raise FrameError("more than %d messages in pieces" % MAX_PARTIAL)
            parts = self._partial[key] = []
        parts.append(payload)
        self._size += len(payload)
        if self._size > self._limit:
            raise FrameError("messages of more than %d bytes" % self._limit)
        if flags & MORE:
            return None
        del self._partial[key]
        whole = b"".join(parts)
        self._size -= len(whole)
        return whole


def inflate(payload):
    """The content of a DEFLATE payload. Raises FrameError unless exactly what was announced comes out."""
    if len(payload) < 4:
        raise FrameError("compressed payload without a length")
    size = struct.unpack_from(">I", payload)[0]
    if size > MAX_PAYLOAD:
        raise FrameError("frame of %d bytes; the limit is %d" % (size, MAX_PAYLOAD))
    machine = zlib.decompressobj(-15)
    try:
        out = machine.decompress(payload[4:], size + 1)
    except zlib.error as error:
        raise FrameError("compressed payload is damaged: %s" % error)
    # Python 2 has no `eof`; there, what it can tell is what was left over.
    ended = getattr(machine, "eof", not machine.unconsumed_tail)
    if len(out) != size or machine.unused_data or not ended:
        raise FrameError("compressed payload does not have the length it announces")
    return out


def pack(value):
    """The msgpack bytes of a value, in the shortest form. Raises FrameError for other types."""
    out = []
    _pack(value, out.append)
    return b"".join(out)


def _pack(value, put):
    if value is None:
        put(b"\xc0")
    elif value is True:
        put(b"\xc3")
    elif value is False:
        put(b"\xc2")
    elif isinstance(value, (bytes, bytearray)):
        put(_head(len(value), 0, 0, 0xC4))
        put(bytes(value))
    elif isinstance(value, TEXT):
        data = value.encode("utf-8")
        put(_head(len(data), 0xA0, 32, 0xD9))
        put(data)
    elif isinstance(value, INTEGERS):
        _pack_int(value, put)
    elif isinstance(value, float):
        put(struct.pack(">Bd", 0xCB, value))
    elif isinstance(value, (list, tuple)):
        put(_head(len(value), 0x90, 16, 0xDB))
        for item in value:
            _pack(item, put)
    elif isinstance(value, dict):
        put(_head(len(value), 0x80, 16, 0xDD))
        for key in value:
            _pack(key, put)
            _pack(value[key], put)
    else:
        raise FrameError("cannot send a %s" % type(value).__name__)


def _head(size, short, limit, code):
    """The code and length of a sized value: `short` below `limit`; `code` is the one of a length in 8 bits.

    Lists and maps have no such form: theirs is the code before their first one, and never used.
    """
    if size < limit:
        return struct.pack(">B", short | size)
    if size < 256 and code < 0xDB:
        return struct.pack(">BB", code, size)
    if size < 65536:
        return struct.pack(">BH", code + 1, size)
    return struct.pack(">BI", code + 2, size)


def _pack_int(value, put):
    if value >= 0:
        if value < 128:
            put(struct.pack(">B", value))
        elif value < 1 << 8:
            put(struct.pack(">BB", 0xCC, value))
        elif value < 1 << 16:
            put(struct.pack(">BH", 0xCD, value))
        elif value < 1 << 32:
            put(struct.pack(">BI", 0xCE, value))
        elif value < 1 << 64:
            put(struct.pack(">BQ", 0xCF, value))
        else:
            raise FrameError("integer too large to send")
    elif value >= -32:
        put(struct.pack(">b", value))
    elif value >= -(1 << 7):
        put(struct.pack(">Bb", 0xD0, value))
    elif value >= -(1 << 15):
        put(struct.pack(">Bh", 0xD1, value))
    elif value >= -(1 << 31):
        put(struct.pack(">Bi", 0xD2, value))
    elif value >= -(1 << 63):
        put(struct.pack(">Bq", 0xD3, value))
    else:
        raise FrameError("integer too small to send")


def unpack(data):
    """The one value in `data`. Raises FrameError for anything that is not exactly one bounded value."""
    try:
        value, at = _unpack(data, 0, 0)
    except (struct.error, IndexError):
        raise FrameError("payload ends in the middle of a value")
    except UnicodeDecodeError:
        raise FrameError("payload holds text that is not UTF-8")
    if at != len(data):
        raise FrameError("payload has bytes behind its value")
    return value


# code -> (format of what follows, its size)
_NUMBERS = dict((code, struct.Struct(">" + form)) for code, form in (
    (0xCA, "f"), (0xCB, "d"), (0xCC, "B"), (0xCD, "H"), (0xCE, "I"), (0xCF, "Q"),
    (0xD0, "b"), (0xD1, "h"), (0xD2, "i"), (0xD3, "q")))
# code -> (kind, format of the length)
_SIZED = dict((code, (kind, struct.Struct(">" + form))) for code, kind, form in (
    (0xC4, "bin", "B"), (0xC5, "bin", "H"), (0xC6, "bin", "I"),
    (0xD9, "str", "B"), (0xDA, "str", "H"), (0xDB, "str", "I"),
    (0xDC, "list", "H"), (0xDD, "list", "I"), (0xDE, "map", "H"), (0xDF, "map", "I")))
_FIXED = {0xC0: None, 0xC2: False, 0xC3: True}


def _unpack(data, at, depth):
    code = ord(data[at:at + 1] or _short())
    at += 1
    if code < 0x80:
        return code, at
    if code >= 0xE0:
        return code - 256, at
    if code < 0x90:
        kind, size = "map", code & 15
    elif code < 0xA0:
        kind, size = "list", code & 15
    elif code < 0xC0:
        kind, size = "str", code & 31
    elif code in _FIXED:
        return _FIXED[code], at
    elif code in _NUMBERS:
        form = _NUMBERS[code]
        return form.unpack_from(data, at)[0], at + form.size
    elif code in _SIZED:
        kind, form = _SIZED[code]
        size = form.unpack_from(data, at)[0]
        at += form.size
    else:
        raise FrameError("payload holds a msgpack type (0x%02x) that this protocol does not use" % code)
    if kind in ("bin", "str"):
        stop = at + size
        if stop > len(data):
            _short()
        piece = data[at:stop]
        return (piece if kind == "bin" else piece.decode("utf-8")), stop
    if size > MAX_LENGTH:
        raise FrameError("payload holds a collection of %d; the limit is %d" % (size, MAX_LENGTH))
    depth += 1
    if depth > MAX_DEPTH:
        raise FrameError("payload is nested more than %d deep" % MAX_DEPTH)
    if kind == "list":
        items = []
        for _ in range(size):
            item, at = _unpack(data, at, depth)
            items.append(item)
        return items, at
    table = {}
    for _ in range(size):
        key, at = _unpack(data, at, depth)
        if isinstance(key, (list, dict)):
            raise FrameError("payload has a map whose key is a collection")
        table[key], at = _unpack(data, at, depth)
    return table, at


def _short():
    raise FrameError("payload ends in the middle of a value")
