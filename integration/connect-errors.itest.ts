import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toPlayOutput, toStatuses } from "./harness/compare.ts";
import { runBoth } from "./harness/reference-ansible.ts";
import { runCli } from "./harness/run-cli.ts";
import { startSilentServer } from "./harness/silent-server.ts";
import { startTargets, type Targets, toInventory } from "./harness/target-container.ts";
import { until } from "./harness/until.ts";

const PLAYBOOK = `
- hosts: web
  gather_facts: false
  tasks:
    - name: first
      ping:
    - name: second
      ping:
`;
const ARGS = ["-i", "hosts.ini", "site.yml"];

describe("a host that cannot be reached", () => {
  let targets: Targets;
  beforeAll(async () => {
    targets = await startTargets({ image: "python311", names: ["web1", "web2"] });
  });
  afterAll(() => targets[Symbol.asyncDispose]());

  /** Both machines, and web1 with something of its own on its line. */
  const withWeb1 = (more: string): string =>
    targets.inventory.replace(/^(web1 .*)$/m, `$1 ${more}`);

  it.each([
    ["refuses connections", "ansible_port=1", /refused/i],
    ["has no address", "ansible_host=no-such-host.invalid", /no-such-host\.invalid/],
  ])("that %s is UNREACHABLE, and the others go on", async (_title, more, reason) => {
    const files = { "hosts.ini": withWeb1(more), "site.yml": PLAYBOOK };
    const { skein, ansible } = await runBoth({ args: ARGS, files });
    expect(toStatuses(skein.output)).toEqual(toStatuses(ansible.output));
    expect(skein.output.recap).toEqual(ansible.output.recap);
    expect(skein.exitCode).toBe(4);
    expect(skein.exitCode).toBe(ansible.exitCode);
    expect(messageOf(skein.stdout, "web1")).toMatch(reason);
  });

  it("because it never answers is UNREACHABLE after the timeout, and not later", async () => {
    using silent = await startSilentServer();
    const files = { "hosts.ini": withWeb1(`ansible_port=${silent.port}`), "site.yml": PLAYBOOK };
    const skein = await runCli("skein", { args: [...ARGS, "-T", "3"], files, timeout: 60 });
    const { recap } = toPlayOutput(skein.stdout);
    const expected = { web1: { unreachable: 1 }, web2: { ok: 2 } };
    expect(recap, skein.stdout + skein.stderr).toMatchObject(expected);
    expect(skein.exitCode).toBe(4);
    expect(skein.seconds).toBeGreaterThan(2.5);
    expect(skein.seconds).toBeLessThan(20);
  });

  it("because it refuses the key is UNREACHABLE and says which account was refused", async () => {
    const keyFile = join(targets.directory, "stranger");
    await promisify(execFile)("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
    const more = `ansible_ssh_private_key_file=${keyFile}`;
    const files = { "hosts.ini": withWeb1(more), "site.yml": PLAYBOOK };
    const { skein, ansible } = await runBoth({ args: ARGS, files });
    expect(toStatuses(skein.output)).toEqual(toStatuses(ansible.output));
    expect(skein.exitCode).toBe(ansible.exitCode);
    expect(messageOf(skein.stdout, "web1")).toMatch(/as ansible\b.*Permission denied/s);
  });

  it.each([
    [
      "another key than known_hosts says",
      "changed",
      /REMOTE HOST IDENTIFICATION HAS CHANGED.*known_hosts_changed:1/s,
    ],
    ["a key that known_hosts does not have", "unknown", /host key/i],
  ])("because it shows %s is UNREACHABLE", async (_title, kind, reason) => {
    const [web1, web2] = targets.all;
    const knownHostsFile = join(targets.directory, `known_hosts_${kind}`);
    const foreign = `[127.0.0.1]:${web1!.port} ${web2!.knownHost.split(" ").slice(1).join(" ")}`;
    await writeFile(
      knownHostsFile,
      kind === "changed" ? foreign + web2!.knownHost : web2!.knownHost,
    );
    const login = { user: "ansible", keyFile: targets.keyFile, knownHostsFile };
    const files = { "hosts.ini": toInventory(targets.all, login), "site.yml": PLAYBOOK };
    const { skein, ansible } = await runBoth({ args: ARGS, files });
    expect(toStatuses(skein.output)).toEqual(toStatuses(ansible.output));
    expect(skein.output.recap).toEqual(ansible.output.recap);
    expect(skein.exitCode).toBe(4);
    expect(messageOf(skein.stdout, "web1")).toMatch(reason);
  });

  it("because its key is unknown is reached where host key checking is off", async () => {
    const knownHostsFile = join(targets.directory, "known_hosts_none");
    await writeFile(knownHostsFile, "");
    const login = { user: "ansible", keyFile: targets.keyFile, knownHostsFile };
    const files = { "hosts.ini": toInventory(targets.all, login), "site.yml": PLAYBOOK };
    const env = { ANSIBLE_HOST_KEY_CHECKING: "false" };
    const { skein, ansible } = await runBoth({ args: ARGS, files, env });
    expect(skein.output.recap, skein.stdout).toEqual(ansible.output.recap);
    expect(skein.exitCode).toBe(0);
  });
});

describe("a host that is lost", () => {
  it("in the middle of a task becomes UNREACHABLE, and the others go on", async () => {
    await using targets = await startTargets({ image: "python311", names: ["web1", "web2"] });
    const playbook = `
- hosts: web
  gather_facts: false
  tasks:
    - name: long
      command: sleep {{ 60 if inventory_hostname == 'web1' else 3 }}
    - name: after
      ping:
`;
    const files = { "hosts.ini": targets.inventory, "site.yml": playbook };
    const running = runCli("skein", { args: ARGS, files, timeout: 100 });
    const lost = targets.target("web1");
    await until(async () => (await lost.exec("ps", "ax")).includes("sleep 60"), { seconds: 30 });
    await lost.kill();
    const skein = await running;
    const { recap } = toPlayOutput(skein.stdout);
    const expected = { web1: { unreachable: 1 }, web2: { ok: 2 } };
    expect(recap, skein.stdout + skein.stderr).toMatchObject(expected);
    expect(skein.exitCode).toBe(4);
    expect(skein.seconds).toBeLessThan(40);
  });

  it("between two tasks becomes UNREACHABLE at the next one", async () => {
    await using targets = await startTargets({ image: "python311", names: ["web1", "web2"] });
    const playbook = `
- hosts: web
  gather_facts: false
  tasks:
    - name: before
      ping:
    - name: meanwhile
      pause:
        seconds: 5
    - name: after
      ping:
`;
    const files = { "hosts.ini": targets.inventory, "site.yml": playbook };
    let killed: Promise<void> | undefined;
    const skein = await runCli("skein", {
      args: ARGS,
      files,
      timeout: 100,
      onOutput: (stdout) => {
        if (stdout.includes("TASK [meanwhile]")) killed ??= targets.target("web1").kill();
      },
    });
    await killed;
    const { recap } = toPlayOutput(skein.stdout);
    const expected = { web1: { unreachable: 1 }, web2: { unreachable: 0, failed: 0 } };
    expect(recap, skein.stdout + skein.stderr).toMatchObject(expected);
    expect(skein.exitCode).toBe(4);
  });
});

describe("a host without Python", () => {
  it("fails modules, says that Python is missing, and does raw", async () => {
    await using targets = await startTargets({ image: "no-python", names: ["web1"] });
    const playbook = `
- hosts: web
  gather_facts: false
  tasks:
    - name: raw before
      raw: echo one
    - name: a module
      ping:
      ignore_errors: true
    - name: raw after
      raw: echo two; exit 3
      register: two
      failed_when: two.rc != 3
    - name: raw as root
      raw: id -un
      become: true
      register: who
    - name: it said
      debug:
        msg: "{{ two.stdout_lines }} {{ who.stdout_lines }}"
`;
    const files = { "hosts.ini": targets.inventory, "site.yml": playbook };
    const { skein, ansible } = await runBoth({ args: ARGS, files });
    expect(toStatuses(skein.output), skein.stdout).toEqual(toStatuses(ansible.output));
    expect(skein.output.recap).toEqual(ansible.output.recap);
    expect(skein.exitCode).toBe(0);
    expect(messageOf(skein.stdout, "web1")).toMatch(/python/i);
    expect(skein.stdout).toContain("['two'] ['root']");
  });
});

/** What a host's fatal result says. */
function messageOf(stdout: string, host: string): string {
  const entries = toPlayOutput(stdout).sections.flatMap(({ entries }) => entries);
  const fatal = entries.find((entry) => entry.host === host && entry.status.startsWith("fatal"));
  return fatal?.text ?? `${host} did not fail:\n${stdout}`;
}
