"""Writes expected.json: what Ansible makes of every inventory here. Run with the Python that ansible-core is installed for."""
import json
import os

import ansible.utils.display as display_module
from ansible import context
from ansible.inventory.helpers import sort_groups
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.common.collections import ImmutableDict
from ansible.parsing.dataloader import DataLoader
from ansible.vars.plugins import get_vars_from_inventory_sources

HERE = os.path.dirname(os.path.abspath(__file__))
PATTERNS = {
    "plain.ini": [
        "all", "web", "web:db", "web,db", "prod:!web", "prod:&later", "*", "www*", "~www0[13]", "web[0]", "web[-1]", "web[1:2]",
        "web[1:]", "web[0:0]", "alpha", "nothere", "ungrouped", "10.0.0.*", "!db", "www-a:www-b", "www-[ab]", "localhost",
        "al?ha", "all:!10.0.0.1,alpha", "gamma.example.org", "fe80::1", "db1:db2:&db", "*.example.com", "~(db|web)",
    ],
    "diamond.ini": ["all", "top1", "top2", "mid*", "top1:&b", "localhost", "~top[12]:!h3"],
    "nested.yml": ["all", "west", "deepest", "standalone:west"],
}

context.CLIARGS = ImmutableDict({})
warnings = []
display_module.Display.warning = lambda self, msg, formatted=False: warnings.append(msg)


def plain(value):
    if isinstance(value, tuple):
        return {"$tuple": [plain(each) for each in value]}
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items() if key not in ("inventory_file", "inventory_dir")}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {"$int": str(value)}
    return value


def describe(source, patterns):
    del warnings[:]
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=[source])
    found = {
        "groups": {
            name: {
                "hosts": [host.name for host in group.hosts],
                "children": sorted(child.name for child in group.child_groups),
                "depth": group.depth,
                "priority": group.priority,
                "vars": plain(group.vars),
                "beside": plain(get_vars_from_inventory_sources(loader, [source], [group], "task")),
            }
            for name, group in inventory.groups.items()
        },
        "hosts": {
            name: {
                "groups": [group.name for group in sort_groups(host.get_groups())],
                "vars": plain(host.vars),
                "beside": plain(get_vars_from_inventory_sources(loader, [source], [host], "task")),
            }
            for name, host in inventory.hosts.items()
        },
        "warnings": [each.replace(HERE, "HERE") for each in warnings],
        "patterns": {},
    }
    for pattern in patterns:
        del warnings[:]
        inventory.clear_caches()
        hosts = [host.name for host in inventory.get_hosts(pattern)]
        found["patterns"][pattern] = {"hosts": hosts, "warnings": list(warnings)}
    return found


expected = {}
for name in sorted(os.listdir(os.path.join(HERE, "inventories"))):
    expected[name] = describe(os.path.join(HERE, "inventories", name), PATTERNS.get(name, []))
for hosts in ("a,b", "one,two:2222,[::1]:22,", "localhost,", "web_1,x y"):
    expected[hosts] = describe(hosts, [])

with open(os.path.join(HERE, "expected.json"), "w", encoding="utf-8") as stream:
    json.dump(expected, stream, indent=1, sort_keys=False, ensure_ascii=False)
    stream.write("\n")
