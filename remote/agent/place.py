"""Content in one call: compares with the destination, and runs the module only when it has something to do.

The cases are those of Ansible's copy action (plugins/action/copy.py).
"""
import errno
import hashlib
import os
import stat

from agent import frames
from agent.task import RAN, CannotRun

NAME = "source"


def run(task, call):
    """Run a call that has a `place`. Returns a result without index; `extra.place` says what was found."""
    spec = call["place"]
    report, sha1 = look(spec)
    if not report["error"] and sha1 is not None and sha1 == spec["sha1"]:
        case = "same"
    elif report["dir"] and not spec.get("name") or (
            report["exists"] and not spec.get("force", True) and not report["dir"]):
        case = "exists"
    else:
        case = "check" if spec.get("check") else "written"
    if case in ("check", "written") and spec.get("diff") and sha1 is not None:
        _add_old(report, spec["diff"])
    same = spec.get("same")
    if case == "same" and same:
        argument = spec.get("same_arg") or same.get("same_arg")
        result = task.run_call(same, {argument: report["dest"]} if argument else {})
    elif case == "written":
        if spec.get("mkdirs"):
            _make_parent(report["dest"])
        result = task.run_call(call, {"src": task.put(NAME, 0o600, spec["data"])})
    else:
        result = [RAN, 0, b"", b"", {}]
    if case != "written":
        _drop(task, spec["data"])
    report["case"] = case
    for key in ("case", "dest", "error"):
        report[key] = frames.text(report[key])
    result[4][u"place"] = dict((frames.text(key), report[key]) for key in report)
    return result


def look(spec):
    """(report, sha1 of the destination or None)."""
    dest = os.path.expanduser(frames.native(spec["dest"]))
    name = frames.native(spec.get("name") or u"")
    follow = spec.get("follow", True)
    report = {"exists": False, "dir": False, "old": None, "big": False, "error": ""}
    if dest.endswith("/") and name:
        dest = os.path.join(dest, name)
    found = _stat(dest, follow, report)
    if found is not None and stat.S_ISDIR(found.st_mode) and name:
        dest = os.path.join(dest, name)
        found = _stat(dest, follow, report)
    report["dest"] = dest
    if found is None:
        return report, None
    report["exists"] = True
    report["dir"] = stat.S_ISDIR(found.st_mode)
    if not stat.S_ISREG(found.st_mode):
        return report, None
    try:
        return report, _sha1(dest)
    except (OSError, IOError) as error:
        report["error"] = frames.text(error.strerror or str(error))
        return report, None


def _stat(path, follow, report):
    try:
        return os.stat(path) if follow else os.lstat(path)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            report["error"] = frames.text(error.strerror or str(error))
        return None


def _sha1(path):
    digest = hashlib.sha1()
    with open(path, "rb") as source:
        while True:
            data = source.read(1 << 20)
            if not data:
                return frames.text(digest.hexdigest())
            digest.update(data)


def _add_old(report, limit):
    with open(report["dest"], "rb") as source:
        old = source.read(limit + 1)
    if len(old) > limit:
        report["big"] = True
    else:
        report["old"] = old


def _make_parent(dest):
    parent = os.path.dirname(dest)
    if parent and not os.path.isdir(parent):
        try:
            os.makedirs(parent)
        except OSError as error:
            raise CannotRun("cannot make the folder %s: %s" % (parent, error.strerror))


def _drop(task, data):
    """A file transfer that was not needed is removed with the task's folder."""
    if not isinstance(data, bytes):
        task.put("unused", 0o600, data)
