import { toPlayOutput } from "../../integration/harness/compare.ts";
import type { Measured } from "../measure.ts";
import { createPlaceFor, type Place } from "../place.ts";
import type { Tree } from "../target/tree.ts";
import type { ConformArguments } from "./arguments.ts";
import type { ToolContext } from "./compare.ts";
import {
  type Difference,
  differenceText,
  outputDifferences,
  treeDifferences,
} from "./differences.ts";
import { inventoryHosts } from "./inventory.ts";
import { type Engine, runEngine } from "./run-engine.ts";
import { startSandboxes } from "./sandboxes.ts";
import { changesOf, readTrees } from "./target-trees.ts";

/** Differences that are printed; what follows is counted. */
const MOST = 100;

/** What one engine's run came to. */
interface Half {
  readonly measured: Measured;
  /** What it changed, by host. */
  readonly trees: ReadonlyMap<string, Tree>;
}

/**
 * `skein bench conform`: runs a playbook under both engines on twins, and prints every difference.
 *
 * @returns the exit code: 1 when there are differences.
 * @throws Error when the playbook could not be run at all.
 */
export async function conform(args: ConformArguments, context: ToolContext): Promise<number> {
  await using place = await createPlaceFor(context.cli);
  const { ansible, skein } = args.sandbox
    ? await runOnCopies(args, context, place)
    : await runOnTwins(args, context, place);
  const differences = [
    ...outputDifferences(
      toPlayOutput(ansible.measured.stdout),
      toPlayOutput(skein.measured.stdout),
    ),
    ...exitDifferences(ansible, skein),
    ...[...ansible.trees].flatMap(([host, tree]) =>
      treeDifferences(host, tree, skein.trees.get(host) ?? {}),
    ),
  ];
  for (const one of differences.slice(0, MOST)) context.stdout(`${differenceText(one)}\n`);
  if (differences.length > MOST) context.stdout(`... and ${differences.length - MOST} more\n`);
  const entries = toPlayOutput(ansible.measured.stdout).sections.flatMap((one) => one.entries);
  const paths = [...ansible.trees.values()].reduce(
    (sum, tree) => sum + Object.keys(tree).length,
    0,
  );
  const looked = args.sandbox ? "" : ` below ${args.paths.join(", ")}`;
  context.stdout(
    `${differences.length} differences in ${entries.length} results; ${paths} changed paths${looked}; exit code ${ansible.measured.status}\n`,
  );
  return differences.length === 0 ? 0 : 1;
}

interface Both {
  readonly ansible: Half;
  readonly skein: Half;
}

async function runOnCopies(
  args: ConformArguments,
  context: ToolContext,
  place: Place,
): Promise<Both> {
  await using sandboxes = await startSandboxes({ ...args, directory: await place.runDirectory() });
  const half = async (engine: Engine): Promise<Half> => {
    await sandboxes.renew();
    const measured = await runOnce(engine, [...sandboxes.inventory, ...args.play], context, place);
    const trees = new Map<string, Tree>();
    for (const host of sandboxes.hosts) trees.set(host, await sandboxes.changes(host));
    return { measured, trees };
  };
  return { ansible: await half("ansible"), skein: await half("skein") };
}

async function runOnTwins(
  args: ConformArguments,
  context: ToolContext,
  place: Place,
): Promise<Both> {
  const [hosts, twins] = await Promise.all([
    inventoryHosts(args.inventories),
    inventoryHosts(args.twins),
  ]);
  const missing = hosts.filter(({ name }) => !twins.some((twin) => twin.name === name));
  if (missing.length > 0) {
    throw new Error(
      `${args.twins.join(", ")} has no ${missing.map(({ name }) => name).join(", ")}: twins have the same names, with another ansible_host`,
    );
  }
  const half = async (engine: Engine, sources: readonly string[]): Promise<Half> => {
    const look = async (): Promise<ReadonlyMap<string, Tree>> =>
      readTrees({
        ...{ ...context, paths: args.paths, flags: args.flags, inventories: sources },
        ...{ hosts: hosts.map(({ name }) => name), directory: await place.runDirectory() },
      });
    const given = sources.flatMap((source) => ["-i", source]);
    const before = await look();
    const measured = await runOnce(engine, [...given, ...args.play], context, place);
    const trees = [...(await look())].map(
      ([host, tree]) => [host, changesOf(before.get(host) ?? {}, tree)] as const,
    );
    return { measured, trees: new Map(trees) };
  };
  return {
    ansible: await half("ansible", args.inventories),
    skein: await half("skein", args.twins),
  };
}

async function runOnce(
  engine: Engine,
  args: readonly string[],
  { cli, signal, stderr }: ToolContext,
  place: Place,
): Promise<Measured> {
  const directory = await place.runDirectory();
  const measured = await runEngine({ engine, cli, args: [...args, "-v"], directory, signal });
  stderr(`${engine}: exit code ${measured.status} after ${measured.wall.toFixed(1)} s\n`);
  if (engine === "ansible" && !measured.stdout.includes("PLAY RECAP")) {
    const said = `${measured.stdout}${measured.stderr}`.trim().slice(-2000);
    throw new Error(`ansible-playbook does not run it either:\n${said}`);
  }
  return measured;
}

function exitDifferences(
  { measured: ansible }: Half,
  { measured: skein }: Half,
): readonly Difference[] {
  if (ansible.status === skein.status) return [];
  const text = ({ status, stderr }: Measured): string => `${status} ${stderr.trim().slice(-300)}`;
  return [{ where: "the run", what: "exit code", ansible: text(ansible), skein: text(skein) }];
}
