"""How an action plugin reaches the target: through the parent, which has the connections.

Only what is done over the connection that the task came with goes that way, and of a connection to this very machine
only the modules. A plugin that makes a connection of its own, as synchronize does, has all of it from ansible-core.
"""
import collections.abc
import os
import shlex


def attach(connection, line):
    """Let a connection plugin ask the parent, its options aside: these it has from Ansible."""
    connection._skein = line
    if connection.transport == "local":
        return

    def exec_command(cmd, in_data=None, sudoable=True):
        return _execute(connection, cmd, in_data, sudoable, False)

    def put_file(in_path, out_path):
        from ansible.errors import AnsibleFileNotFound
        if not os.path.exists(in_path):
            raise AnsibleFileNotFound("file or module does not exist: %s" % _text(in_path))
        line.ask("put", {"from": os.path.abspath(_text(in_path)), "to": _text(out_path)})

    def fetch_file(in_path, out_path):
        data = line.ask("fetch", {"from": _text(in_path)})
        with open(out_path, "wb") as into:
            into.write(data)

    def reset():
        line.ask("reset", {})

    connection.exec_command = exec_command
    connection.put_file = put_file
    connection.fetch_file = fetch_file
    connection.reset = reset


def take_over():
    """Make action plugins run modules and commands through the parent: in the process of one plugin, for all of it."""
    from ansible.plugins.action import ActionBase
    execute_module = ActionBase._execute_module
    execute_command = ActionBase._low_level_execute_command

    def _execute_module(self, module_name=None, module_args=None, tmp=None, task_vars=None, persist_files=False,
                        delete_remote_tmp=None, wrap_async=False, **more):
        if _line_of(self._connection) is None:
            return execute_module(self, module_name, module_args, tmp, task_vars, persist_files, delete_remote_tmp,
                                  wrap_async, **more)
        return _run_module(
            self,
            self._task.action if module_name is None else module_name,
            self._task.args if module_args is None else module_args,
            {} if task_vars is None else task_vars,
            bool(wrap_async),
        )

    def _low_level_execute_command(self, cmd, sudoable=True, in_data=None, executable=None,
                                   encoding_errors="surrogate_then_replace", chdir=None):
        if _line_of(self._connection) is None or self._connection.transport == "local":
            return execute_command(self, cmd, sudoable, in_data, executable, encoding_errors, chdir)
        return _run_command(self, cmd, sudoable, in_data, executable, encoding_errors, chdir)

    ActionBase._execute_module = _execute_module
    ActionBase._low_level_execute_command = _low_level_execute_command


def _line_of(connection):
    return getattr(connection, "_skein", None)


def _run_module(action, name, args, task_vars, is_job):
    """What ActionBase._execute_module gives (plugins/action/__init__.py)."""
    from ansible.utils.display import Display
    from ansible.utils.unsafe_proxy import wrap_var
    action._update_module_args(name, args, task_vars)
    environment = {}
    action._compute_environment_string(environment)
    data = _line_of(action._connection).ask("module", {
        "name": name,
        "path": _module_path(action, name),
        "args": args,
        "environment": environment,
        "become": action._connection.become is not None,
        "job": is_job,
    })
    results = data.get("results")
    if "results" in data and (isinstance(results, str) or not isinstance(results, collections.abc.Sequence)):
        data["ansible_module_results"] = data.pop("results")
        Display().warning("Found internal 'results' key in module return, renamed to 'ansible_module_results'.")
    data["_ansible_parsed"] = "module_stdout" not in data
    if is_job:
        action._connection._shell.tmpdir = None
        data["changed"] = True
    return wrap_var(data)


def _module_path(action, name):
    from ansible.errors import AnsibleError
    for kind in action._connection.module_implementation_preferences:
        found = action._shared_loader_obj.module_loader.find_plugin_with_context(
            name, kind, collection_list=action._task.collections)
        if found.resolved and found.plugin_resolved_path:
            return found.plugin_resolved_path
        if len(found.redirect_list or []) > 1:
            raise AnsibleError("The module %s was redirected to %s, which could not be loaded."
                               % (name, found.redirect_list[-1]))
    raise AnsibleError("The module %s was not found in configured module paths" % name)


def _run_command(action, cmd, sudoable, in_data, executable, encoding_errors, chdir):
    """What ActionBase._low_level_execute_command gives (plugins/action/__init__.py). The parent does the becoming."""
    from ansible.module_utils._text import to_text
    connection = action._connection
    if chdir:
        cmd = connection._shell.append_command("cd %s" % chdir, cmd)
    if executable:
        connection._shell.executable = executable
    elif executable is None:
        executable = action._play_context.executable
    if connection.allow_executable and executable:
        cmd = "%s -c %s" % (executable, shlex.quote(cmd))
    rc, stdout, stderr = _execute(connection, cmd, in_data, sudoable, sudoable and _becomes(action))
    out, err = to_text(stdout, errors=encoding_errors), to_text(stderr, errors=encoding_errors)
    return {"rc": rc, "stdout": out, "stdout_lines": out.splitlines(),
            "stderr": err, "stderr_lines": err.splitlines()}


def _becomes(action):
    from ansible import constants
    if not action._connection.become:
        return False
    theirs, own = action.get_become_option("become_user"), action._get_remote_user()
    return constants.BECOME_ALLOW_SAME_USER or theirs != own or not any((theirs, own))


def _execute(connection, cmd, in_data, sudoable, become):
    from ansible.module_utils._text import to_bytes
    found = connection._skein.ask("exec", {
        "command": _text(cmd),
        "become": bool(become),
        "terminal": sudoable and not in_data and _wants_terminal(connection),
        "input": None if in_data is None else to_bytes(in_data),
    })
    return tuple(found)


def _wants_terminal(connection):
    try:
        return bool(connection.get_option("use_tty"))
    except KeyError:
        return False


def _text(value):
    from ansible.module_utils._text import to_text
    return to_text(value, errors="surrogate_or_strict")
