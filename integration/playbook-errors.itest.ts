import { describe, expect, it } from "vitest";
import { toStatuses } from "./harness/compare.ts";
import { runBoth } from "./harness/reference-ansible.ts";

const HOSTS = "localhost ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n";

interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  /** What skein says must match each. */
  readonly says: readonly RegExp[];
}

const play = (tasks: string): string =>
  `- hosts: localhost\n  gather_facts: false\n  tasks:\n${tasks}`;

/** Nothing runs: both end before the first task, with the same exit code. */
const REFUSED: readonly Case[] = [
  {
    title: "an unknown module",
    files: { "site.yml": play("    - name: odd\n      no_such_module:\n        a: 1\n") },
    says: [/no_such_module/, /site\.yml.*line 4|site\.yml:4:/s],
  },
  {
    title: "YAML that is broken",
    files: { "site.yml": play("    - debug: {msg: [1, 2\n    - debug:\n") },
    says: [/site\.yml/, /line \d|:\d+:\d+/],
  },
  {
    title: "a tab where YAML allows none",
    files: { "site.yml": play("    - debug:\n\tmsg: x\n") },
    says: [/site\.yml.*line 5, column 1|site\.yml:5:1/s],
  },
  {
    title: "a playbook that is not there",
    files: {},
    says: [/site\.yml/, /could not be found/],
  },
  {
    title: "a task that is two things at once",
    files: { "site.yml": play("    - debug:\n      command: id\n") },
    says: [/conflicting action statements/, /site\.yml/],
  },
  {
    title: "a keyword that does not exist",
    files: { "site.yml": play("    - debug:\n      whenever: true\n") },
    says: [/whenever/, /site\.yml/],
  },
];

/** The task fails, like any other: both say so in its result. */
const FAILED: readonly Case[] = [
  {
    title: "an undefined variable",
    files: { "site.yml": play("    - name: tell\n      debug:\n        msg: '{{ goose }}'\n") },
    says: [/'goose' is undefined/, /site\.yml.*line 4|site\.yml:4:/s],
  },
  {
    title: "an undefined attribute",
    files: {
      "site.yml": play(
        "    - name: tell\n      vars:\n        goose: {legs: 2}\n      debug:\n        msg: '{{ goose.wings }}'\n",
      ),
    },
    says: [/'dict object' has no attribute 'wings'/, /site\.yml/],
  },
  {
    title: "a template that is broken",
    files: { "site.yml": play("    - name: tell\n      debug:\n        msg: '{{ goose | }}'\n") },
    says: [/template error while templating string/],
  },
  {
    title: "a condition that is broken",
    files: { "site.yml": play("    - name: tell\n      debug:\n      when: a ==\n") },
    says: [/conditional check 'a ==' failed/],
  },
  {
    title: "a filter that does not exist",
    files: { "site.yml": play("    - name: tell\n      debug:\n        msg: '{{ 1 | honk }}'\n") },
    says: [/honk/],
  },
  {
    title: "an argument that a module does not know",
    files: { "site.yml": play("    - name: tell\n      ping:\n        dat: x\n") },
    says: [/Unsupported parameters for \(ping\) module: dat/],
  },
  {
    title: "a file to copy that is not there",
    files: {
      "site.yml": play("    - name: put\n      copy:\n        src: nothing\n        dest: /x\n"),
    },
    says: [/Could not find or access 'nothing'/],
  },
];

describe("a playbook that cannot be run", () => {
  it.each(REFUSED)("for $title ends before it starts, as with ansible-playbook", async (row) => {
    const files = { "hosts.ini": HOSTS, ...row.files };
    const { skein, ansible } = await runBoth({ args: ["-i", "hosts.ini", "site.yml"], files });
    expect(skein.exitCode, skein.stdout + skein.stderr).toBe(ansible.exitCode);
    expect(skein.exitCode).not.toBe(0);
    expect(skein.stdout).not.toContain("TASK");
    for (const pattern of row.says) expect(skein.stderr).toMatch(pattern);
    expect(skein.stderr).not.toMatch(/^\s+at .*\.js:\d+/m);
  });
});

describe("a task that cannot be run", () => {
  it.each(FAILED)("for $title fails, as with ansible-playbook", async (row) => {
    const files = { "hosts.ini": HOSTS, ...row.files };
    const { skein, ansible } = await runBoth({ args: ["-i", "hosts.ini", "site.yml"], files });
    expect(toStatuses(skein.output), skein.stdout + skein.stderr).toEqual(
      toStatuses(ansible.output),
    );
    expect(skein.output.recap).toEqual(ansible.output.recap);
    expect(skein.exitCode).toBe(2);
    expect(ansible.exitCode).toBe(2);
    for (const pattern of row.says) expect(skein.stdout).toMatch(pattern);
  });
});
