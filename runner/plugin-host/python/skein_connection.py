"""A connection plugin that exists only in Python: it stays from item to item of a task, as it does in ansible-core's
executor, and is closed when the task is through."""


class Kept(object):

    def __init__(self, loader, data_loader):
        self._loader = loader
        self._data_loader = data_loader
        self._connection = None

    def connect(self, executor, variables, templar, name):
        """Give the executor a connection: the one that is there, if the plugin says that it holds, or a new one."""
        found, context = self._connection, executor._play_context
        if (found is not None and getattr(found, "connected", False) and found.matches_name([name])
                and found._play_context.remote_addr == context.remote_addr):
            executor._connection = found
            found._play_context = context
            executor._set_become_plugin(variables, templar, found)
        else:
            executor._connection = _call(executor._get_connection, variables, templar, name)

    def begin(self, executor, variables):
        """Before its first use: what plugins for network devices need."""
        self._connection = connection = executor._connection
        if _persists(connection):
            from ansible.executor import task_executor
            context = executor._play_context
            context.timeout = connection.get_option("persistent_command_timeout")
            connection._socket_path = task_executor.start_connection(
                context, connection.get_options(), executor._task._uuid)
        if "ansible_network_os" in variables and "ansible_python_interpreter" not in variables:
            import sys
            variables["ansible_python_interpreter"] = sys.executable

    def close(self):
        if self._connection is not None:
            self._connection.close()


def _persists(connection):
    from ansible import constants
    return connection.force_persistence or (connection.supports_persistence and constants.USE_PERSISTENT_CONNECTIONS)


def _call(method, *args):
    """With as many arguments as it takes: the last one came with ansible-core 2.12."""
    return method(*args[:method.__code__.co_argcount - 1])
