"""Modules that are programs of their own: WANT_JSON, JSON_ARGS, old style, binary; and plain shell commands.

How they get their arguments follows plugins/action/__init__.py and executor/module_common.py of ansible-core.
"""
import errno
import json
import os
import re
import subprocess
import sys

from agent import frames, task as tasks

JSON_ARGS = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
COMPLEX_ARGS = b'"<<INCLUDE_ANSIBLE_MODULE_COMPLEX_ARGS>>"'
_PYTHON = re.compile(r"python[0-9.]*$")


def run(task, imports, call, args, arguments):
    """Run a call of a style other than `new`. Returns a result without index."""
    style = call["style"]
    if arguments and style in ("command", "old"):
        raise tasks.CannotRun("style %s takes no files: use env:NAME" % style)
    if style == "command":
        argv = ["/bin/sh", "-c", frames.native(args.decode("utf-8"))]
        return _execute(argv, call.get("env"))
    if style not in ("want_json", "json_args", "old", "binary"):
        raise tasks.CannotRun("unknown module style %r" % style)
    entry = imports.entry(str(call["m"])) if "." in call["m"] else imports.sent(str(call["m"]))
    if entry is None:
        raise tasks.CannotRun("the source of %s was not sent" % call["m"])
    source = entry[1]
    if style == "json_args":
        args = task.arguments(args, arguments)
        source = source.replace(COMPLEX_ARGS, json.dumps(args.decode("utf-8")).encode("utf-8"))
        source = source.replace(JSON_ARGS, args)
    elif style != "old":
        args = task.arguments(args, arguments)
    path = task.put(u"module_" + re.sub(r"[^\w.-]", "_", call["m"].rpartition(".")[2]), 0o700, source)
    argv = interpreter(source) + [path]
    if style != "json_args":
        argv.append(task.put(u"args", 0o600, args))
    return _execute(argv, call.get("env"))


def interpreter(source):
    """The words of a program's shebang line; ours in place of any Python."""
    if not source.startswith(b"#!"):
        return []
    words = frames.native(frames.text(source.split(b"\n", 1)[0][2:])).split()
    if not words:
        return []
    rest = words[1:]
    if os.path.basename(words[0]) == "env" and rest and _PYTHON.match(rest[0]):
        rest = rest[1:]
    elif not _PYTHON.match(os.path.basename(words[0])):
        return words
    return [sys.executable] + rest


def _execute(argv, environment):
    saved = tasks.apply_environment(environment)
    try:
        status, out, err = _communicate(argv)
    finally:
        tasks.restore_environment(saved)
    outcome = tasks.LOST if status < 0 else tasks.RAN
    return [outcome, status, out, err, {}]


def _communicate(argv):
    with open(os.devnull, "rb") as null:
        try:
            process = _start(argv, null)
        except OSError as error:
            if error.errno == errno.ENOEXEC:
                # A script without a shebang line is for the shell, as the shell itself holds it.
                process = _start(["/bin/sh"] + argv, null)
            else:
                raise tasks.CannotRun("cannot run %s: %s" % (argv[0], error.strerror))
    out, err = process.communicate()
    return process.returncode, out, err


def _start(argv, null):
    # Pipes and no files: programs may open /dev/stdout anew, which would truncate a file.
    return subprocess.Popen(argv, stdin=null, stdout=subprocess.PIPE, stderr=subprocess.PIPE, close_fds=True)
