"""Plays as callback plugins see them."""


def play_of(facts, data_loader):
    """A play with as much as plugins look at: where it stands, its hosts, its variables, and how many tasks it has."""
    from ansible.playbook.play import Play

    class OwnPlay(Play):

        def get_path(self):
            return facts["path"]

        def get_tasks(self):
            return [[None] * count for count in facts["tasks"]]

    play = OwnPlay()
    play.name = facts["name"]
    play.hosts = facts["hosts"]
    play.check_mode = facts["check_mode"]
    play.strategy = facts["strategy"]
    play.vars = facts["vars"]
    play._variable_manager = _variable_manager(data_loader, Hosts(facts["all_hosts"], facts["batch"]))
    return play


class Hosts(object):
    """The inventory, in front of a variable manager: the hosts of a play."""

    def __init__(self, names, batch):
        self._names = names
        self.batch = batch

    def get_groups_dict(self):
        return {}

    def get_hosts(self, pattern="all", ignore_limits=False, ignore_restrictions=False, order=None):
        from ansible.inventory.host import Host
        return [Host(name) for name in (self._names if ignore_restrictions else self.batch)]

    def get_host(self, name):
        return None


def _variable_manager(data_loader, hosts):
    from ansible.vars.manager import VariableManager

    class OwnVariableManager(VariableManager):
        """Variables of the play and of its tasks: those of hosts are the parent's, and are not here."""

        def get_vars(self, play=None, host=None, task=None, **_):
            known = VariableManager.get_vars(self, play=play, task=task, include_hostvars=False,
                                             include_delegate_to=False)
            if host is not None:
                known["inventory_hostname"] = host.get_name()
            return known

    return OwnVariableManager(loader=data_loader, inventory=hosts)
