"""Ansible's Templar, measured on request: a line of JSON {"kind", "template", "rounds"} in, the seconds that all rounds took out.

The first line holds the variables.
"""
import json
import sys
import time

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar


def main():
    templar = Templar(DataLoader(), variables=json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        asked = json.loads(line)
        template = asked["template"]
        value = None
        begin = time.perf_counter()
        for _ in range(asked["rounds"]):
            if asked["kind"] == "file":
                value = templar.do_template(template, preserve_trailing_newlines=True, escape_backslashes=False)
            else:
                value = templar.template(template)
        seconds = time.perf_counter() - begin
        print(json.dumps({"seconds": seconds, "value": value if asked["kind"] == "file" else repr(value)}), flush=True)


main()
