"""Writes expected-*.json: what Ansible and PyYAML make of the inputs here. Run with the Python that ansible-core is installed for."""
import datetime
import glob
import json
import os
import re
import subprocess

import yaml
from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv, split_args
from ansible.parsing.yaml.loader import AnsibleLoader

HERE = os.path.dirname(os.path.abspath(__file__))
ENV = dict(os.environ, ANSIBLE_CONFIG="/nonexistent.cfg", ANSIBLE_NOCOLOR="1", HOME="/nonexistent", ANSIBLE_LOCAL_TEMP="/tmp/ansible-generate")


def plain(value):
    if isinstance(value, dict):
        return {"$dict": [[plain(key), plain(each)] for key, each in value.items()]}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return {"$float": repr(value)}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return {"$int": str(value)}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return str(value)
    if isinstance(value, str) and value.__class__.__name__ == "AnsibleUnsafeText":
        return {"$unsafe": str(value)}
    return value


def load_yaml(text):
    try:
        return {"value": plain(json.loads(text))}
    except ValueError:
        pass
    try:
        return {"value": plain(AnsibleLoader(text, file_name="f").get_single_data())}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark is None:
            return {"problem": error.reason}
        return {"problem": error.problem, "line": mark.line + 1, "column": mark.column + 1}
    except ValueError as error:
        return {"problem": str(error)}


def split(text):
    try:
        return {"words": split_args(text), "plain": plain(parse_kv(text)), "free": plain(parse_kv(text, check_raw=True))}
    except (AnsibleError, IndexError) as error:
        return {"error": str(error)}


def lines_of(name):
    """Inputs of a file: Python string literals, one a line."""
    with open(os.path.join(HERE, name), encoding="utf-8") as stream:
        return [json.loads(line) for line in stream if line.strip()]


def playbook(path, *options):
    command = ["ansible-playbook", "-i", "a,b,c", path, *options]
    done = subprocess.run(command, env=ENV, cwd=HERE, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


def write(name, data):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as stream:
        json.dump(data, stream, indent=1, ensure_ascii=False)
        stream.write("\n")


write("expected-yaml.json", [dict(text=text, **load_yaml(text)) for text in lines_of("yaml.jsonl")])
write("expected-splits.json", [dict(text=text, **split(text)) for text in lines_of("splits.jsonl")])
listings = []
for path in ("playbooks/site.yml", "playbooks/imports.yml"):
    for options in (["--list-tasks"], ["--list-tags"], ["--list-tasks", "--list-tags", "--tags", "w,x"], ["--list-tasks", "--skip-tags", "dep,z"],
                    ["--list-tasks", "--tags", "never"], ["--list-tasks", "--tags", "tagged"], ["--list-tasks", "--tags", "untagged"]):
        out, err = playbook(path, *options)
        assert out, err
        listings.append({"playbook": path, "options": options, "text": out})
write("expected-listings.json", listings)
failures = {}
for path in sorted(glob.glob(os.path.join(HERE, "errors", "*.yml"))):
    out, err = playbook(os.path.relpath(path, HERE), "--syntax-check")
    text = re.sub(r"^\[(?:WARNING|DEPRECATION WARNING)\](?:.*\n)*?(?=ERROR)", "", err, flags=re.M)
    # Statement, place and excerpt; the advice behind them is Ansible's own prose.
    text = re.sub(r"(\^ here)[\s\S]*", r"\1\n", text)
    text = re.sub(r"\nIf you are using a module[\s\S]*", "\n", text)
    failures[os.path.basename(path)] = (text or "no error: " + out).replace(HERE, "HERE")
write("expected-errors.json", failures)
