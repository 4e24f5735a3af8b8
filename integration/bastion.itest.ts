import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toMaskedText } from "./harness/compare.ts";
import { runBoth } from "./harness/reference-ansible.ts";
import { startTargets, type Targets } from "./harness/target-container.ts";

const PLAYBOOK = `
- hosts: inner
  become: true
  tasks:
    - command: hostname
    - copy: { content: "inside\\n", dest: /srv/inside }
      changed_when: false
    - command: cat /srv/inside
`;

describe("a host that only a bastion can reach", () => {
  let targets: Targets;
  beforeAll(async () => {
    targets = await startTargets({
      image: "python311",
      names: ["bastion", "inner"],
      inner: ["inner"],
    });
  });
  afterAll(() => targets[Symbol.asyncDispose]());

  const inventory = (args: string): string =>
    `inner ansible_host=inner ansible_user=ansible ansible_ssh_common_args='${args}'\n`;

  async function expectSame(hosts: string): Promise<void> {
    const files = { "hosts.ini": hosts, "site.yml": PLAYBOOK };
    const { skein, ansible } = await runBoth({ args: ["-i", "hosts.ini", "site.yml"], files });
    expect(ansible.exitCode, ansible.stdout).toBe(0);
    expect(skein.exitCode, skein.stdout + skein.stderr).toBe(0);
    expect(toMaskedText(skein.output)).toBe(toMaskedText(ansible.output));
  }

  it("is reached by ProxyJump of ssh's configuration", async () => {
    const config = join(targets.directory, "ssh_config");
    await writeFile(
      config,
      `Host *
  User ansible
  IdentityFile ${targets.keyFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${targets.knownHostsFile}
  GlobalKnownHostsFile /dev/null
Host inner
  ProxyJump bastion
Host bastion
  HostName 127.0.0.1
  Port ${targets.target("bastion").port}
`,
    );
    await expectSame(inventory(`-F ${config}`));
  });

  it("is reached by a ProxyCommand", async () => {
    const known = `-o UserKnownHostsFile=${targets.knownHostsFile} -o GlobalKnownHostsFile=/dev/null`;
    const jump = `ssh -i ${targets.keyFile} ${known} -p ${targets.target("bastion").port} -W %h:%p ansible@127.0.0.1`;
    await expectSame(inventory(`-i ${targets.keyFile} ${known} -o ProxyCommand="${jump}"`));
  });

  it("is not reached without it, and the message says so", async () => {
    const files = { "hosts.ini": targets.inventory, "site.yml": PLAYBOOK };
    const { skein, ansible } = await runBoth({ args: ["-i", "hosts.ini", "site.yml"], files });
    expect([skein.exitCode, ansible.exitCode]).toEqual([4, 4]);
    expect(skein.stdout).toMatch(/UNREACHABLE!.*inner/);
  });
});
