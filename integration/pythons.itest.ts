import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toMaskedText } from "./harness/compare.ts";
import { fileTree } from "./harness/file-tree.ts";
import { runReference, toRun } from "./harness/reference-ansible.ts";
import { runCli } from "./harness/run-cli.ts";
import { type Image, startTargets, type Targets } from "./harness/target-container.ts";

/** The oldest that modules of ansible-core 2.14 run on, those of Debian's releases, and the newest. */
const PYTHONS: readonly (readonly [version: string, image: Image, interpreter: string])[] = [
  ["2.7", "python27", "/usr/bin/python2"],
  ["3.9", "python39", "/usr/bin/python3"],
  ["3.11", "python311", "/usr/bin/python3"],
  ["3.13", "python313", "/usr/bin/python3"],
];
const NAMES = PYTHONS.map(([version]) => `python${version}`);
const FOLDERS = ["/srv", "/tmp", "/var/tmp"];

const PLAYBOOK = `
- hosts: web
  become: true
  tasks:
    - name: version
      debug:
        msg: "{{ ansible_python.version.major }}.{{ ansible_python.version.minor }}"
    - ping:
        data: "größe ☃"
    - name: items
      shell: printf '%s' "{{ item }}"; echo oops >&2
      loop: [one, "zwei ü", "drei\\nlines"]
      register: shells
      changed_when: shells.rc == 0
    - file: { path: /srv/a/b, state: directory, mode: "0751", owner: ansible }
    - copy: { content: "größe {{ inventory_hostname | length }}\\n", dest: /srv/a/text, mode: "0640" }
    - copy: { src: "binary", dest: /srv/a/binary }
    - template: { src: t.j2, dest: /srv/a/rendered }
    - lineinfile: { path: /srv/a/text, line: "more: ü" }
    - blockinfile: { path: /srv/a/text, block: "one\\ntwo" }
    - replace: { path: /srv/a/text, regexp: "^m(.)re", replace: "\\\\1M" }
    - stat: { path: /srv/a/text }
      register: stat
    - debug: { var: stat.stat.checksum }
    - slurp: { src: /srv/a/text }
      register: slurped
    - debug: { msg: "{{ slurped.content | b64decode }}" }
    - user: { name: eve, shell: /bin/sh }
    - command: id -un
      become_user: eve
    - fail: { msg: "on purpose" }
      ignore_errors: true
    - name: what a module says about wrong arguments
      file: { path: /srv, state: nonsense }
      ignore_errors: true
`;
const FILES = {
  "site.yml": PLAYBOOK,
  binary: "\u0000\u0001binary",
  "t.j2": "{% for one in [1, 2.5, 'ü'] %}{{ one }} {% endfor %}\n",
};

describe("targets with every Python that a distribution gives", () => {
  let sets: readonly Targets[] = [];
  beforeAll(async () => {
    const images = Object.fromEntries(
      PYTHONS.map(([version, image]) => [`python${version}`, image]),
    );
    const options = { image: "python311", names: NAMES, images } as const;
    sets = [await startTargets(options), await startTargets(options)];
  });
  afterAll(async () => {
    for (const set of sets) await set[Symbol.asyncDispose]();
  });

  it("print the same and are left the same by skein and by ansible-playbook", async () => {
    const [first, second] = sets as readonly [Targets, Targets];
    const vars = PYTHONS.map(([version, , interpreter]) =>
      [
        `[web_${version.replace(".", "")}]`,
        `python${version} ansible_python_interpreter=${interpreter}`,
      ].join("\n"),
    ).join("\n");
    const files = (targets: Targets) => ({
      ...FILES,
      "hosts.ini": `${targets.inventory}${vars}\n`,
    });
    const args = ["-i", "hosts.ini", "site.yml", "-v"];
    const ansible = toRun(await runReference({ args, files: files(first), timeout: 300 }));
    const skein = toRun(await runCli("skein", { args, files: files(second), timeout: 300 }));
    expect(ansible.stdout).toContain('"msg": "2.7"');
    expect(ansible.stdout).toContain('"msg": "3.13"');
    expect(toMaskedText(skein.output), skein.stderr).toBe(toMaskedText(ansible.output));
    expect(skein.output.recap).toEqual(ansible.output.recap);
    for (const name of NAMES) {
      const trees = [first, second].map((set) => fileTree(set.target(name), FOLDERS));
      const [expected, found] = await Promise.all(trees);
      expect(found, name).toEqual(expected);
    }
  });
});
