"""The installed ansible-core, made ready for plugins: what both hosts begin with."""
import os
import sys


def import_ansible(config):
    """Its plugin loaders. What depends on settings it reads by itself, from the same places as ever."""
    site = os.path.dirname(config["root"])
    if site not in sys.path:
        sys.path.insert(0, site)
    import ansible.plugins.loader as loader
    if hasattr(loader, "init_plugin_loader"):
        loader.init_plugin_loader()
    from ansible.utils.collection_loader import AnsibleCollectionConfig
    AnsibleCollectionConfig.playbook_paths = config["playbook_dirs"]
    return loader


def data_loader(config):
    """Reads files for plugins, vaulted ones as well."""
    from ansible.parsing.dataloader import DataLoader
    loader = DataLoader()
    loader.set_basedir(config["basedir"])
    if config["secrets"]:
        from ansible.parsing.vault import VaultSecret
        loader.set_vault_secrets([(name, VaultSecret(data)) for name, data in config["secrets"]])
    return loader


def listen(channel, verbosity):
    """What plugins show goes to the parent, which shows it in its place."""
    from ansible import constants
    from ansible.utils.display import Display
    display = Display()
    display.verbosity = verbosity

    def show(msg, *_, **how):
        if not how.get("log_only"):
            channel.tell("log", "display", str(msg))

    def warning(msg, *_, **__):
        channel.tell("log", "warning", str(msg))

    def verbose(msg, host=None, caplevel=2):
        if verbosity > caplevel:
            channel.tell("log", str(caplevel + 1), str(msg), None if host is None else str(host))

    def deprecated(msg, version=None, removed=False, date=None, collection_name=None):
        text = display.get_deprecation_message(msg, version=version, removed=removed, date=date,
                                               collection_name=collection_name)
        if removed:
            from ansible.errors import AnsibleError
            raise AnsibleError(text)
        if constants.DEPRECATION_WARNINGS:
            channel.tell("log", "deprecation", text.removeprefix("[DEPRECATION WARNING]: "))

    display.display = show
    display.warning = warning
    display.verbose = verbose
    display.deprecated = deprecated


def set_flags(flags):
    """What the command line says, besides what was said before: PlayContext, tasks and plugins look there."""
    from ansible import context
    from ansible.module_utils.common.collections import ImmutableDict
    context.CLIARGS = ImmutableDict({**context.CLIARGS, **flags})
