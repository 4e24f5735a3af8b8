#!/usr/bin/python3
"""A module that returns what it is told to, to see how each kind of result is shown."""

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec=dict(
            result=dict(type="dict", default={}),
            diff=dict(type="raw"),
            warn=dict(type="list", default=[]),
            deprecate=dict(type="list", default=[]),
            crash=dict(type="bool", default=False),
            fail=dict(type="str"),
        ),
        supports_check_mode=True,
    )
    for text in module.params["warn"]:
        module.warn(text)
    for entry in module.params["deprecate"]:
        module.deprecate(**entry)
    if module.params["crash"]:
        raise ValueError("first line\nlast line of the error")
    result = dict(module.params["result"])
    if module.params["diff"] is not None:
        result["diff"] = module.params["diff"]
    if module.params["fail"]:
        module.fail_json(msg=module.params["fail"], **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
