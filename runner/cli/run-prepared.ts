import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { matchHosts } from "../inventory/pattern.ts";
import { nextId } from "../load/context.ts";
import type { Play } from "../model/play.ts";
import { createPlacement, shardCount } from "../pool/placement.ts";
import { createPool } from "../pool/pool.ts";
import { type RunResult, runPlaybooks } from "../run/run-playbook.ts";
import { createShards } from "../run/shards.ts";
import { askVars } from "../run/vars-prompt.ts";
import { listenersOf } from "./callback-plugins.ts";
import { exitCodeOf } from "./exit-code.ts";
import type { RunOptions } from "./options.ts";
import { pause, pauseMessages } from "./pause.ts";
import type { Prepared } from "./prepare.ts";
import { createPromptCrypt } from "./prompt-crypt.ts";
import { shardInit } from "./shard-init.ts";
import type { World } from "./world.ts";

/** Runs what was prepared. @returns the exit code. */
export async function run(prepared: Prepared, options: RunOptions, world: World): Promise<number> {
  const { settings, inventory, context } = prepared;
  const cores = availableParallelism();
  const busiest = Math.max(
    1,
    ...prepared.playbooks.flatMap(({ plays }) =>
      plays.map((play) => hostsOf(prepared, options.limit, play)),
    ),
  );
  const size = options.shards ?? shardCount(busiest, cores);
  const placement = createPlacement(size);
  const shardFile = new URL("./shard.js", import.meta.url).href;
  const init = await shardInit(prepared, options, world, size);
  const { output, isHeard } = listenersOf(prepared, init.options);
  const pool = await createPool({
    size,
    workerFile: fileURLToPath(shardFile),
    inline: async (port) =>
      ((await import(shardFile)) as { runInline: (side: typeof port) => Promise<void> }).runInline(
        port,
      ),
    init: { ...init, options: { ...init.options, fullResults: isHeard } },
  });
  const warn = (text: string): void => output.on({ kind: "warning", text });
  const { stdout } = world.terminal;
  const shards = createShards(
    pool,
    placement,
    inventory,
    (request) => {
      for (const message of pauseMessages(request)) world.log.write(message);
      return pause(request, { signal: world.signal, stdout, warn });
    },
    (event) => output.on(event),
  );
  const stop = (): void => void shards.abort("interrupted");
  world.signal.addEventListener("abort", stop, { once: true });
  let result: RunResult;
  try {
    result = await runPlaybooks({
      playbooks: prepared.playbooks,
      inventory,
      output,
      shards,
      context,
      tags: {
        only: settings.tagsRun.value.length > 0 ? settings.tagsRun.value : ["all"],
        skip: settings.tagsSkip.value,
      },
      gathering: settings.gathering.value,
      forceHandlers: settings.forceHandlers.value,
      checkMode: options.check === true,
      forks: settings.forks.value,
      showsArgs: settings.displayArgsToStdout.value,
      startAt: options.startAtTask,
      step: options.step,
      askLine: (prompt) => world.terminal.ask(prompt, false, world.signal),
      match: prepared.match,
      renderPlay: prepared.renderPlay,
      prompted: (play) =>
        askVars(play, {
          interactive: world.terminal.interactive,
          ask: (text, isPrivate) => world.terminal.ask(text, isPrivate, world.signal),
          show: stdout,
          warn,
          extraVars: prepared.extraVars,
          render: prepared.renderPlay,
          crypt: createPromptCrypt(prepared.plugins, init.options.installation.hasPasslib),
        }),
      nextId: () => nextId(context),
      signal: world.signal,
    });
    const wire = await shards.end();
    if (options.wire) {
      const { user, system } = process.cpuUsage();
      output.on({ kind: "wire", report: { ...wire, cpuSeconds: (user + system) / 1e6 } });
    }
  } catch (error) {
    await shards.abort("the run failed");
    throw error;
  } finally {
    world.signal.removeEventListener("abort", stop);
    prepared.plugins.close();
    output.close();
  }
  return exitCodeOf(result);
}

function hostsOf(
  { inventory, renderPlay }: Prepared,
  limit: string | undefined,
  play: Play,
): number {
  try {
    return matchHosts(inventory.current, String(renderPlay(play.hosts, play)), limit, {
      mismatch: "ignore",
    }).length;
  } catch {
    return 1;
  }
}
