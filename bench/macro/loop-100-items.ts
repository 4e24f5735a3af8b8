import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

/** One task that loops: what one host's round trips, connection and start-up cost. */
export const loop100Items: Scenario = {
  name: "loop-100-items",
  about: "one host over ssh on loopback, one task: command: hostname in a loop of 100 items",
  runners: ["skein", "ansible", "mitogen"],
  runs: 5,
  run: playbooks((scale) => {
    const items = Math.max(1, Math.round(100 * scale));
    return [
      {
        title: "",
        files: { "play.yml": toPlaybook(items) },
        baseline: toPlaybook(1),
        lines: { changed: items },
        items,
        memory: false,
      },
    ];
  }),
};

function toPlaybook(items: number): string {
  return `- hosts: targets
  gather_facts: false
  tasks:
    - command: hostname
      loop: "{{ range(${items}) | list }}"
`;
}
