#!/usr/bin/python3
"""Records what ansible-playbook prints, and the events that it printed it for.

Usage: record.py            (needs an installed ansible-core; run it with that Python)

Each case below is a run of one of playbooks/*.yml. Its outcome goes to recorded/NAME.json:

    options   what the run's output was configured with
    events    what happened, as the RunEvent union of runner/model/event.ts has it
    stdout, stderr   what was printed

The run is the real one. Before it starts, the functions that tell callbacks what happened are wrapped, so that
results are seen as they are before they are cleaned for display. What is printed before the playbook starts is left out.

JSON cannot tell 1 from 1.0, nor keep the order of keys that look like numbers, so values are marked where it matters:
{"$float": "1.0"}, {"$int": "9007199254740993"}, {"$dict": [[key, value], ...]}.
"""

import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent

# name: (playbook, arguments, environment)
PRETTY = "ANSIBLE_CALLBACK_FORMAT_PRETTY"
COLOR = {"ANSIBLE_FORCE_COLOR": "1"}
CASES = {
    "basics": ("basics.yml", [], {}),
    "basics-color": ("basics.yml", [], COLOR),
    "basics-v": ("basics.yml", ["-v"], {}),
    "basics-vvv": ("basics.yml", ["-vvv"], COLOR),
    "basics-few": ("basics.yml", [], {
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "0", "ANSIBLE_DISPLAY_OK_HOSTS": "0",
        "ANSIBLE_DISPLAY_FAILED_STDERR": "1", "ANSIBLE_SHOW_TASK_PATH_ON_FAILURE": "1"}),
    "basics-pretty": ("basics.yml", ["-v"], {PRETTY: "1"}),
    "loops": ("loops.yml", [], {}),
    "loops-color": ("loops.yml", [], COLOR),
    "loops-v": ("loops.yml", ["-v"], {}),
    "loops-vvv": ("loops.yml", ["-vvv"], {}),
    "flow": ("flow.yml", [], {}),
    "flow-color": ("flow.yml", [], COLOR),
    "flow-vv": ("flow.yml", ["-vv"], COLOR),
    "diff": ("diff.yml", ["--diff"], {}),
    "diff-color": ("diff.yml", ["--diff"], COLOR),
    "diff-vvv": ("diff.yml", ["--diff", "-vvv"], {}),
    "diff-context": ("diff.yml", ["--diff"], {"ANSIBLE_DIFF_CONTEXT": "1"}),
    "diff-off": ("diff.yml", [], {}),
    "dead": ("dead.yml", [], {}),
    "dead-color": ("dead.yml", ["-v"], COLOR),
    "check": ("check.yml", ["--check"], {"ANSIBLE_CHECK_MODE_MARKERS": "1"}),
    "check-plain": ("check.yml", ["--check", "-vv"], {}),
    "strategies": ("strategies.yml", [], {}),
    "strategies-few": ("strategies.yml", ["-v"], {"ANSIBLE_DISPLAY_OK_HOSTS": "0"}),
    "percentage": ("percentage.yml", [], {}),
    "yaml": ("basics.yml", ["-v"], {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
    "yaml-plain": ("basics.yml", ["-v"], {
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml", PRETTY: "0"}),
    "yaml-diff": ("diff.yml", ["--diff", "-vvv"], {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
    "yaml-loops": ("loops.yml", [], {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
    "start": ("flow.yml", [], {**COLOR, "ANSIBLE_SHOW_PER_HOST_START": "1"}),
    "start-free": ("strategies.yml", [], {"ANSIBLE_SHOW_PER_HOST_START": "1"}),
    "arguments": ("basics.yml", [], {"ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1"}),
    "stats": ("stats.yml", [], {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}),
    "stats-plain": ("stats.yml", [], {"ANSIBLE_SHOW_CUSTOM_STATS": "1", PRETTY: "0"}),
    "stats-yaml": ("stats.yml", [], {"ANSIBLE_SHOW_CUSTOM_STATS": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}),
    "stats-yaml-plain": ("stats.yml", [], {
        "ANSIBLE_SHOW_CUSTOM_STATS": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml", PRETTY: "0"}),
    "stats-off": ("stats.yml", [], {}),
    "colors": ("basics.yml", [], {**COLOR, "ANSIBLE_COLOR_OK": "bright gray", "ANSIBLE_COLOR_CHANGED": "magenta",
                                  "ANSIBLE_COLOR_SKIP": "normal", "ANSIBLE_COLOR_ERROR": "white"}),
}


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--inner":
        return record(sys.argv[2], sys.argv[3], sys.argv[4:])
    wanted = sys.argv[1:] or CASES
    recorded = HERE / "recorded"
    recorded.mkdir(exist_ok=True)
    for name in wanted:
        playbook, arguments, environment = CASES[name]
        # A fixed place, since paths are printed.
        place = pathlib.Path(tempfile.gettempdir()) / "skein-output"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(HERE / "playbooks", place)
        env = {k: v for k, v in os.environ.items() if not k.startswith("ANSIBLE_")}
        env.update(environment, ANSIBLE_CONFIG=str(place / "ansible.cfg"),
                   ANSIBLE_REMOTE_TMP=str(place / "tmp"), LC_ALL="C.UTF-8")
        subprocess.run(
            [sys.executable, __file__, "--inner", str(recorded / (name + ".json")), json.dumps(environment),
             "-i", "hosts.ini", playbook, *arguments],
            cwd=place, env=env, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        shutil.rmtree(place)
        print(name)


def record(target, environment, arguments):
    """Runs the playbook in this process and writes its events and its output."""
    from ansible import constants
    from ansible.cli.playbook import PlaybookCLI
    from ansible.executor.task_queue_manager import TaskQueueManager
    from ansible.utils.display import Display

    display = Display()
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    recorder = Recorder(constants, display)
    recorder.wrap(TaskQueueManager, Display)
    cli = PlaybookCLI(["ansible-playbook", *arguments])
    cli.run()
    outcome = {
        "options": recorder.options(json.loads(environment)),
        "events": recorder.events,
        "stdout": sys.stdout.buffer.getvalue().decode(),
        "stderr": sys.stderr.buffer.getvalue().decode(),
    }
    pathlib.Path(target).write_text(layout(outcome), encoding="utf-8")


def layout(outcome):
    """JSON with an event per line, to be read and compared."""
    parts = []
    for key, value in outcome.items():
        if key == "events":
            text = "[\n%s\n]" % ",\n".join(json.dumps(event, ensure_ascii=False) for event in value)
        else:
            text = json.dumps(value, ensure_ascii=False)
        parts.append("%s: %s" % (json.dumps(key), text))
    return "{\n%s\n}\n" % ",\n".join(parts)


class Recorder:
    """Turns what callbacks are told, and what is said on the side, into events."""

    def __init__(self, constants, display):
        self.constants = constants
        self.display = display
        self.events = []
        self.lock = threading.RLock()
        # How many wrapped functions we are inside: what one calls is its own affair.
        self.depth = 0
        self.pid = os.getpid()
        # Under the free strategy a task's banner comes with a result of it, when the one before was another's.
        self.free = False
        self.turn = None
        self.handlers = set()
        self.numbers = {}

    def options(self, environment):
        def flag(name, default):
            return environment.get(name, default) == "1"

        colors = ["OK", "CHANGED", "SKIP", "ERROR"]
        return {
            "verbosity": self.display.verbosity,
            "color": flag("ANSIBLE_FORCE_COLOR", "0"),
            "colors": {"COLOR_" + c: getattr(self.constants, "COLOR_" + c) for c in colors},
            "columns": self.display.columns,
            "checkMode": "--check" in sys.argv,
            "diffContext": self.constants.DIFF_CONTEXT,
            "displaySkippedHosts": flag("ANSIBLE_DISPLAY_SKIPPED_HOSTS", "1"),
            "displayOkHosts": flag("ANSIBLE_DISPLAY_OK_HOSTS", "1"),
            "displayFailedStderr": flag("ANSIBLE_DISPLAY_FAILED_STDERR", "0"),
            "checkModeMarkers": flag("ANSIBLE_CHECK_MODE_MARKERS", "0"),
            "showCustomStats": flag("ANSIBLE_SHOW_CUSTOM_STATS", "0"),
            "showPerHostStart": flag("ANSIBLE_SHOW_PER_HOST_START", "0"),
            "showTaskPathOnFailure": flag("ANSIBLE_SHOW_TASK_PATH_ON_FAILURE", "0"),
            "resultFormat": environment.get("ANSIBLE_CALLBACK_RESULT_FORMAT", "json"),
            **({"prettyResults": flag(PRETTY, "")} if PRETTY in environment else {}),
        }

    def wrap(self, manager, display):
        self.wrap_method(manager, "send_callback", self.on_callback)
        self.wrap_method(display, "verbose", self.on_verbose)
        self.wrap_method(display, "warning", lambda msg, formatted=False: self.add("warning", text=msg))
        self.wrap_method(display, "error", lambda msg, wrap_text=True: self.add("error", text=msg))
        self.wrap_method(display, "deprecated", self.on_deprecated)
        self.wrap_method(display, "display", self.on_display)

    def wrap_method(self, owner, name, hear):
        original = getattr(owner, name)

        def wrapped(this, *args, **kwargs):
            if os.getpid() != self.pid:
                return original(this, *args, **kwargs)
            with self.lock:
                self.depth += 1
                try:
                    if self.depth == 1 and hear(*args, **kwargs) is HIDE:
                        return None
                    return original(this, *args, **kwargs)
                finally:
                    self.depth -= 1

        setattr(owner, name, wrapped)

    def add(self, kind, **fields):
        self.events.append({"kind": kind, **fields})

    def on_display(self, msg, color=None, **_):
        """Lines that workers hand over: they are about connections, and of no interest here."""
        if color != self.constants.COLOR_VERBOSE:
            raise AssertionError("not an event: %r" % msg)
        return HIDE

    def on_verbose(self, msg, host=None, caplevel=2):
        self.add("verbose", level=caplevel + 1, text=str(msg), **({} if host is None else {"host": str(host)}))

    def on_deprecated(self, msg, version=None, removed=False, date=None, collection_name=None):
        text = self.display.get_deprecation_message(msg, version, removed, date, collection_name)
        self.add("deprecation", text=text.split(": ", 1)[1])

    def on_callback(self, name, *args, **kwargs):
        handler = getattr(self, name, None)
        if handler is None:
            raise AssertionError("no event for " + name)
        handler(*args, **kwargs)

    def v2_playbook_on_start(self, playbook):
        self.events.clear()
        for stream in (sys.stdout, sys.stderr):
            stream.buffer.seek(0)
            stream.buffer.truncate()
        self.add("playbook-start", file=playbook._file_name)

    def v2_playbook_on_play_start(self, play):
        self.free = play.strategy == "free"
        self.turn = None
        self.add("play-start", name=play.get_name(), checkMode=bool(play.check_mode))

    def v2_playbook_on_no_hosts_matched(self):
        self.add("no-hosts-matched")

    def v2_playbook_on_no_hosts_remaining(self):
        self.add("no-hosts-remaining")

    def v2_playbook_on_task_start(self, task, is_conditional=False, handler=False):
        if not task.implicit:
            self.add("task-start", lockstep=not self.free, **self.banner(task, handler))

    def banner(self, task, handler):
        number = self.numbers.setdefault(task._uuid, len(self.numbers) + 1)
        shown = {"id": number, "handler": handler, "name": task.get_name(), "path": task.get_path(), "checkMode": bool(task.check_mode)}
        if self.constants.DISPLAY_ARGS_TO_STDOUT and not task.no_log:
            shown["args"] = " " + ", ".join("%s=%s" % one for one in task.args.items())
        return shown

    def v2_playbook_on_handler_task_start(self, task):
        self.handlers.add(task._uuid)
        self.v2_playbook_on_task_start(task, handler=True)

    def v2_playbook_on_include(self, included):
        label = included._vars.get("_ansible_item_label", included._vars.get("item"))
        self.add("included", file=included._filename, hosts=[h.name for h in included._hosts],
                 **({"label": str(label)} if label else {}))

    def v2_playbook_on_notify(self, handler, host):
        self.add("handler-notified", handler=handler.get_name(), host=host.name)

    def v2_playbook_on_stats(self, stats):
        custom = {"" if h == "_run" else h: mark(data) for h, data in stats.custom.items()}
        self.add("stats", hosts={h: stats.summarize(h) for h in stats.processed}, custom=custom)

    def v2_runner_on_start(self, host, task):
        self.add("host-start", host=host.name, task=str(task))

    def v2_on_file_diff(self, result):
        diff = result._result.get("diff")
        if diff:
            status = "changed" if result._result.get("changed") else "ok"
            self.report("file-diff", result, status, False, diff=mark(diff if isinstance(diff, list) else [diff]))

    def v2_runner_on_ok(self, result):
        self.result(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result(result, "failed", bool(ignore_errors))

    def v2_runner_on_skipped(self, result):
        self.result(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.result(result, "unreachable", bool(result._task.ignore_unreachable))

    def v2_runner_item_on_ok(self, result):
        self.item(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_item_on_failed(self, result):
        self.item(result, "failed")

    def v2_runner_item_on_skipped(self, result):
        self.item(result, "skipped")

    def v2_runner_retry(self, result):
        left = result._result["retries"] - result._result["attempts"]
        data = self.data(result)
        to = self.delegate(result).get("delegate")
        if to:
            # The final result names the delegate in its data, too.
            data["_ansible_delegated_vars"] = {"ansible_delegated_host": to}
        self.add("retry", host=result._host.name, task=str(result.task_name or result._task), retriesLeft=left, data=data)

    def result(self, result, status, ignored=False):
        loop = bool(result._task.loop) and "results" in result._result
        self.report("result", result, status, ignored, loop=loop)

    def item(self, result, status):
        data = result._result
        label = data.get("_ansible_item_label", data.get("item"))
        self.report("item", result, status, False, label=str(label))

    def report(self, kind, result, status, ignored, **fields):
        if self.free and self.turn != result._task._uuid:
            self.turn = result._task._uuid
            self.add("task-turn", **self.banner(result._task, self.turn in self.handlers))
        self.add(kind, host=result._host.name, **self.delegate(result), status=status, action=result._task.action,
                 data=self.data(result), ignoreErrors=ignored, **fields)

    def delegate(self, result):
        to = result._task.delegate_to
        return {"delegate": to} if to and to != result._host.name else {}

    def data(self, result):
        data = dict(result._result)
        if hidden(result):
            data["_ansible_no_log"] = True
        return mark(data)


def hidden(result):
    return result._task.no_log is True or bool(result._result.get("_ansible_no_log"))


HIDE = object()


def mark(value):
    """A value as JSON that keeps what JSON would lose."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"$int": str(value)}
    if isinstance(value, (list, tuple)):
        return [mark(v) for v in value]
    if isinstance(value, dict):
        if all(isinstance(k, str) and not k.isdigit() for k in value):
            return {str(k): mark(v) for k, v in value.items()}
        return {"$dict": [[mark(k), mark(v)] for k, v in value.items()]}
    return str(value)


if __name__ == "__main__":
    main()
