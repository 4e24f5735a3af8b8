import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";
import { toRoles } from "./debops-roles.ts";

const ROLES = 20;

/** What a real configuration of a whole machine is like: many kinds of tasks, conditions, loops, templates, become. */
export const debopsShaped: Scenario = {
  name: "debops-shaped",
  about:
    "one fresh host at 370 ms, a play of 246 tasks in 20 roles with the mix of modules, conditions, loops, templates and become of DebOps' common playbook",
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) => {
    const { files, tasks } = toRoles(Math.max(2, Math.round(ROLES * scale)));
    return [{ title: "", link: { rtt: 370 }, disposable: true, files, items: tasks }];
  }),
};
