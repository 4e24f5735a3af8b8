#!/usr/bin/python3
"""Writes what the installed Ansible makes of the rows: rows/NAME.yml -> expected/NAME.json.

Run it by hand after changing rows:  /usr/bin/python3 make_rows.py [NAME ...]

A row is a template, or a mapping with `template` (a playbook string), `when` (a condition) or
`file` (the text of a template file, with `options`), and `vars` on top of those of its file.
`native: true` turns jinja2_native on, `bare: true` leaves out the extensions of Jinja that rows have else. A file may also have `tables`: every one of `values` is put
in place of VALUE in every one of `with`.
"""
import json
import os
import sys

from judge import HERE, encode, result_of

import yaml


def rows_of(table):
    for row in table.get("rows", []):
        yield {"template": row} if isinstance(row, str) else row
    for part in table.get("tables", []):
        for expression in part["with"]:
            for value in part["values"]:
                for native in (False, True) if part.get("native") == "both" else (bool(part.get("native")),):
                    text = expression.replace("VALUE", str(value))
                    row = {"when": text} if part.get("when") else {"template": "{{ %s }}" % text}
                    yield dict(row, native=True) if native else row


def main(names):
    os.chdir(HERE)
    for file in sorted(os.listdir("rows")):
        name = file.rsplit(".", 1)[0]
        if names and name not in names:
            continue
        with open(os.path.join("rows", file)) as stream:
            table = yaml.safe_load(stream)
        expected = []
        for row in rows_of(table):
            variables = dict(table.get("vars") or {}, **(row.get("vars") or {}))
            written = {key: row[key] for key in ("template", "when", "file", "options", "native", "bare") if key in row}
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
