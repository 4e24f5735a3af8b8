import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toStatuses } from "./harness/compare.ts";
import { runBoth } from "./harness/reference-ansible.ts";
import { startTargets, type Targets } from "./harness/target-container.ts";

const PLAYBOOK = `
- hosts: web
  gather_facts: false
  tasks:
    - name: as the account itself
      command: id -un
    - name: what it may do, by its own sudo
      command: sudo -n id -un
    - name: what it may not do
      command: id -un
      become: true
      ignore_errors: true
    - name: after that
      command: id -un
`;

describe("an account that may run one command by sudo, and nothing else", () => {
  let targets: Targets;
  beforeAll(async () => {
    targets = await startTargets({ image: "python311", names: ["web1"], user: "dave" });
  });
  afterAll(() => targets[Symbol.asyncDispose]());

  it("fails to become root, soon and with a reason, and goes on without", async () => {
    const files = { "hosts.ini": targets.inventory, "site.yml": PLAYBOOK };
    const args = ["-i", "hosts.ini", "site.yml"];
    const { skein, ansible } = await runBoth({ args, files, timeout: 60 });
    expect(toStatuses(skein.output), skein.stdout + skein.stderr).toEqual(
      toStatuses(ansible.output),
    );
    expect(skein.output.recap).toEqual(ansible.output.recap);
    expect(skein.exitCode).toBe(ansible.exitCode);
    expect(skein.stdout).toMatch(/sudo/);
  });
});
