import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toMaskedText, toStatuses } from "./harness/compare.ts";
import { runBoth } from "./harness/reference-ansible.ts";
import { runCli } from "./harness/run-cli.ts";
import { startTargets, type Targets } from "./harness/target-container.ts";

const NEW_STYLE = "#!/usr/bin/python3\nfrom ansible.module_utils.basic import AnsibleModule\n";
const MODULES = {
  "library/rubbish.py": `${NEW_STYLE}print("honk honk")\n`,
  "library/silent.py": `${NEW_STYLE}import sys\nsys.exit(0)\n`,
  "library/killed.py": `${NEW_STYLE}import os\nos.kill(os.getpid(), 9)\n`,
  "library/raises.py": `${NEW_STYLE}raise ValueError("too many geese")\n`,
  "library/chatty.py": `${NEW_STYLE}print("a line before")\nAnsibleModule(argument_spec={}).exit_json(changed=True)\nprint("never")\n`,
  "library/closes.py": `${NEW_STYLE}import os\nfor fd in range(3, 64):\n    try:\n        os.close(fd)\n    except OSError:\n        pass\nAnsibleModule(argument_spec={}).exit_json(changed=False)\n`,
  "library/shell_style.sh": '#!/bin/sh\necho \'{"changed": true, "said": "from sh"}\'\n',
};
const ARGS = ["-i", "hosts.ini", "site.yml"];

describe("a module that misbehaves", () => {
  let targets: Targets;
  beforeAll(async () => {
    targets = await startTargets({ image: "python311", names: ["web1"] });
  });
  afterAll(() => targets[Symbol.asyncDispose]());

  it.each([
    ["prints rubbish", "rubbish", /did not handle its own exit/],
    ["exits without a word", "silent", /MODULE FAILURE/],
    ["is killed", "killed", /MODULE FAILURE/],
    ["raises", "raises", /too many geese/],
    ["prints before its result", "chatty", /changed: \[web1\]/],
    ["closes descriptors that are not its own", "closes", /ok: \[web1\]/],
    ["is a shell script", "shell_style", /changed: \[web1\]/],
  ])("because it %s takes nobody with it", async (_title, module, says) => {
    const playbook = `
- hosts: web
  gather_facts: false
  tasks:
    - name: odd
      ${module}:
      register: odd
      ignore_errors: true
    - name: its result
      debug:
        msg: "{{ [odd.failed, odd.changed, (odd.msg | default('-')).splitlines()[0]] }}"
    - name: after
      ping:
`;
    const files = { ...MODULES, "hosts.ini": targets.inventory, "site.yml": playbook };
    const { skein, ansible } = await runBoth({ args: ARGS, files, timeout: 60 });
    expect(toStatuses(skein.output), skein.stdout + skein.stderr).toEqual(
      toStatuses(ansible.output),
    );
    expect(skein.output.recap).toEqual(ansible.output.recap);
    expect(skein.exitCode).toBe(0);
    expect(skein.stdout).toMatch(says);
    const [own, reference] = [skein, ansible].map(({ output }) =>
      output.sections.find(({ banner }) => banner === "TASK [its result]"),
    );
    expect(own?.entries).toEqual(reference?.entries);
  });

  it("may say 50 MB", async () => {
    const playbook = `
- hosts: web
  gather_facts: false
  tasks:
    - name: much
      shell: head -c 50000000 /dev/zero | tr '\\0' x
      register: much
      no_log: true
    - name: all of it
      assert:
        that: much.stdout | length == 50000000
        quiet: true
    - name: after
      ping:
`;
    const files = { "hosts.ini": targets.inventory, "site.yml": playbook };
    const skein = await runCli("skein", { args: ARGS, files, timeout: 150 });
    expect(skein.exitCode, skein.stdout + skein.stderr).toBe(0);
  });

  it("may say bytes that are no text", async () => {
    const playbook = String.raw`
- hosts: web
  gather_facts: false
  tasks:
    - name: bytes
      shell: printf '\377\376 a\001b \303\244 \302\205 \355\240\200 end'
      register: bytes
      changed_when: false
    - name: they are
      debug:
        var: bytes.stdout
    - name: counted
      debug:
        msg: "{{ bytes.stdout | length }} {{ bytes.stdout | to_json }}"
    - name: raw bytes
      raw: printf '\377 a\001b \303\244 end'
      register: rawly
      changed_when: false
    - name: raw they are
      debug:
        var: rawly.stdout
`;
    const files = { "hosts.ini": targets.inventory, "site.yml": playbook };
    const { skein, ansible } = await runBoth({ args: ARGS, files });
    expect(toMaskedText(skein.output), skein.stderr).toBe(toMaskedText(ansible.output));
    expect(skein.exitCode).toBe(ansible.exitCode);
  });
});
