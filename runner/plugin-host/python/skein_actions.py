"""Runs action plugins as ansible-core's executor does it, once loops and conditions are through
(executor/task_executor.py, _execute)."""
import collections.abc
import datetime
import os
import sys
import traceback

import skein_connection
import skein_line
import skein_setup
import skein_target
import skein_task

MAX_DEPTH = 200


class Actions(object):
    """Made once, before the forks: what is loaded here is there in each of them."""

    def __init__(self, config):
        self._config = config
        self._loader = skein_setup.import_ansible(config)
        self._dirs = []
        self._add(config["dirs"])
        self._data_loader = skein_setup.data_loader(config)
        skein_setup.set_flags(config["flags"])
        _warm(self._loader)

    def attend(self, connection):
        """Do what is asked over a connection, in a fork: one thing, or all items of a task, up to the farewell."""
        line = skein_line.Line(connection)
        facts = line.first()
        if facts is None:
            return
        skein_setup.listen(line, self._config["verbosity"])
        kept = skein_connection.Kept(self._loader, self._data_loader)
        while facts is not None:
            outcome = self._outcome(line, facts, kept)
            sys.stdout.flush()
            sys.stderr.flush()
            if facts["kind"] == "farewell" or facts["connection"] != "own":
                line.finish(*outcome)
                return
            line.report(*outcome)
            facts = line.next()

    def _outcome(self, line, facts, kept):
        from ansible.errors import AnsibleError
        from ansible.module_utils._text import to_native, to_text
        try:
            if facts["kind"] == "farewell":
                kept.close()
                return "ok", None, False
            if facts["kind"] == "reset":
                self._executor(line, facts, kept)[0]._connection.reset()
                return "ok", None, False
            result, is_settled = self._run(line, facts, kept)
            return "ok", plain(result), is_settled
        except AnsibleError as error:
            return "error", to_text(error, nonstring="simplerepr"), None
        except Exception as error:
            message = "Unexpected failure during module execution: %s" % to_native(error, nonstring="simplerepr")
            return "error", message, traceback.format_exc()
        except BaseException as error:
            return "left", repr(error)

    def _run(self, line, facts, kept):
        """The result, and whether nothing is to judge it: the plugin broke off."""
        from ansible import errors
        from ansible.module_utils._text import to_text
        if facts["connection"] != "own":
            skein_target.take_over()
        executor, templar, variables = self._executor(line, facts, kept)
        handler = executor._get_action_handler(executor._connection, templar)
        no_log = handler._task.no_log
        try:
            result = handler.run(task_vars=variables)
        except (errors.AnsibleActionFail, errors.AnsibleActionSkip) as error:
            return error.result, True
        except errors.AnsibleConnectionFailure as error:
            return {"unreachable": True, "msg": to_text(error)}, True
        finally:
            handler.cleanup()
        result["_ansible_no_log"] = bool(no_log or result.get("_ansible_no_log", False))
        return result, False

    def _executor(self, line, facts, kept):
        """The executor with a connection that has its options; the templar and the variables for its plugin."""
        from ansible.executor.task_executor import TaskExecutor
        self._add(facts["dirs"])
        self._data_loader.set_basedir(facts["basedir"])
        task = skein_task.task_of(facts)
        variables, own = skein_task.variables_of(line, facts)
        templar, context = self._context(task, variables, facts)

        executor = TaskExecutor.__new__(TaskExecutor)
        executor._task = task
        executor._job_vars = variables
        executor._play_context = context
        executor._new_stdin = open(os.devnull)
        executor._loader = self._data_loader
        executor._shared_loader_obj = self._loader
        executor._connection = executor._final_q = executor._loop_eval_error = None

        templar.available_variables = own
        if facts["connection"] == "local":
            current = "local"
        elif own.get("ansible_connection") is not None:
            current = templar.template(own["ansible_connection"])
        else:
            current = task.connection
        kept.connect(executor, own, templar, current)
        connection = executor._connection
        executor._set_connection_options(own, templar)
        if facts["connection"] != "own":
            skein_target.attach(connection, line)

        seen = variables.copy()
        connection.update_vars(seen)
        templar.available_variables = seen
        connection._play_context = context.set_task_and_variable_override(
            task=task, variables=seen, templar=templar)
        if facts["connection"] == "own":
            kept.begin(executor, own)
        return executor, templar, seen

    def _context(self, task, variables, facts):
        """A templar and a PlayContext; what only the host knows that a task is delegated to may be missing there."""
        from ansible.errors import AnsibleParserError, AnsibleUndefinedVariable
        from ansible.playbook.play_context import PlayContext
        from ansible.template import Templar
        templar = Templar(loader=self._data_loader, variables=variables)
        context = PlayContext(passwords=self._config["passwords"])
        try:
            context = context.set_task_and_variable_override(task=task, variables=variables, templar=templar)
            context.post_validate(templar=templar)
        except AnsibleUndefinedVariable:
            if not task.delegate_to:
                raise
        except AnsibleParserError as error:
            if not task.delegate_to or not isinstance(error.orig_exc, AnsibleUndefinedVariable):
                raise
        if not context.remote_addr:
            context.remote_addr = facts["host"]
        return templar, context

    def _add(self, dirs):
        for path in dirs:
            if path not in self._dirs:
                self._dirs.append(path)
                self._loader.add_all_plugin_dirs(path)


def plain(value, depth=0):
    """A result as the parent reads it: what JSON has, and nothing of a plugin's own."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if depth > MAX_DEPTH:
        raise ValueError("the result is nested more than %d levels deep, or contains itself" % MAX_DEPTH)
    if isinstance(value, collections.abc.Mapping):
        return {plain(key, depth + 1): plain(value[key], depth + 1) for key in value}
    if isinstance(value, (list, tuple, range, collections.abc.Set, collections.abc.Iterator)):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return str(value)


def _warm(loader):
    """Import and find what every plugin needs."""
    import ansible.executor.task_executor  # noqa: F401
    import ansible.playbook.play_context  # noqa: F401
    import ansible.template  # noqa: F401
    for name in ("local", "ssh"):
        loader.connection_loader.get(name, class_only=True)
    loader.shell_loader.get("sh", class_only=True)
    loader.become_loader.get("sudo", class_only=True)
    loader.action_loader.get("ansible.legacy.normal", class_only=True)
    loader.module_loader.find_plugin("ansible.legacy.command")
