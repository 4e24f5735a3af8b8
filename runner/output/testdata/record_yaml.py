#!/usr/bin/python3
"""Records how callbacks of Ansible write values as YAML: [value, lossy, text], one per line, in yaml.json.

Usage: record_yaml.py       (needs an installed ansible-core; run it with that Python)
"""

import json
import pathlib

import yaml
from ansible.plugins.callback import _AnsibleCallbackDumper

TEXTS = [
    "plain", "", "yes", "no", "12", "1.5", "1e3", "0x1f", "0o17", "1_000", "12:30:45", "2020-01-01", "~", "null", "=", "<<",
    ".5", "-.inf", "b:", "b: c", ":x", "http://a/b", "#x", "x #y", "-", "- z", "-z", "?", "? x", "*x", "&x", "!x", "%x", "@x",
    "`x", "{a}", "a, b", "--- x", "...", "'q'", '"d"', "it's: so", "x\\y", "tab\tx", " lead", "trail ", "é日本", "😀 face",
    "x\x01y", "\x7f", "a\x85b", "\ufeff", "\x1b[0m " * 20, "word " * 30, "it's " * 25, "two  blanks " * 12,
    'a "quoted": word ' * 8, "multi\nline", "multi\nline\n", "a\n\n", "\n", "a\n\nb", " lead\nblock", "a\n  b", "line \nend",
    "tab\tin\nblock", "bell\x07 in\nblock", "😀\nblock",
]
VALUES = [
    {}, {"a": []}, {"a": {}}, {"b": 1, "a": 2}, {"a": [1, [2, [3, {"x": 1, "y": [4]}]], {}], "b": {"c": {"d": None}}},
    {"yes": True, "1": 1.5, "x: y": 1e20}, {"a": [{"b": [{"c": "multi\nline"}]}]}, {"n": [1.0, -0.5, 1e-7, 123456789012345678901]},
]


def main():
    rows = []
    for text in TEXTS:
        for value in ({"k": text}, {"k": [[text]]}):
            rows += [[value, lossy] for lossy in (True, False)]
    rows += [[value, True] for value in VALUES]
    lines = []
    for value, lossy in rows:
        text = yaml.dump(value, allow_unicode=True, Dumper=_AnsibleCallbackDumper(lossy=lossy), default_flow_style=False,
                         indent=4)
        lines.append(json.dumps([value, lossy, text]))
    target = pathlib.Path(__file__).with_name("yaml.json")
    target.write_text("[\n%s\n]\n" % ",\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
