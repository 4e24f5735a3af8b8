import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

/** Seconds of work on the target, task by task: most of the run, whoever runs it. */
const WORK = [
  0.2, 4, 0.5, 1, 6, 0.1, 0.1, 2, 0.5, 3, 0.2, 8, 0.3, 1, 0.1, 5, 0.2, 0.4, 2, 0.1, 3, 0.2, 1,
] as const;

/** What is left to win where the target itself is busy. */
export const slow23: Scenario = {
  name: "slow-23",
  about:
    "one host at 370 ms, 23 tasks of which most of the time is work on the target (39 s in all)",
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) => [
    {
      title: "",
      link: { rtt: 370 },
      files: { "play.yml": toPlaybook(WORK.map((seconds) => seconds * scale)) },
      lines: { changed: WORK.length },
      items: WORK.length,
    },
  ]),
};

function toPlaybook(work: readonly number[]): string {
  const tasks = work.map(
    (seconds, index) => `    - name: step ${index + 1}
      command: sleep ${seconds.toFixed(2)}
`,
  );
  return `- hosts: targets
  gather_facts: false
  tasks:
${tasks.join("")}`;
}
