import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const HOSTS = 18_000;
const PER_RACK = 30;

/** A large inventory and a play that uses one host of it: what reading it costs. */
export const inventory18000: Scenario = {
  name: "inventory-18000",
  about:
    "an INI inventory of 18,000 hosts in 600 racks of 20 sites, with variables of hosts and groups; a play of one debug on one of them",
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) => [
    {
      title: "",
      hosts: 0,
      files: { "play.yml": PLAYBOOK, hosts: toInventory(Math.max(60, Math.round(HOSTS * scale))) },
      lines: { ok: 1 },
    },
  ]),
};

const PLAYBOOK = `- hosts: host-00042
  gather_facts: false
  tasks:
    - debug:
        msg: "{{ rack }} of {{ site }} at {{ uplink }}"
`;

function toInventory(hosts: number): string {
  const racks = Math.ceil(hosts / PER_RACK);
  const name = (index: number): string => `host-${String(index).padStart(5, "0")}`;
  const lines: string[] = [];
  for (let rack = 0; rack < racks; rack++) {
    lines.push(`[rack${rack}]`);
    for (let index = rack * PER_RACK; index < Math.min(hosts, (rack + 1) * PER_RACK); index++) {
      lines.push(
        `${name(index)} ansible_host=10.${index >> 16}.${(index >> 8) & 255}.${index & 255} serial=S${index} cores=${4 << (index % 4)}`,
      );
    }
    lines.push(`[rack${rack}:vars]`, `rack=${rack}`, `uplink=switch${rack}.example.org`);
  }
  for (let site = 0; site < 20; site++) {
    lines.push(`[site${site}:children]`);
    for (let rack = site; rack < racks; rack += 20) lines.push(`rack${rack}`);
    lines.push(`[site${site}:vars]`, `site=${site}`, `domain=site${site}.example.org`);
  }
  return `${lines.join("\n")}\n`;
}
