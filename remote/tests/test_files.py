import hashlib
import json
import os

from driver import call, frames, output


def put(agent, ident, data, size=100000):
    """Send a file under credit; returns the FILE_DONE value."""
    credit = 1 << 20
    at = 0
    while True:
        piece = data[at:at + size]
        while at + len(piece) > credit:
            credit = agent.expect(frames.FILE_CREDIT, ident)[2][0] + (1 << 20)
        last = at + len(piece) >= len(data)
        agent.send(frames.FILE_CHUNK, [at, piece, last], ident)
        at += len(piece)
        if last:
            return agent.expect(frames.FILE_DONE, ident)[2]


def test_a_file_arrives_under_credit_and_can_be_placed(agent, tmp_path):
    data = os.urandom(5 << 20)
    path, size, sha1, error = put(agent, 501, data)
    assert (size, sha1, error) == (len(data), hashlib.sha1(data).hexdigest(), None)
    assert os.stat(path).st_mode & 0o777 == 0o600
    dest = tmp_path / "f"
    spec = {u"dest": str(dest), u"name": u"f", u"sha1": frames.text(sha1), u"data": 501, u"force": True}
    row = agent.run([call("copy", {"dest": str(dest)}, place=spec)])[0]
    assert output(row)["checksum"] == sha1
    assert dest.read_bytes() == data
    assert not os.path.exists(path)


def test_an_empty_file_arrives(agent):
    assert put(agent, 3, b"")[1:] == [0, hashlib.sha1(b"").hexdigest(), None]


def test_a_chunk_out_of_order_fails_its_transfer_only(agent):
    agent.send(frames.FILE_CHUNK, [0, b"abc", False], 9)
    agent.send(frames.FILE_CHUNK, [5, b"def", False], 9)
    assert "expected" in agent.expect(frames.FILE_DONE, 9)[2][3]
    agent.send(frames.FILE_CHUNK, [8, b"x", True], 9)
    assert put(agent, 10, b"fine")[3] is None
    assert not os.path.exists(os.path.join(agent.hello["tmp"], "transfer-9"))


def test_a_cancelled_transfer_is_removed(agent):
    agent.send(frames.FILE_CHUNK, [0, b"abc", False], 9)
    agent.send(frames.CANCEL, None, 9)
    agent.send(frames.PING, None, 1)
    agent.expect(frames.PONG, 1)
    assert not os.path.exists(os.path.join(agent.hello["tmp"], "transfer-9"))


def test_files_of_a_call_are_arguments_and_go_with_it(agent):
    row = agent.run([call("command", {"argv": ["cat", "x"]}, files=[
        [u"stdin", u"in.txt", 0o644, b"words"]])])[0]
    path = json.loads(row[3].decode())["invocation"]["module_args"]["stdin"]
    assert path.startswith(agent.hello["tmp"])
    assert not os.path.exists(path)


def test_a_file_name_cannot_leave_the_folder(agent):
    for name in (u"../x", u"/etc/x", u"..", u""):
        row = agent.run([call("ping", files=[[u"data", name, 0o600, b""]])])[0]
        assert row[1] == 5
        assert b"file name" in row[4]


def test_a_transfer_that_never_came_is_an_agent_error(agent):
    row = agent.run([call("ping", files=[[u"data", u"x", 0o600, 12345]])])[0]
    assert row[1] == 5
    assert b"12345" in row[4]
