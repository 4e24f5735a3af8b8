import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { measure } from "../measure.ts";
import { type RunnerName, toCommand } from "../runners.ts";
import type { Case, Sample, Scenario, ScenarioOptions } from "../scenario.ts";

/** The shortest run there is: what starting costs. */
export const ping: Scenario = {
  name: "ping",
  about: "localhost, one task: ping; from the process's start to its exit",
  runners: ["skein", "adhoc", "ansible"],
  runs: 7,
  run,
};

async function run(options: ScenarioOptions): Promise<readonly Case[]> {
  const { place, runners, runs, progress, signal } = options;
  const series = runners.map((runner) => ({ runner, samples: [] as Sample[] }));
  for (let index = 0; index < runs; index++) {
    for (const { runner, samples } of series) {
      const directory = await place.runDirectory();
      await writeFile(join(directory, "play.yml"), PLAYBOOK);
      const { cli, mitogen } = place;
      const command = await toCommand(runner, { directory, args: toArgs(runner), cli, mitogen });
      const measured = await measure(command, { directory, signal });
      if (!/^(ok: \[localhost\]|localhost \| SUCCESS)/m.test(measured.stdout)) {
        throw new Error(`${runner} did not ping:\n${measured.stdout.slice(-2000)}`);
      }
      const { wall, cpu, user, system, faults, switches } = measured;
      progress(`${runner}: ${wall.toFixed(3)} s`);
      samples.push({ wall, cpu, user, system, faults, switches });
    }
  }
  return [{ title: "", series }];
}

/** None of them is given an inventory: localhost needs none. */
function toArgs(runner: RunnerName): readonly string[] {
  return runner === "adhoc" ? ["localhost", "-m", "ping"] : ["play.yml"];
}

const PLAYBOOK = `- hosts: localhost
  gather_facts: false
  tasks:
    - ping:
`;
