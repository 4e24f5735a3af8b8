import { join } from "node:path";
import { runPlaybook, toInventory } from "../run-playbook.ts";
import type { Sample, Scenario, ScenarioOptions, Series } from "../scenario.ts";
import { startSshd } from "../sshd.ts";

const TASKS = 10;

/** Many hosts and a few tasks: what a host costs the controller. */
export const hosts: Scenario = {
  name: "hosts",
  about: (scale) =>
    `${scale} hosts (one sshd, an address each), ${TASKS} tasks: command: hostname; targets and controller share this machine's cores`,
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  scale: 100,
  run,
};

async function run(options: ScenarioOptions): Promise<readonly Series[]> {
  const { place, runners, runs, scale, progress } = options;
  await using sshd = await startSshd(join(place.directory, "sshd"), scale);
  const inventory = toInventory(sshd);
  const series = runners.map((runner) => ({ runner, samples: [] as Sample[] }));
  for (let index = 0; index < runs; index++) {
    for (const { runner, samples } of series) {
      const sample = await runPlaybook({
        place,
        runner,
        playbook: PLAYBOOK,
        inventory,
        changed: scale * TASKS,
        memory: true,
      });
      progress(
        `${runner}, ${scale} hosts: ${sample.wall?.toFixed(2)} s, ${sample.cpu?.toFixed(2)} s CPU`,
      );
      samples.push(sample);
    }
  }
  return series;
}

const PLAYBOOK = `- hosts: targets
  gather_facts: false
  tasks:
${"    - command: hostname\n".repeat(TASKS)}`;
