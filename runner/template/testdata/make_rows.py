#!/usr/bin/python3
"""Writes what the installed Ansible makes of the rows: rows/NAME.yml -> expected/NAME.json.

Run it by hand after changing rows:  /usr/bin/python3 make_rows.py [NAME ...]

A row is a template, or a mapping with `template` (a playbook string), `when` (a condition) or
`file` (the text of a template file, with `options`), and `vars` on top of those of its file.
`native: true` turns jinja2_native on. Values are written with their Python types kept, see encode().
"""
import json
import os
import sys

os.environ.update(HOME="/home/tester", TZ="UTC", SKEIN_ROW="from env", ANSIBLE_NOCOLOR="1")

import yaml  # noqa: E402
from ansible import constants as C  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.playbook.conditional import Conditional  # noqa: E402
from ansible.template import AnsibleEnvironment, AnsibleNativeEnvironment, Templar  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))


def encode(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 2 ** 53 else {"int": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return {"set": sorted((encode(item) for item in value), key=str)}
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(inner)] for key, inner in value.items()]}
    return {"other": str(value)}


def templar_for(row, variables):
    loader = DataLoader()
    loader.set_basedir(HERE)
    C.DEFAULT_JINJA2_NATIVE = bool(row.get("native"))
    extensions = ["jinja2.ext.do", "jinja2.ext.loopcontrols"]
    templar = Templar(loader, variables=variables)
    for extension in extensions:
        templar.environment.add_extension(extension)
    return templar


def evaluate(row, variables):
    templar = templar_for(row, variables)
    if "when" in row:
        conditional = Conditional(loader=templar._loader)
        conditional.when = [row["when"]]
        return bool(conditional.evaluate_conditional(templar, variables))
    if "file" in row:
        overrides = dict(row.get("options", {}))
        environment = AnsibleNativeEnvironment if row.get("native") else AnsibleEnvironment
        templar = templar.copy_with_new_env(
            environment_class=environment, searchpath=[os.path.join(HERE, "templates")], **overrides)
        return templar.do_template(row["file"], preserve_trailing_newlines=True,
                                   escape_backslashes=False)
    return templar.template(row["template"])


def result_of(row, variables):
    try:
        return {"value": encode(evaluate(row, variables))}
    except Exception as error:  # every class of error is a result here
        return {"error": type(error).__name__, "message": getattr(error, "message", None) or str(error)}


def main(names):
    os.chdir(HERE)
    for file in sorted(os.listdir("rows")):
        name = file.rsplit(".", 1)[0]
        if names and name not in names:
            continue
        with open(os.path.join("rows", file)) as stream:
            table = yaml.safe_load(stream)
        expected = []
        for row in table["rows"]:
            if isinstance(row, str):
                row = {"template": row}
            variables = dict(table.get("vars") or {}, **(row.get("vars") or {}))
            written = {key: row[key] for key in ("template", "when", "file", "options", "native") if key in row}
            if "vars" in row:
                written["vars"] = encode(row["vars"])
            written.update(result_of(row, variables))
            expected.append(written)
        with open(os.path.join("expected", name + ".json"), "w") as stream:
            stream.write('{"vars": %s, "rows": [\n' % json.dumps(encode(table.get("vars") or {}), ensure_ascii=False))
            stream.write(",\n".join(json.dumps(row, ensure_ascii=False) for row in expected))
            stream.write("\n]}\n")
        print(name, len(expected))


main(sys.argv[1:])
