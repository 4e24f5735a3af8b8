import { Bench } from "tinybench";
import { packAgent } from "#remote";
import {
  type Batch,
  type Context,
  createRouter,
  createSourceBundle,
  type SourceBundle,
} from "#router";

const AGENT = "remote/agent";
/** Calls in one batch, to tell what a call costs from what a round trip costs. */
const BATCH = 100;
/** A module that does nothing, and as little of Ansible as it takes to run one: what is left is the bus, the agent and the executor. */
const NAME = "skein_bench_nothing";
const SOURCES: Readonly<Record<string, string>> = {
  [NAME]: "import sys\nprint('{}')\nsys.exit(0)\n",
  ansible: "",
  "ansible.module_utils": "",
  "ansible.module_utils.basic": "_ANSIBLE_ARGS = None\n",
};

/**
 * What the hot path costs when modules cost nothing: encode, write, decode there, run, and back again, through an agent of this machine.
 * Medians: garbage collection skews means of work this short.
 */
export async function benchWarmCall(say: (line: string) => void): Promise<void> {
  const router = createRouter({ agent: packAgent(AGENT) });
  try {
    const link = router.link({ kind: "local", name: "bench", pythons: ["/usr/bin/python3"] });
    const context = link.context();
    context.sources([toBundle()]);
    const bench = new Bench({ time: 1000 });
    bench.add("one call", () => runBatch(context, toBatch(1)));
    bench.add(`a batch of ${BATCH} calls`, () => runBatch(context, toBatch(BATCH)));
    bench.add("packing the agent", () => {
      packAgent(AGENT);
    });
    await bench.run();
    for (const { name, result } of bench.tasks) {
      if (!("latency" in result))
        throw new Error(
          `${name} could not be measured: ${"error" in result ? result.error.message : result.state}`,
        );
      say(`${name.padEnd(24)} ${(result.latency.p50 * 1000).toFixed(1).padStart(10)} us`);
    }
  } finally {
    await router.close();
  }
}

async function runBatch(context: Context, batch: Batch): Promise<void> {
  let ran = 0;
  await context.call(batch, ({ outcome, rc }) => {
    if (outcome === "ran" && rc === 0) ran += 1;
  });
  if (ran !== batch.calls.length) throw new Error(`only ${ran} of ${batch.calls.length} calls ran`);
}

function toBatch(length: number): Batch {
  const call = { module: NAME, args: "{}" };
  return { stop: false, calls: Array.from({ length }, () => call) };
}

function toBundle(): SourceBundle {
  return createSourceBundle(
    Object.entries(SOURCES).map(([name, source]) => ({
      name,
      isPackage: name === "ansible" || name === "ansible.module_utils",
      source: new TextEncoder().encode(source),
      path: `${name}.py`,
    })),
  );
}
