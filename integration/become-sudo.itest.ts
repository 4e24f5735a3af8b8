import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toMaskedText, toStatuses } from "./harness/compare.ts";
import { runBoth } from "./harness/reference-ansible.ts";
import { startTargets, type Targets } from "./harness/target-container.ts";

const PLAYBOOK = `
- hosts: web
  gather_facts: false
  become: true
  tasks:
    - name: who am I
      command: id -un
      register: who
      changed_when: false
    - name: I am
      debug:
        msg: "{{ who.stdout }}"
    - name: whom did I become
      command: sh -c 'id -un; id -Gn; pwd; echo $HOME; umask'
      become_user: deploy
      changed_when: false
      register: other
    - name: I was
      debug:
        var: other.stdout_lines
`;
const ARGS = ["-i", "hosts.ini", "site.yml"];

describe("sudo", () => {
  let free: Targets;
  let asked: Targets;
  beforeAll(async () => {
    free = await startTargets({ image: "python311", names: ["web1"] });
    asked = await startTargets({ image: "python311", names: ["web1"], user: "carol" });
  });
  afterAll(async () => {
    await free[Symbol.asyncDispose]();
    await asked[Symbol.asyncDispose]();
  });

  it("without a password becomes root and others", async () => {
    const files = { "hosts.ini": free.inventory, "site.yml": PLAYBOOK };
    const { skein, ansible } = await runBoth({ args: ARGS, files });
    expect(toMaskedText(skein.output), skein.stderr).toBe(toMaskedText(ansible.output));
    expect(skein.exitCode).toBe(0);
  });

  it.each([
    ["the right password becomes root and others", ["-e", "ansible_become_password=tulip"], 0, ""],
    [
      "a wrong password fails and says so",
      ["-e", "ansible_become_password=rose"],
      2,
      "Incorrect sudo password",
    ],
    ["no password where one is asked for fails and says so", [], 2, "Missing sudo password"],
  ])("with %s", async (_title, more, exitCode, message) => {
    const files = { "hosts.ini": asked.inventory, "site.yml": PLAYBOOK };
    const { skein, ansible } = await runBoth({ args: [...ARGS, ...more], files, timeout: 60 });
    expect(toStatuses(skein.output), skein.stdout + skein.stderr).toEqual(
      toStatuses(ansible.output),
    );
    expect(skein.output.recap).toEqual(ansible.output.recap);
    expect(ansible.exitCode).toBe(exitCode);
    expect(skein.exitCode).toBe(exitCode);
    expect(skein.stdout).toContain(message);
    expect(skein.stdout + skein.stderr).not.toMatch(/tulip|rose/);
  });

  it("takes the password from --become-password-file", async () => {
    const files = { "hosts.ini": asked.inventory, "site.yml": PLAYBOOK, password: "tulip\n" };
    const args = [...ARGS, "--become-password-file", "password"];
    const { skein, ansible } = await runBoth({ args, files });
    expect(skein.output.recap, skein.stdout + skein.stderr).toEqual(ansible.output.recap);
    expect(skein.exitCode).toBe(0);
  });

  it("to an account that does not exist fails, and the others of the play go on", async () => {
    const files = { "hosts.ini": free.inventory, "site.yml": PLAYBOOK };
    const args = [...ARGS, "-e", "ansible_become_user=nobody-like-that"];
    const { skein, ansible } = await runBoth({ args, files });
    expect(toStatuses(skein.output), skein.stdout).toEqual(toStatuses(ansible.output));
    expect(skein.exitCode).toBe(ansible.exitCode);
    expect(skein.stdout).toContain("nobody-like-that");
  });
});
