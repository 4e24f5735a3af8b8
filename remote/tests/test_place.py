import hashlib
import os

import pytest

from driver import call, output


def place(dest, data, **keys):
    """A copy call with content, as the controller sends it."""
    spec = {u"dest": str(dest), u"name": u"motd", u"sha1": hashlib.sha1(data).hexdigest(), u"data": data,
            u"force": True, u"check": False, u"diff": 0, u"follow": True, u"mkdirs": False,
            u"same": call("file", {"state": "file", "mode": "0600"}), u"same_arg": u"path"}
    spec.update(keys)
    return call("copy", {"dest": str(dest), "_original_basename": "motd", "mode": "0644", "_ansible_tmpdir": None},
                place=spec)


def one(agent, row):
    """(extra.place, what the module printed or None) of a call."""
    result = agent.run([row])[0]
    assert result[1] == 0, result
    return result[5]["place"], output(result) if result[3] else None


def test_new_content_is_written_by_the_module(agent, tmp_path):
    dest = tmp_path / "f"
    found, printed = one(agent, place(dest, b"hello\n"))
    assert found == {"case": "written", "dest": str(dest), "exists": False, "dir": False, "old": None, "big": False,
                     "error": ""}
    assert printed["changed"] is True
    assert dest.read_bytes() == b"hello\n"
    assert os.stat(str(dest)).st_mode & 0o777 == 0o644


def test_same_content_runs_the_other_call_with_the_path(agent, tmp_path):
    dest = tmp_path / "f"
    dest.write_bytes(b"same")
    os.chmod(str(dest), 0o644)
    found, printed = one(agent, place(dest, b"same"))
    assert found["case"] == "same"
    assert printed["path"] == str(dest)
    assert printed["changed"] is True
    assert os.stat(str(dest)).st_mode & 0o777 == 0o600
    found, printed = one(agent, place(dest, b"same", same=None))
    assert (found["case"], printed) == ("same", None)


CASES = [
    ("no force leaves what exists", {"force": False}, b"old", "exists", b"old"),
    ("no force writes what does not exist", {"force": False}, None, "written", b"new"),
    ("check writes nothing", {"check": True}, b"old", "check", b"old"),
    ("check of a new file writes nothing", {"check": True}, None, "check", None),
    ("other content is replaced", {}, b"old", "written", b"new"),
]


@pytest.mark.parametrize("name,keys,before,case,after", CASES, ids=[row[0] for row in CASES])
def test_cases(agent, tmp_path, name, keys, before, case, after):
    dest = tmp_path / "f"
    if before is not None:
        dest.write_bytes(before)
    found, printed = one(agent, place(dest, b"new", **dict((key, keys[key]) for key in keys)))
    assert found["case"] == case
    assert found["exists"] is (before is not None)
    assert (printed is not None) is (case == "written")
    assert (dest.read_bytes() if dest.exists() else None) == after


def test_a_folder_takes_the_file_under_its_name(agent, tmp_path):
    found, _ = one(agent, place(tmp_path, b"in"))
    assert found["dest"] == str(tmp_path / "motd")
    assert (tmp_path / "motd").read_bytes() == b"in"
    assert one(agent, place(tmp_path, b"in"))[0]["case"] == "same"


def test_old_content_comes_back_up_to_the_size_asked_for(agent, tmp_path):
    dest = tmp_path / "f"
    dest.write_bytes(b"0123456789")
    found, _ = one(agent, place(dest, b"new", diff=10, check=True))
    assert (found["old"], found["big"]) == (b"0123456789", False)
    found, _ = one(agent, place(dest, b"new", diff=9, check=True))
    assert (found["old"], found["big"]) == (None, True)


def test_missing_folders_are_made_on_request(agent, tmp_path):
    dest = tmp_path / "a" / "b" / "f"
    found, printed = one(agent, place(dest, b"deep", mkdirs=True))
    assert printed["changed"] is True
    assert dest.read_bytes() == b"deep"


def test_a_link_is_followed_or_replaced(agent, tmp_path):
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert one(agent, place(tmp_path / "link", b"x"))[0]["case"] == "same"
    assert one(agent, place(tmp_path / "link", b"x", follow=False, check=True))[0]["case"] == "check"


def test_a_home_folder_is_expanded(agent):
    found, _ = one(agent, place("~/skein-no-such-file", b"x", check=True))
    assert found["dest"] == os.path.expanduser("~/skein-no-such-file")


def test_content_without_a_name_does_not_go_into_a_folder(agent, tmp_path):
    found, printed = one(agent, place(tmp_path, b"in", name=u""))
    assert (found["case"], found["dir"], printed) == ("exists", True, None)
    assert os.listdir(str(tmp_path)) == []
