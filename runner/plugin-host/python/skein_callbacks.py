"""Callback plugins. Events of a run become the objects and calls that ansible-core makes of them. Which plugins there
are, and who hears what, is decided by its own code (executor/task_queue_manager.py)."""
import copy
import os
import sys
import threading

import skein_play
import skein_setup
import skein_task


class Callbacks(object):

    def __init__(self, channel, data_loader):
        self._channel = channel
        self._data_loader = data_loader
        self._manager = None
        self._play = None
        self._task = None
        self._name = None
        self._tasks = {}
        self._hosts = {}

    def handlers(self):
        return {"callbacks": self.load, "event": self.event}

    def load(self, config):
        """How many plugins hear events from now on, the one for the screen included if it is not the parent."""
        from ansible.executor.task_queue_manager import TaskQueueManager
        skein_setup.set_flags(config["flags"])
        self._print()
        manager = TaskQueueManager.__new__(TaskQueueManager)
        manager._callbacks_loaded = False
        manager._callback_plugins = []
        manager._callback_lock = threading.Lock()
        manager._run_additional_callbacks = True
        manager._run_tree = False
        manager._stdout_callback = config["stdout"] or _silent()
        manager.load_callbacks()
        self._manager = manager
        return len(manager._callback_plugins) + (0 if config["stdout"] is None else 1)

    def event(self, kind, facts):
        getattr(self, "_on_" + kind.replace("-", "_"))(facts)

    def _on_playbook_start(self, facts):
        from ansible.playbook import Playbook
        playbook = Playbook(self._data_loader())
        playbook._file_name = facts["file"]
        playbook._basedir = os.path.dirname(facts["path"])
        self._send("v2_playbook_on_start", playbook)

    def _on_play_start(self, facts):
        from ansible.playbook.play_context import PlayContext

        # Batches of one play are told as one play.
        if self._play is None or (self._play.name, self._play.get_path()) != (facts["name"], facts["path"]):
            self._play = skein_play.play_of(facts, self._data_loader())
        self._play.get_variable_manager()._inventory.batch = facts["batch"]
        context = PlayContext(passwords={})
        for plugin in [self._manager._stdout_callback] + self._manager._callback_plugins:
            if hasattr(plugin, "set_play_context"):
                plugin.set_play_context(context)
        self._send("v2_playbook_on_play_start", self._play)

    def _on_no_hosts_matched(self, facts):
        self._send("v2_playbook_on_no_hosts_matched")

    def _on_no_hosts_remaining(self, facts):
        self._send("v2_playbook_on_no_hosts_remaining")

    def _on_task_start(self, facts):
        self._task = self._tasks.get(facts["id"])
        if self._task is None:
            self._task = self._tasks[facts["id"]] = _task_of(facts)
        self._task.name = facts["name"]
        if facts["is_handler"]:
            self._send("v2_playbook_on_handler_task_start", self._task)
        else:
            self._send("v2_playbook_on_task_start", self._task, is_conditional=False)
        self._name = facts["name"]
        # It was rendered for the banner only (plugins/strategy/linear.py).
        self._task.name = facts["written"]

    def _on_task_turn(self, facts):
        self._task = self._tasks[facts["id"]]
        self._name = facts["name"]

    def _on_host_start(self, facts):
        self._task.name = facts["name"]
        self._send("v2_runner_on_start", self._host(facts["host"]), self._task)

    def _on_file_diff(self, facts):
        self._send("v2_on_file_diff", self._result(facts))

    def _on_item(self, facts):
        result = self._result(facts)
        if facts["status"] in ("failed", "unreachable"):
            self._send("v2_runner_item_on_failed", result)
        elif facts["status"] == "skipped":
            self._send("v2_runner_item_on_skipped", result)
        else:
            self._send("v2_runner_item_on_ok", result)

    def _on_result(self, facts):
        result = self._result(facts)
        if facts["status"] == "failed":
            self._send("v2_runner_on_failed", result, ignore_errors=facts["is_ignored"])
        elif facts["status"] == "unreachable":
            self._send("v2_runner_on_unreachable", result)
        elif facts["status"] == "skipped":
            self._send("v2_runner_on_skipped", result)
        else:
            self._send("v2_runner_on_ok", result)

    def _on_retry(self, facts):
        self._send("v2_runner_retry", self._result(facts))

    def _on_async(self, facts):
        self._send("v2_runner_on_async_" + facts["state"], self._result(facts))

    def _on_included(self, facts):
        from ansible.playbook.included_file import IncludedFile
        variables = {} if facts["label"] is None else {"_ansible_item_label": facts["label"]}
        included = IncludedFile(facts["file"], {}, variables, self._task)
        included._hosts = [self._host(name) for name in facts["hosts"]]
        self._send("v2_playbook_on_include", included)

    def _on_handler_notified(self, facts):
        from ansible.playbook.handler import Handler
        handler = Handler()
        handler.name = facts["handler"]
        self._send("v2_playbook_on_notify", handler, self._host(facts["host"]))

    def _on_stats(self, facts):
        from ansible.executor.stats import AggregateStats
        stats = AggregateStats()
        for host, counts in facts["hosts"].items():
            stats.processed[host] = 1
            for name, count in counts.items():
                if count:
                    getattr(stats, name)[host] = count
        stats.custom = facts["custom"]
        self._send("v2_playbook_on_stats", stats)

    def _send(self, method, *args, **kwargs):
        self._manager.send_callback(method, *args, **kwargs)

    def _result(self, facts):
        from ansible.executor.task_result import TaskResult
        # As the host had it: a copy, whose keywords are final.
        task = copy.copy(self._task)
        task.name = self._name if facts.get("name") is None else facts["name"]
        task.delegate_to = facts.get("delegate")
        task.ignore_errors = facts.get("is_ignored") or task.ignore_errors
        fields = task.dump_attrs()
        result = dict(facts["result"])
        items = result.get("results")
        for one in items if isinstance(items, list) else [result]:
            # What an include answers is never looked at.
            if isinstance(one, dict) and "include_args" not in one:
                one.setdefault("_ansible_no_log", False)
        return TaskResult(self._host(facts["host"]), task, result, fields)

    def _host(self, name):
        if name not in self._hosts:
            from ansible.inventory.host import Host
            self._hosts[name] = Host(name)
        return self._hosts[name]

    def _print(self):
        """What callback plugins display goes to the screen as it is, when they display it."""
        from ansible.utils.color import stringc
        from ansible.utils.display import Display

        streams = {False: sys.stdout, True: sys.stderr}

        def show(msg, color=None, stderr=False, screen_only=False, log_only=False, newline=True):
            if log_only:
                return
            text = str(msg)
            has_end = text.endswith("\n")
            text = text[:-1] if has_end else text
            text = stringc(text, color) if color else text
            if has_end or newline:
                text += "\n"
            stream = sys.stderr if stderr else sys.stdout
            if stream is streams[bool(stderr)]:
                self._channel.tell("log", "print", text, bool(stderr))
            else:
                # A plugin keeps what another one shows.
                stream.write(text)

        Display().display = show


def _task_of(facts):

    class OwnTask(_class_of(facts)):

        def get_path(self):
            return facts["path"]

        if facts["include"] == "role":
            def get_name(self, include_role_fqcn=True):
                return self.name or facts["shown"]

    task = OwnTask()
    if facts["role"] is not None:
        task._role = skein_task.Role(**facts["role"])
    for name, value in facts["task"].items():
        if value is not None:
            setattr(task, name, value)
    task._finalized = task._squashed = True
    return task


def _class_of(facts):
    """Callbacks tell includes and handlers by their class."""
    if facts["include"] == "role":
        from ansible.playbook.role_include import IncludeRole
        return IncludeRole
    if facts["include"] == "tasks":
        if facts["is_handler"]:
            from ansible.playbook.handler_task_include import HandlerTaskInclude
            return HandlerTaskInclude
        from ansible.playbook.task_include import TaskInclude
        return TaskInclude
    if facts["is_handler"]:
        from ansible.playbook.handler import Handler
        return Handler
    from ansible.playbook.task import Task
    return Task


def _silent():
    """In the place of the callback for the screen, which is the parent."""
    from ansible.plugins.callback import CallbackBase
    callback = CallbackBase()
    callback.disabled = True
    return callback
