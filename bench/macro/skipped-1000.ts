import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const HOSTS = 1000;
const TASKS = 5;

/** Tasks that run nowhere: what deciding costs, a condition of variables at a time. No host is connected to. */
export const skipped1000: Scenario = {
  name: "skipped-1000",
  about: `1,000 hosts that are never connected to, ${TASKS} tasks that are skipped on all of them`,
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) => {
    const hosts = Math.max(1, Math.round(HOSTS * scale));
    return [
      {
        title: "",
        hosts: 0,
        files: { "play.yml": PLAYBOOK, hosts: toInventory(hosts) },
        lines: { skipping: hosts * TASKS },
        items: hosts * TASKS,
      },
    ];
  }),
};

const PLAYBOOK = `- hosts: all
  gather_facts: false
  vars:
    wanted: "{{ region in ['north', 'south'] }}"
  tasks:
${`    - command: hostname
      when: wanted | bool and number | int > 5000
`.repeat(TASKS)}`;

function toInventory(hosts: number): string {
  const lines = Array.from({ length: hosts }, (_, index) => {
    const region = ["north", "south", "east", "west"][index % 4];
    return `h${String(index).padStart(4, "0")} ansible_host=192.0.2.1 region=${region} number=${index}`;
  });
  return `${lines.join("\n")}\n`;
}
