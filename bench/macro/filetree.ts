import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const FILES = 1000;
const PER_FOLDER = 100;

/** A tree of empty files, copied one by one: what a file costs when there is nothing in it. */
export const filetree: Scenario = {
  name: "filetree",
  about:
    "one host, with_filetree over a tree of 1,000 empty files: a task for its folders, a task for its files",
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) => {
    const files = Math.max(10, Math.round(FILES * scale));
    const shape = {
      disposable: true,
      files: { "play.yml": PLAYBOOK, ...toTree(files) },
      items: files,
    };
    return [
      { ...shape, title: "26 ms", link: { rtt: 26 } },
      { ...shape, title: "loopback" },
    ];
  }),
};

const PLAYBOOK = `- hosts: targets
  gather_facts: false
  tasks:
    - name: folders
      file:
        path: "/tmp/tree/{{ item.path }}"
        state: directory
        mode: "0755"
      with_community.general.filetree: tree/
      when: item.state == 'directory'
    - name: files
      copy:
        src: "{{ item.src }}"
        dest: "/tmp/tree/{{ item.path }}"
        mode: "0644"
      with_community.general.filetree: tree/
      when: item.state == 'file'
`;

function toTree(files: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: files }, (_, index) => {
      const folder = String(Math.floor(index / PER_FOLDER)).padStart(2, "0");
      return [`tree/d${folder}/f${String(index % PER_FOLDER).padStart(3, "0")}`, ""];
    }),
  );
}
