import { Bench } from "tinybench";
import { createFrameDecoder } from "../../router/frame/decode.ts";
import { encodeFrame } from "../../router/frame/encode.ts";
import { TYPE } from "../../router/frame/layout.ts";
import { toBatchPayload } from "../../router/message/call.ts";
import { encodePayload } from "../../router/message/payload.ts";
import { createInventoryBuilder } from "../../runner/inventory/builder.ts";
import { parseIniInventory } from "../../runner/inventory/ini.ts";
import { parseJson } from "../../runner/model/json-reader.ts";
import { createBatchState } from "../../runner/plan/batch-state.ts";
import { playTree } from "../../runner/plan/play-tree.ts";
import { emptyStats, nextId, play, task } from "../../runner/plan/testing.ts";
import { type Command, findStrategy } from "../../runner/strategy/strategy.ts";
import { createEnvironment, MISSING } from "../../runner/template/environment.ts";
import { createScope } from "../../runner/vars/scope.ts";

/** Frames in one chunk, calls in one batch. */
const MANY = 100;
const HOSTS = 1000;
const TASKS = 10;
const LAYERS = 20;

/**
 * Parts that every task or every byte passes, each by itself: what a change of one of them costs or saves. Medians: garbage
 * collection skews means of work this short.
 */
export async function benchHotPaths(say: (line: string) => void): Promise<void> {
  const bench = new Bench({ time: 300 });
  addFrames(bench);
  addVariables(bench);
  addFacts(bench);
  addStrategy(bench);
  addInventory(bench);
  await bench.run();
  for (const { name, result } of bench.tasks) {
    if (!("latency" in result)) {
      const why = "error" in result ? result.error.message : result.state;
      throw new Error(`${name} could not be measured: ${why}`);
    }
    say(`${name.padEnd(52)} ${(result.latency.p50 * 1000).toFixed(2).padStart(10)} us`);
  }
}

function addFrames(bench: Bench): void {
  const head = { type: TYPE.CALL, dst: 1, src: 0, id: 7 };
  const payload = new Uint8Array(1024).fill(7);
  const frame = encodeFrame(head, payload);
  const chunk = Buffer.concat(Array.from({ length: MANY }, () => frame));
  const args = JSON.stringify({ _raw_params: "hostname", _uses_shell: false, chdir: "/srv" });
  const call = { module: "ansible.modules.command", args };
  const batch = { stop: false, calls: Array.from({ length: MANY }, () => call) };
  bench.add("encode a frame of 1 KiB", () => void encodeFrame(head, payload));
  bench.add(`decode ${MANY} frames of 1 KiB from one chunk`, () => {
    let frames = 0;
    createFrameDecoder(() => {
      frames += 1;
    }).push(chunk);
    if (frames !== MANY) throw new Error(`${frames} frames were found`);
  });
  bench.add(`encode a batch of ${MANY} calls`, () => void encodePayload(toBatchPayload(batch)));
}

function addVariables(bench: Bench): void {
  const environment = createEnvironment();
  const layers = Array.from({ length: LAYERS }, (_, index) => ({
    final: index % 2 === 0,
    vars: new Map<unknown, unknown>([
      [`own${index}`, index],
      [`text${index}`, "plain text"],
    ]),
  }));
  layers.at(-1)!.vars.set("templated", `{{ own0 }} of {{ text${LAYERS - 1} }}`);
  const parts = {
    environment,
    layers,
    magic: () => MISSING,
    magicNames: [],
    context: { searchPaths: [], cwd: "/" },
  };
  bench.add(`a scope of ${LAYERS} layers, its lowest variable`, () => {
    void createScope(parts).get(`text${LAYERS - 1}`);
  });
  const shared = createScope({ ...parts, isShared: true });
  bench.add(`a scope of ${LAYERS} layers that is shared, a templated variable`, () => {
    shared.renew();
    if (shared.get("templated") !== "0 of plain text") throw new Error("wrong value");
  });
  bench.add(`a scope of ${LAYERS} layers, a templated variable`, () => {
    if (createScope(parts).get("templated") !== "0 of plain text") throw new Error("wrong value");
  });
}

/** What a fact cache holds of one host: 250 such files are 11 MB. */
function addFacts(bench: Bench): void {
  const device = { active: true, mtu: 1500, speed: 1000.5, features: { rx: "on", tx: "off" } };
  const names = Array.from({ length: 400 }, (_, index) => `ansible_eth${index}`);
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, device])));
  bench.add(`read the cached facts of a host, ${Math.round(text.length / 1024)} KiB`, () => {
    void parseJson(text);
  });
}

function addStrategy(bench: Bench): void {
  const tasks = Array.from({ length: TASKS }, (_, index) => task(`task ${index}`));
  const all = { only: ["all"], skip: [] };
  const hosts = Array.from({ length: HOSTS }, (_, index) => `host${index}`);
  const linear = findStrategy("linear");
  if (linear?.kind !== "lockstep") throw new Error("linear is lockstep");
  bench.add(`a play of ${TASKS} tasks on ${HOSTS} hosts, decided`, () => {
    const stats = new Map(hosts.map((host) => [host, emptyStats()]));
    const state = createBatchState({
      ...playTree(play(tasks), all, false, false, nextId),
      hosts,
      stats: (host) => stats.get(host)!,
      handlerNames: () => [],
    });
    for (;;) {
      const command: Command = linear.next(state);
      if (command.kind === "end") return;
      for (const host of command.hosts) {
        if (command.kind === "flush") state.flush(host);
        else state.settle({ host, status: "ok", ignored: false, notify: [], hold: false });
      }
    }
  });
}

function addInventory(bench: Bench): void {
  const lines = Array.from(
    { length: HOSTS },
    (_, index) => `host${index} ansible_host=10.0.${index >> 8}.${index & 255} cores=8 role="web"`,
  );
  const text = `[web]\n${lines.join("\n")}\n[web:vars]\nsite=north\n`;
  bench.add(`parse an INI inventory of ${HOSTS} hosts`, () => {
    parseIniInventory(
      text,
      "hosts",
      createInventoryBuilder({ warn: () => {}, merge: false, transform: "never" }),
    );
  });
}
