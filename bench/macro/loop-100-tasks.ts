import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

/** Many tasks, none of which can share a round trip with the one before. */
export const loop100Tasks: Scenario = {
  name: "loop-100-tasks",
  about: "one host over ssh on loopback, 100 tasks: command: hostname",
  runners: ["skein", "ansible", "mitogen"],
  runs: 3,
  run: playbooks((scale) => {
    const items = Math.max(1, Math.round(100 * scale));
    return [
      { title: "", files: { "play.yml": toPlaybook(items) }, lines: { changed: items }, items },
    ];
  }),
};

function toPlaybook(tasks: number): string {
  return `- hosts: targets
  gather_facts: false
  tasks:
${"    - command: hostname\n".repeat(tasks)}`;
}
