import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const TASKS = 10;
const HOSTS = [1, 10, 50, 100, 200];

/** More and more hosts and a few tasks: what a host costs the controller. */
export const hosts: Scenario = {
  name: "hosts",
  about: `1 to 200 hosts (one sshd, an address each), ${TASKS} tasks: command: hostname; targets and controller share this machine's cores`,
  axis: "hosts",
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) =>
    [...new Set(HOSTS.map((count) => Math.max(1, Math.round(count * scale))))].map((count) => ({
      title: `${count} hosts`,
      x: count,
      hosts: count,
      files: { "play.yml": PLAYBOOK },
      lines: { changed: count * TASKS },
      items: count * TASKS,
    })),
  ),
};

const PLAYBOOK = `- hosts: targets
  gather_facts: false
  tasks:
${"    - command: hostname\n".repeat(TASKS)}`;
