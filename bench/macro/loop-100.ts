import { join } from "node:path";
import { runPlaybook, toInventory } from "../run-playbook.ts";
import type { Sample, Scenario, ScenarioOptions, Series } from "../scenario.ts";
import { startSshd } from "../sshd.ts";
import { median } from "../verdict.ts";

/** One task that loops: what one host's round trips, connection and start-up cost. */
export const loop100: Scenario = {
  name: "loop-100",
  about: (scale) =>
    `one host over ssh on loopback, one task: command: hostname in a loop of ${scale} items`,
  runners: ["skein", "ansible", "mitogen"],
  runs: 5,
  scale: 100,
  run,
};

async function run(options: ScenarioOptions): Promise<readonly Series[]> {
  const { place, runners, runs, scale, progress } = options;
  await using sshd = await startSshd(join(place.directory, "sshd"), 1);
  const inventory = toInventory(sshd);
  const once = async (runner: Series["runner"], items: number): Promise<Sample> => {
    const sample = await runPlaybook({
      place,
      runner,
      playbook: toPlaybook(items),
      inventory,
      changed: items,
      capturePort: sshd.port,
    });
    progress(
      `${runner}, ${items} items: ${sample.wall?.toFixed(2)} s, ${sample.bytes} bytes, ${sample.roundTrips} round trips`,
    );
    return sample;
  };
  const series = runners.map((runner) => ({ runner, samples: [] as Sample[] }));
  // What a play of one item asks and is told, one question is about the item: the rest is connection and start.
  const overhead = new Map<string, number>();
  for (const runner of runners) {
    const trips: number[] = [];
    for (let index = 0; index < Math.min(runs, 3); index++) {
      trips.push((await once(runner, 1)).roundTrips!);
    }
    overhead.set(runner, median(trips)! - 1);
  }
  for (let index = 0; index < runs; index++) {
    for (const { runner, samples } of series) {
      const sample = await once(runner, scale);
      // Items that travel right behind the connection's own questions need none of their own.
      const itemRoundTrips = Math.max(0, sample.roundTrips! - overhead.get(runner)!);
      samples.push({ ...sample, itemRoundTrips });
    }
  }
  return series;
}

function toPlaybook(items: number): string {
  return `- hosts: targets
  gather_facts: false
  tasks:
    - command: hostname
      loop: "{{ range(${items}) | list }}"
`;
}
