#!/usr/bin/python3
"""Writes inventory.json: what ansible-inventory prints for each of these command lines, run in inventory/."""

import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
LINES = [
    "-i values.yml --list",
    "-i values.yml --list --export",
    "-i values.yml --list --yaml",
    "-i values.yml --host a",
    "-i values.yml --host a --yaml",
    "-i plain.yml --graph --vars",
    "-i plain.yml --graph g1 --vars",
    "-i plain.yml --list --yaml --export",
    "-i plain.yml --host c --playbook-dir play -e x=9",
    "-i plain.yml --list --playbook-dir play --export",
    "-i hosts.ini --list",
    "-i hosts.ini -i plain.yml --list --yaml",
    "-i hosts.ini --graph site",
    "-i hosts.ini --host w1",
    "-i hosts.ini --host nope",
    "-i hosts.ini --host web",
    "-i hosts.ini --graph nope",
    "-i a,b, --list",
    "-i /nonexistent/hosts --list",
    "-i plain.yml --list --toml",
    "-i plain.yml --list --toml --export --playbook-dir play",
    "-i hosts.ini --list --toml",
    "-i tables.yml --list --toml",
    "-i tables.yml --list --toml --export",
    "-i tables.yml --host a --toml",
    "-i tables.yml --host b --toml",
    "-i values.yml --host a --toml",
    "-i a,b, --list --toml",
    "-i a,b, --host a --toml",
]

rows = []
env = {**os.environ, "ANSIBLE_CONFIG": "/nonexistent.cfg", "HOME": "/nonexistent", "ANSIBLE_LOCAL_TEMP": "/tmp/ansible-local"}
for mode in ("replace", "merge"):
    for line in LINES if mode == "replace" else LINES[8:10]:
        done = subprocess.run(
            ["ansible-inventory", *line.split()],
            cwd=HERE / "inventory", env={**env, "ANSIBLE_HASH_BEHAVIOUR": mode}, capture_output=True, text=True, check=False)
        # Ansible shows its help in front of an option error.
        text = "" if done.returncode == 5 else done.stdout
        rows.append({"line": line, "hash": mode, "code": done.returncode, "stdout": text})
(HERE / "inventory.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
