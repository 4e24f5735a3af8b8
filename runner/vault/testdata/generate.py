#!/usr/bin/python3
"""Writes vaults.json with the vault library of the installed Ansible."""

import json
import pathlib

from ansible.parsing.vault import VaultLib, VaultSecret

SALT = "salt of the test"
ROWS = [
    ("hello", None, "one"),
    ("", None, "one"),
    ("sixteen bytes ok", "default", "one"),
    ("grüß\nDich {{ x }}\n", "dev", "zwei ü"),
]

rows = []
for plain, label, password in ROWS:
    secret = VaultSecret(password.encode())
    vault = VaultLib().encrypt(plain.encode(), secret, vault_id=label, salt=SALT.encode())
    rows.append({"plain": plain, "id": label, "password": password, "salt": SALT, "vault": vault.decode()})
out = pathlib.Path(__file__).with_name("vaults.json")
out.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
