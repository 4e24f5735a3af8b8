import type { Task } from "../model/play.ts";
import type { HostOutcome } from "../pool/messages.ts";
import type { Command } from "../strategy/strategy.ts";
import type { Batch } from "./batch.ts";
import { statsOf } from "./parts.ts";
import type { Dispatch } from "./shards.ts";

type Run = Extract<Command, { kind: "run" }>;

/**
 * Opens the debugger for each outcome that asks for it, one after the other, and puts tasks again where the user wants it: their
 * new outcomes take the place of the old ones. Nothing of an outcome has had an effect on the play before
 * (`debug_closure` of ansible/plugins/strategy/__init__.py).
 *
 * @returns false when the user ends the run.
 */
export async function debugOutcomes(
  batch: Batch,
  command: Run,
  outcomes: HostOutcome[],
  dispatches: readonly Dispatch[],
): Promise<boolean> {
  for (const index of outcomes.keys()) {
    for (;;) {
      const outcome = outcomes[index]!;
      if (outcome.debug === undefined) break;
      const wish = await inTurn(batch, () => converse(batch, outcome.host, outcome.debug!));
      if (wish === "quit") return false;
      if (wish === "continue") break;
      uncount(batch, command, outcome);
      await batch.parts.shards.run({
        ...dispatches.find(({ hosts }) => hosts.includes(outcome.host))!,
        hosts: [outcome.host],
        wantName: false,
        again: true,
        onOutcome: (next) => {
          outcomes[index] = next;
        },
      });
    }
  }
  return true;
}

/** Where hosts go their own ways several may have something to say: the user hears one at a time. */
async function inTurn(batch: Batch, ask: () => Promise<Wish>): Promise<Wish> {
  const turn = batch.debugging.then(() => (batch.ended === undefined ? ask() : "quit"));
  batch.debugging = turn.then(
    () => undefined,
    () => undefined,
  );
  return turn;
}

type Wish = "continue" | "redo" | "quit";

/** One session at the prompt, with the manners of Python's `cmd`: an empty line says the last one again. */
async function converse(batch: Batch, host: string, prompt: string): Promise<Wish> {
  const { parts } = batch;
  const show = (text: string): void => parts.output.on({ kind: "debugger", text });
  let last = "";
  for (;;) {
    const line = await parts.askLine(prompt);
    const text = line?.trim() || last;
    if (line === undefined) {
      show(QUIT);
      return "quit";
    }
    if (text === "") continue;
    last = text;
    const [word, rest] = wordsOf(text);
    switch (word) {
      case "r":
      case "redo":
        return "redo";
      case "c":
      case "continue":
        return "continue";
      case "q":
      case "quit":
      case "EOF":
        show(QUIT);
        return "quit";
      case "h":
      case "help":
        show(helpOn(rest));
        break;
      case "p":
      case "pprint":
      case "print":
        show(await parts.shards.debug(host, "print", rest));
        break;
      case "u":
      case "update_task":
        say(show, await parts.shards.debug(host, "update", ""));
        break;
      default:
        say(show, await parts.shards.debug(host, "execute", text));
    }
  }
}

const QUIT = "User interrupted execution";

/** The command and what stands behind it; "?" is short for help. */
function wordsOf(text: string): readonly [string, string] {
  if (text.startsWith("?")) return ["help", text.slice(1).trim()];
  const word = /^\w*/.exec(text)![0];
  return [word, text.slice(word.length).trim()];
}

function say(show: (text: string) => void, text: string): void {
  if (text !== "") show(text);
}

const HELP: Readonly<Record<string, string>> = {
  __proto__: null as never,
  continue: "goes on with the next result",
  help: "tells what can be said here",
  pprint: "shows a value: task, task.args, task_vars['x'], host, result._result",
  quit: "ends the run",
  redo: "puts the task to the host again, as it is now",
  update_task: "takes the task anew from the playbook, with the variables as they are now",
};

function helpOn(topic: string): string {
  if (topic !== "") {
    const full = Object.keys(HELP).find((name) => name === topic || name[0] === topic);
    return full === undefined ? `*** No help on ${topic}` : `${full} (${full[0]}): ${HELP[full]}`;
  }
  return [
    ...Object.entries(HELP).map(([name, text]) => `${`${name} (${name[0]})`.padEnd(16)} ${text}`),
    "task.args['x'] = 1, task_vars['x'] = 1 change the task and its variables",
  ].join("\n");
}

/**
 * A task that is put again counts as never run, and Ansible takes from the host's counts even what they were not given: an ok for
 * each, a change for a failure that changed something. What was rescued or ignored stays counted.
 */
function uncount(batch: Batch, { task, isRescued }: Run, outcome: HostOutcome): void {
  const stats = statsOf(batch.run, outcome.host);
  const { status, ignored, changed } = outcome;
  const isFailed = status === "failed" && !ignored;
  if (ignored) stats.ignored++;
  else if (isFailed && isRescued) stats.rescued++;
  const wasCounted = !isFailed && (ignored || (status !== "unreachable" && status !== "skipped"));
  if (!wasCounted || isInclude(task)) stats.ok = Math.max(0, stats.ok - 1);
  if (isFailed && changed) stats.changed = Math.max(0, stats.changed - 1);
}

/** Includes count when their files are loaded. */
function isInclude({ resolvedAction }: Task): boolean {
  return /^ansible\.builtin\.include(?:_tasks|_role)?$/.test(resolvedAction);
}
