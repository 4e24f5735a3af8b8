import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const TASKS = 20;
const ITEMS = 5;

/** The same small play over longer and longer links: what a millisecond costs. */
export const latency: Scenario = {
  name: "latency",
  about:
    "one host, 10 tasks command: hostname and 10 of them in a loop of 5, over links of 0 to 370 ms",
  axis: "ms of round trip",
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) =>
    [1, 10, 26, 100, 370]
      .filter((rtt) => scale >= 0.5 || rtt <= 100)
      .map((rtt) => ({
        title: `${rtt} ms`,
        x: rtt,
        link: { rtt },
        files: { "play.yml": PLAYBOOK },
        lines: { changed: (TASKS / 2) * (1 + ITEMS) },
        items: TASKS,
      })),
  ),
};

const PLAYBOOK = `- hosts: targets
  gather_facts: false
  tasks:
${`    - command: hostname
    - command: hostname
      loop: [a, b, c, d, e]
`.repeat(TASKS / 2)}`;
