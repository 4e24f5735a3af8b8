"""Inventory and vars plugins. Each request brings the whole inventory as it is, and takes it back changed."""
import skein_values


class InventoryPlugins(object):

    def __init__(self, loaders, data_loader):
        self._loaders = loaders
        self._data_loader = data_loader

    def handlers(self):
        return {"inventory": self.inventory, "vars": self.vars}

    def inventory(self, name, source, sources, before):
        """Let a plugin read a source into an inventory; None when it does not want it (manager.py, parse_source)."""
        plugin = self._loaders().inventory_loader.get(name)
        if plugin is None:
            raise KeyError("there is no inventory plugin %s" % name)
        data = _inventory_of(before, sources)
        try:
            if not plugin.verify_file(source):
                return None
        except Exception:
            return None
        data.current_source = source
        plugin.parse(data, self._data_loader(), source, cache=False)
        if hasattr(plugin, "update_cache_if_changed"):
            plugin.update_cache_if_changed()
        return skein_values.Unsafe(_snapshot(data))

    def vars(self, stage, paths, groups, hosts, known):
        """What vars plugins say of groups and hosts, by path: before and behind host_group_vars, which is not run."""
        data = _inventory_of(known, [])
        entities = [data.groups[name] for name in groups] + [data.hosts[name] for name in hosts]
        plugins = self._vars_plugins(stage)
        return skein_values.Unsafe([[self._said(plugins, path, entity) for entity in entities] for path in paths])

    def _said(self, plugins, path, entity):
        before, behind = {}, {}
        into = before
        for plugin in plugins:
            if plugin is None:
                into = behind
                continue
            into.update(_vars_of(plugin, self._data_loader(), path, entity) or {})
        return (before, behind)

    def _vars_plugins(self, stage):
        """The plugins that count at a stage, in order; None stands for host_group_vars (vars/plugins.py)."""
        from ansible import constants
        loader = self._loaders().vars_loader
        plugins = list(loader.all())
        for name in constants.VARIABLE_PLUGINS_ENABLED:
            if name.count(".") > 1:
                plugin = loader.get(name)
                if plugin is not None and plugin not in plugins:
                    plugins.append(plugin)
        return [_in_place(plugin) for plugin in plugins if _counts(plugin, stage)]


def _in_place(plugin):
    return None if plugin.ansible_name == "ansible.builtin.host_group_vars" else plugin


def _counts(plugin, stage):
    from ansible import constants
    name = plugin.ansible_name
    if name == "ansible.builtin.host_group_vars":
        return True
    is_legacy = name.startswith("ansible.builtin.") or "." not in name
    needs_enabled = getattr(plugin, "REQUIRES_ENABLED", getattr(plugin, "REQUIRES_WHITELIST", not is_legacy))
    _warn_about(plugin, is_legacy)
    if is_legacy and needs_enabled and not plugin.matches_name(constants.VARIABLE_PLUGINS_ENABLED):
        return False
    own = plugin.get_option("stage") if hasattr(plugin, "get_option") and plugin.has_option("stage") else None
    if own is None:
        return stage == "all" or stage == ("task" if constants.RUN_VARS_PLUGINS == "demand" else "inventory")
    return own in ("all", stage)


def _warn_about(plugin, is_legacy):
    from ansible.utils.display import Display
    has_enabled = hasattr(plugin, "REQUIRES_ENABLED")
    has_old = hasattr(plugin, "REQUIRES_WHITELIST")
    if has_old and not has_enabled:
        Display().deprecated("The VarsModule class variable 'REQUIRES_WHITELIST' is deprecated. "
                             "Use 'REQUIRES_ENABLED' instead.", version=2.18)
    if not is_legacy and (has_enabled or has_old):
        Display().warning("Vars plugins in collections must be enabled to be loaded, "
                          "REQUIRES_ENABLED is not supported. "
                          "This should be removed from the plugin %s." % plugin.ansible_name)


def _vars_of(plugin, loader, path, entity):
    if hasattr(plugin, "get_vars"):
        return plugin.get_vars(loader, path, [entity])
    from ansible.inventory.host import Host
    if isinstance(entity, Host):
        return plugin.get_host_vars(entity.name)
    return plugin.get_group_vars(entity.name)


def _inventory_of(snapshot, sources):
    from ansible.inventory.data import InventoryData
    data = InventoryData()
    data.processed_sources = list(sources)
    for name, _, _, _, _ in snapshot["groups"]:
        data.add_group(name)
    for name, source, values in snapshot["hosts"]:
        data.current_source = source
        data.add_host(name)
        data.hosts[name].vars.update(values)
    for name, priority, values, children, hosts in snapshot["groups"]:
        group = data.groups[name]
        group.vars.update(values)
        group.priority = priority
        for child in children:
            data.add_child(name, child)
        for host in hosts:
            data.add_child(name, host)
    data.current_source = None
    return data


def _snapshot(data):
    return {
        "groups": [
            (group.name, group.priority, dict(group.vars), [child.name for child in group.child_groups],
             [host.name for host in group.hosts])
            for group in data.groups.values()
        ],
        "hosts": [
            (host.name, None, {name: value for name, value in host.vars.items() if name not in _OF_SOURCE})
            for host in data.hosts.values()
        ],
    }


_OF_SOURCE = ("inventory_file", "inventory_dir")
