import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const HOSTS = 250;

/** Every host reads a variable, itself a template, of every other: what hostvars costs where hosts are many. */
export const hostvars250: Scenario = {
  name: "hostvars-250",
  about: "250 local hosts, one debug each whose template reads a variable of all 250 from hostvars",
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) => {
    const hosts = Math.max(1, Math.round(HOSTS * scale));
    return [
      {
        title: "",
        hosts: 0,
        files: { "play.yml": PLAYBOOK, hosts: toInventory(hosts) },
        lines: { ok: hosts },
        items: hosts,
      },
    ];
  }),
};

const PLAYBOOK = `- hosts: all
  gather_facts: false
  tasks:
    - debug:
        msg: |
          {% for name in groups['all'] %}
          {{ hostvars[name].address }} {{ name }}
          {% endfor %}
`;

function toInventory(hosts: number): string {
  const lines = Array.from({ length: hosts }, (_, index) => {
    return `h${String(index).padStart(3, "0")} number=${index}`;
  });
  const vars = [
    "ansible_connection=local",
    'address="10.0.{{ number // 256 }}.{{ number % 256 }}"',
  ];
  return `${lines.join("\n")}\n[all:vars]\n${vars.join("\n")}\n`;
}
