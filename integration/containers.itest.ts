import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toStatuses } from "./harness/compare.ts";
import { type Pair, runBoth } from "./harness/reference-ansible.ts";
import { type CliOptions, runCli } from "./harness/run-cli.ts";
import { startTargets, type Targets } from "./harness/target-container.ts";
import { until } from "./harness/until.ts";

const PLAYBOOK = `
- hosts: web1
  tasks:
    - debug: msg="{{ ansible_facts.distribution_release }} {{ ansible_facts.user_id }}"
    - command: id -un
      register: me
    - debug: var=me.stdout
    - command: id -un
      remote_user: carol
      register: me
    - debug: var=me.stdout
    - command: id -un
      vars: {ansible_docker_user: dave}
      register: me
    - debug: var=me.stdout
    - command: id -un
      become: true
      remote_user: ansible
      register: me
    - debug: var=me.stdout
    - command: id -un
      become: true
      remote_user: carol
      vars: {ansible_become_password: tulip}
      register: me
    - debug: var=me.stdout
    - copy: {src: big.bin, dest: /tmp/big.bin}
    - stat: {path: /tmp/big.bin, checksum_algorithm: sha256}
      register: big
    - debug: msg="{{ big.stat.size }} {{ big.stat.checksum }}"
    - fetch: {src: /tmp/big.bin, dest: fetched.bin, flat: true}
    - file: {path: /tmp/big.bin, state: absent}
    - template: {src: made.j2, dest: /tmp/made, mode: "0640"}
      diff: true
    - file: {path: /tmp/made, state: absent}
    - raw: echo "$0"; echo err >&2; test -t 0 && echo a terminal; exit 3
      register: raw
      failed_when: raw.rc != 3
    - debug: msg="{{ raw.stdout_lines }} {{ raw.stderr_lines }}"
    - command: echo {{ item }}
      loop: [1, 2, 3]
    - command: sleep 1
      async: 9
      poll: 1
    - meta: reset_connection
    - ping:
    - command: id -un
      delegate_to: bare
      register: not_there
      ignore_errors: true
- hosts: bare:gone
  gather_facts: false
  tasks:
    - raw: echo said
      register: raw
      ignore_errors: true
    - debug: msg="{{ raw.rc }} {{ raw.stdout_lines }}"
`;

describe("containers that docker leads to", () => {
  let targets: Targets;
  let inventory: string;
  let pair: Pair;
  const optionsOf = (playbook: string, more: Partial<CliOptions> = {}): CliOptions => ({
    args: ["-i", "hosts.ini", "site.yml"],
    files: { "hosts.ini": inventory, "site.yml": playbook },
    timeout: 120,
    ...more,
  });

  beforeAll(async () => {
    targets = await startTargets({
      image: "python311",
      names: ["web1", "bare"],
      images: { bare: "no-python" },
    });
    inventory = [
      ...targets.all.map(({ name, id }) => `${name} ansible_host=${id}`),
      "gone",
      "[all:vars]",
      "ansible_connection=docker",
    ].join("\n");
    pair = await runBoth(
      optionsOf(PLAYBOOK, {
        files: {
          "hosts.ini": inventory,
          "site.yml": PLAYBOOK,
          "big.bin": randomBytes(5 << 20).toString("latin1"),
          "made.j2": "made for {{ inventory_hostname }}\n",
        },
      }),
    );
  });
  afterAll(() => targets[Symbol.asyncDispose]());

  it("are what the same tasks do to them under ansible-playbook", () => {
    const { skein, ansible } = pair;
    expect(ansible.exitCode, ansible.stdout + ansible.stderr).toBe(0);
    expect(toStatuses(skein.output)).toEqual(toStatuses(ansible.output));
    expect(skein.output.recap).toEqual(ansible.output.recap);
  });

  it("say the same", () => {
    const said = (stdout: string): readonly string[] =>
      stdout.split("\n").filter((line) => /^ {4}"(msg|\w+\.\w+)": /.test(line));
    expect(said(pair.skein.stdout).length).toBeGreaterThan(8);
    expect(said(pair.skein.stdout).toSorted()).toEqual(said(pair.ansible.stdout).toSorted());
  });

  it("that are not there cannot be reached", async () => {
    const run = await runCli("skein", {
      ...optionsOf("- {hosts: gone, gather_facts: false, tasks: [ping: ]}"),
    });
    expect(run.exitCode).toBe(4);
    expect(run.stdout).toContain("UNREACHABLE");
    expect(run.stdout).toContain("No such container");
  });

  const long = `
- hosts: web1
  gather_facts: false
  tasks:
    - ping:
    - command: sleep 300
`;
  const processes = (): Promise<string> => targets.target("web1").exec("ps", "-eo", "args");
  const isSleeping = async (): Promise<boolean> => /^sleep 300$/m.test(await processes());

  it("keep nothing of a run that Ctrl-C ended", async () => {
    let pid = 0;
    const running = runCli("skein", optionsOf(long, { onStart: (started) => (pid = started) }));
    await until(isSleeping, { seconds: 30, otherwise: processes });
    process.kill(pid, "SIGINT");
    expect((await running).exitCode).toBe(99);
    await until(async () => !/python|sleep 300/.test(await processes()), {
      seconds: 10,
      otherwise: processes,
    });
  });

  it("that end in the middle are lost", async () => {
    const running = runCli("skein", optionsOf(long));
    await until(isSleeping, { seconds: 30, otherwise: processes });
    await targets.target("web1").kill();
    const run = await running;
    expect(run.exitCode).toBe(4);
    expect(run.stdout).toMatch(/web1.*UNREACHABLE/);
  });
});
