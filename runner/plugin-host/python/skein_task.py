"""What an action plugin sees of its task: the task, and its variables."""
import skein_values


class Variables(skein_values.LazyVariables):
    """The variables of a task. Which there are is asked once: plugins and what they call look for many that are not."""

    _names = None

    def __contains__(self, key):
        return key in self._own or (key not in self._gone and key in self._known())

    def __getitem__(self, key):
        if key not in self:
            raise KeyError(key)
        return skein_values.LazyVariables.__getitem__(self, key)

    def __iter__(self):
        names = dict(self._known())
        names.update(self._own)
        return iter([name for name in names if name not in self._gone])

    def copy(self):
        copied = skein_values.LazyVariables.copy(self)
        copied._names = self._names
        return copied

    __copy__ = copy

    def _known(self):
        if self._names is None:
            self._names = dict.fromkeys(self._channel.ask("keys", self._frame, self._index))
            self._names["vars"] = None
        return self._names


def variables_of(line, facts):
    """The variables of the task, and those that its connection is made of: a delegate's own."""
    variables = Variables(line, 0)
    name = facts["task"].get("delegate_to")
    if name is None:
        return variables, variables
    theirs = Variables(line, 0, index=1)
    variables["ansible_delegated_vars"] = {name: theirs}
    return variables, theirs


def task_of(facts):
    """The task as a plugin gets it, its keywords final. What is None is as the settings and the flags say."""
    from ansible.playbook.task import Task

    class OwnTask(Task):

        def get_search_path(self):
            return list(facts["search_path"])

        def get_path(self):
            return facts["path"]

    task = OwnTask()
    task.resolved_action = facts["resolved_action"]
    task._role = None if facts["role"] is None else Role(**facts["role"])
    task._parent = Parent(facts["play"])
    for name, value in facts["task"].items():
        if value is not None:
            setattr(task, name, value)
    if facts["unsafe"]:
        from ansible.utils.unsafe_proxy import wrap_var
        for name in facts["unsafe"]:
            task.args[name] = wrap_var(task.args[name])
    task._finalized = task._squashed = True
    return task


class Role(object):
    """As much of a role as plugins look at."""

    def __init__(self, name, path, collection):
        self._role_name = name
        self._role_path = path
        self._role_collection = collection
        self._parents = []
        self._uuid = "%s:%s" % (path, name)
        self.name = name

    def get_name(self, include_role_fqcn=True):
        prefix = "%s." % self._role_collection
        if include_role_fqcn and self._role_collection and not self._role_name.startswith(prefix):
            return prefix + self._role_name
        return self._role_name

    def __repr__(self):
        return self.get_name()

    def get_parents(self):
        return self._parents

    def get_vars(self, dep_chain=None, include_params=True):
        """Its variables are the parent's."""
        return {}

    def get_default_vars(self, dep_chain=None):
        return {}

    def get_role_params(self, dep_chain=None):
        return {}


class Parent(object):
    """What stands around a task. Everything that a task inherits is its own here: there is nothing to ask it for."""

    statically_loaded = True

    def __init__(self, play):
        self._play = Play(play)
        self._parent = None

    def copy(self, exclude_parent=False, exclude_tasks=False):
        return self

    def all_parents_static(self):
        return True

    def get_dep_chain(self):
        return None

    def get_first_parent_include(self):
        return None

    def get_include_params(self):
        return {}

    def get_vars(self):
        return {}


class Play(object):

    def __init__(self, name):
        self.name = name
        self._action_groups = {}
        self._group_actions = {}

    def get_name(self):
        return self.name
