"""One call: its private folder, its arguments and files, its style, and whether it failed."""
import json
import os

from agent import frames, temp

RAN, LOST, TIMEOUT, CANCELLED, NOT_RUN, AGENT_ERROR = range(6)


class CannotRun(Exception):
    """Nothing ran, for the reason given."""


class Task(object):
    """One call with its private folder."""

    def __init__(self, executor, call):
        self._executor = executor
        self._call = call
        self._folder = None

    def folder(self):
        """The private folder, made when it is first needed."""
        if self._folder is None:
            if not self._executor.tmp:
                raise CannotRun("no usable folder for temporary files (remote_tmp, /var/tmp, /tmp)")
            self._folder = temp.make_unique(os.path.join(self._executor.tmp, "task-"))
        return self._folder

    def close(self):
        """Remove the folder."""
        if self._folder is not None:
            temp.remove(self._folder)

    def run(self):
        """Run the call by its style. Returns a result without index."""
        call = self._call
        if call.get("place"):
            from agent import place
            return place.run(self, call)
        return self.run_call(call, {})

    def run_call(self, call, arguments):
        """Run `call` with `arguments` set in its JSON object."""
        style = call.get("style") or "new"
        args = call.get("args") or b"{}"
        if not isinstance(args, bytes):
            args = args.encode("utf-8")
        arguments = dict(arguments)
        for argument, name, mode, content in call.get("files") or ():
            path = self.put(name, mode, content)
            if argument.startswith("env:"):
                environment = dict(call.get("env") or {})
                environment[argument[4:]] = path
                call = dict(call, env=environment)
            elif argument:
                arguments[argument] = path
        if style == "new":
            return self._executor.run_new(call, self.arguments(args, arguments), self.folder)
        from agent import programs
        return programs.run(self, self._executor.imports, call, args, arguments)

    def arguments(self, args, changes):
        """JSON arguments with `changes`, and with the task's folder where Ansible names one."""
        if not changes and b'"_ansible_tmpdir"' not in args:
            return args
        table = json.loads(args.decode("utf-8"))
        if "_ansible_tmpdir" in table:
            table["_ansible_tmpdir"] = frames.text(self.folder())
        for key in changes:
            table[key] = frames.text(changes[key])
        return json.dumps(table).encode("utf-8")

    def put(self, name, mode, content):
        """Write bytes, or move a file transfer (its id), into the folder. Raises CannotRun."""
        name = frames.native(name)
        if not name or "/" in name or name in (".", ".."):
            raise CannotRun("not a file name: %r" % name)
        path = os.path.join(self.folder(), name)
        if isinstance(content, bytes):
            return temp.write_file(path, content, mode)
        try:
            os.rename(os.path.join(self._executor.tmp, "transfer-%d" % content), path)
            os.chmod(path, mode)
        except OSError:
            raise CannotRun("no such file transfer: %d" % content)
        return path


def has_failed(result):
    """The stop rule: not run to its end, a status, or a true `failed` in the last JSON object printed."""
    outcome, status, stdout = result[:3]
    if outcome != RAN or status:
        return True
    if b'"failed"' not in stdout:
        return False
    text = stdout.decode("utf-8", "replace")
    lines = text.splitlines()
    for line in reversed(lines):
        if line.startswith("{"):
            try:
                return bool(json.loads(line).get("failed"))
            except ValueError:
                break
    try:
        return bool(json.loads(text[text.index("{"):text.rindex("}") + 1]).get("failed"))
    except ValueError:
        return False


def apply_environment(changes):
    """Set variables for one call; returns what `restore_environment` needs."""
    saved = {}
    for name, value in (changes or {}).items():
        key = frames.native(name)
        saved[key] = os.environ.get(key)
        os.environ[key] = frames.native(value)
    _apply_zone(saved)
    return saved


def restore_environment(saved):
    """Undo `apply_environment`."""
    for key, value in saved.items():
        if value is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value
    _apply_zone(saved)


def _apply_zone(saved):
    if "TZ" in saved:
        import time
        time.tzset()
