"""Writes expected.json: what the installed Ansible says about each of cases.json. Run with the interpreter that imports ansible."""
import json
import os

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, 'cases.json')) as file:
    cases = json.load(file)
expected = {}
for case in cases:
    result = ArgumentSpecValidator(case['spec']).validate(case['given'])
    expected[case['title']] = list(result.error_messages)
with open(os.path.join(here, 'expected.json'), 'w') as file:
    json.dump(expected, file, indent=2)
    file.write('\n')
