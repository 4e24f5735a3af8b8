import json
import os
import random
import struct
import zlib

import pytest

import driver  # noqa: F401 - sets the path
from agent import frames

VECTORS = os.path.join(driver.ROOT, "router", "frame", "vectors.json")


def load_vectors():
    if not os.path.exists(VECTORS):
        return None
    with open(VECTORS) as source:
        rows = json.load(source)
    return rows if isinstance(rows, list) else rows["frames"] + rows.get("invalid", rows.get("mustFail", []))


ROWS = load_vectors()


def revive(value):
    """JSON to what the wire carries: {"$bin": hex} is bytes."""
    if isinstance(value, dict):
        if set(value) == set(["$bin"]):
            return bytes(bytearray.fromhex(value["$bin"]))
        return dict((key, revive(value[key])) for key in value)
    return [revive(one) for one in value] if isinstance(value, list) else value


def take(data):
    """Decode as a receiver does: frames, pieces, payload."""
    decoder = frames.Decoder()
    joiner = frames.Joiner(frames.MAX_UP)
    out = []
    for got in decoder.feed(data):
        payload = joiner.join(got)
        if payload is not None:
            out.append((got, frames.unpack(payload) if payload else None))
    return out


@pytest.mark.skipif(ROWS is None, reason="router/frame/vectors.json is not there yet")
def test_agrees_with_the_shared_vectors():
    valid = [row for row in ROWS if "error" not in row]
    assert len(valid) >= 10
    for row in valid:
        data = bytes(bytearray.fromhex(row["hex"]))
        out = take(data)
        assert len(out) == 1, row["name"]
        (kind, flags, dst, src, ident, _), value = out[0]
        assert (kind, flags, dst, src, ident) == (
            row["type"], row["flags"], row["dst"], row["src"], row["id"]), row["name"]
        assert value == revive(row["payload"]), row["name"]
        if not flags & (frames.DEFLATE | frames.MORE):
            again = frames.message(kind, dst, src, ident, value, flags)
            assert len(again) == len(data), row["name"]
            if not contains_map(value):
                assert again == data, row["name"]


def contains_map(value):
    # The order of a map's keys is the sender's choice on old Pythons.
    if isinstance(value, dict):
        return True
    return isinstance(value, list) and any(contains_map(one) for one in value)


@pytest.mark.skipif(ROWS is None, reason="router/frame/vectors.json is not there yet")
def test_refuses_what_the_shared_vectors_say_must_fail():
    broken = [row for row in ROWS if "error" in row]
    assert broken
    for row in broken:
        with pytest.raises(frames.FrameError):
            assert take(bytes(bytearray.fromhex(row["hex"]))), "nothing decoded"
            pytest.fail("%s was accepted" % row["name"])


VALUES = [
    (None, "c0"), (True, "c3"), (False, "c2"), (0, "00"), (127, "7f"), (128, "cc80"), (255, "ccff"), (256, "cd0100"),
    (65535, "cdffff"), (65536, "ce00010000"), (2 ** 32 - 1, "ceffffffff"), (2 ** 32, "cf0000000100000000"),
    (2 ** 64 - 1, "cfffffffffffffffff"), (-1, "ff"), (-32, "e0"), (-33, "d0df"), (-128, "d080"), (-129, "d1ff7f"),
    (-32768, "d18000"), (-32769, "d2ffff7fff"), (-2 ** 31, "d280000000"), (-2 ** 31 - 1, "d3ffffffff7fffffff"),
    (-2 ** 63, "d38000000000000000"), (0.5, "cb3fe0000000000000"), (u"", "a0"), (u"a" * 31, "bf" + "61" * 31),
    (u"a" * 32, "d920" + "61" * 32), (u"\u00e9\U0001f600", "a6c3a9f09f9880"), (b"", "c400"), (b"\x00\xff", "c40200ff"),
    (b"x" * 256, "c50100" + "78" * 256), ([], "90"), ([1, [2]], "92019102"), (list(range(16)), "dc0010" + "".join(
        "%02x" % one for one in range(16))), ({}, "80"), ({u"a": 1}, "81a16101"),
]


@pytest.mark.parametrize("value,hexed", VALUES, ids=[row[1][:24] for row in VALUES])
def test_packs_values_in_their_shortest_form_and_back(value, hexed):
    data = bytes(bytearray.fromhex(hexed))
    assert frames.pack(value) == data
    back = frames.unpack(data)
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("size", [255, 256, 65535, 65536])
def test_packs_strings_bytes_and_lists_of_every_length_class(size):
    for value in (u"s" * size, b"b" * size, [None] * size, dict((one, None) for one in range(size))):
        assert frames.unpack(frames.pack(value)) == value


MUST_FAIL = [
    ("nothing", ""), ("a reserved code", "c1"), ("an extension", "d40100"), ("text cut short", "a261"),
    ("bytes cut short", "c40561"), ("an integer cut short", "cd01"), ("a list cut short", "9201"),
    ("a map without its last value", "81a161"), ("bytes behind the value", "c0c0"), ("text that is not UTF-8", "a1ff"),
    ("nesting of 33", "91" * 33 + "c0"), ("a list of a million and one", "dd000f4241"), ("a list as key", "8190c0"),
]


@pytest.mark.parametrize("name,hexed", MUST_FAIL, ids=[row[0] for row in MUST_FAIL])
def test_refuses_payloads_that_are_not_one_bounded_value(name, hexed):
    with pytest.raises(frames.FrameError):
        frames.unpack(bytes(bytearray.fromhex(hexed)))


def test_accepts_nesting_of_exactly_32():
    frames.unpack(b"\x91" * 32 + b"\xc0")


def test_refuses_to_send_what_has_no_form():
    for value in (object(), 2 ** 64, -2 ** 63 - 1, {u"a": set()}):
        with pytest.raises(frames.FrameError):
            frames.pack(value)


def stream():
    wide = frames.message(frames.RESULT, 0, 2, 9, b"z" * (frames.PIECE * 2 + 5), frames.LAST)
    return frames.message(frames.PING, 1, 0, 1, None) + wide + frames.message(frames.PONG, 0, 1, 2, [u"x"])


def test_decodes_the_same_frames_from_any_cut():
    data = stream()
    whole = frames.Decoder().feed(data)
    assert [one[0] for one in whole] == [frames.PING, frames.RESULT, frames.RESULT, frames.RESULT, frames.PONG]
    assert [one[1] for one in whole[1:4]] == [frames.LAST | frames.MORE, frames.LAST | frames.MORE, frames.LAST]
    chance = random.Random(7)
    for _ in range(20):
        decoder = frames.Decoder()
        got = []
        at = 0
        while at < len(data):
            size = chance.choice((1, 3, 16, 17, 1000, 70000, 1 << 20))
            got += decoder.feed(data[at:at + size])
            at += size
        assert got == whole


def test_decodes_byte_by_byte():
    data = frames.message(frames.PING, 1, 0, 1, None) + frames.message(frames.LOG, 0, 1, 0, [1, u"hello"])
    decoder = frames.Decoder()
    got = []
    for at in range(len(data)):
        got += decoder.feed(data[at:at + 1])
    assert got == frames.Decoder().feed(data)
    assert len(got) == 2


def test_joins_interleaved_pieces_of_different_messages():
    joiner = frames.Joiner(100)
    assert joiner.join((9, frames.MORE, 0, 1, 5, b"a")) is None
    assert joiner.join((9, frames.MORE, 0, 2, 5, b"x")) is None
    assert joiner.join((9, 0, 0, 1, 5, b"b")) == b"ab"
    assert joiner.join((9, 0, 0, 2, 5, b"y")) == b"xy"


def test_bounds_joined_messages_and_their_number():
    joiner = frames.Joiner(10)
    joiner.join((9, frames.MORE, 0, 1, 5, b"12345678"))
    with pytest.raises(frames.FrameError):
        joiner.join((9, frames.MORE, 0, 1, 5, b"901"))
    joiner = frames.Joiner(1000)
    for ident in range(frames.MAX_PARTIAL):
        joiner.join((9, frames.MORE, 0, 1, ident, b""))
    with pytest.raises(frames.FrameError):
        joiner.join((9, frames.MORE, 0, 1, 1000, b""))


def deflated(data, announced=None):
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = machine.compress(data) + machine.flush()
    return struct.pack(">I", len(data) if announced is None else announced) + body


def test_inflates_exactly_what_is_announced():
    assert frames.inflate(deflated(b"x" * 5000)) == b"x" * 5000
    assert frames.inflate(deflated(b"")) == b""
    broken = [deflated(b"x" * 50, 49), deflated(b"x" * 50, 51), deflated(b"x", frames.MAX_PAYLOAD + 1),
              deflated(b"x" * 50)[:-1], deflated(b"x" * 50) + b"!", b"\x00\x00", b"\x00\x00\x00\x05garbage"]
    for payload in broken:
        with pytest.raises(frames.FrameError):
            frames.inflate(payload)


def test_refuses_foreign_bytes_and_oversized_frames():
    with pytest.raises(frames.FrameError, match="something else wrote"):
        frames.Decoder().feed(b"Traceback (most ")
    with pytest.raises(frames.FrameError, match="limit"):
        frames.Decoder().feed(struct.pack(">HBBIHHI", frames.MAGIC, 1, 0, frames.MAX_PAYLOAD + 1, 0, 0, 0))
