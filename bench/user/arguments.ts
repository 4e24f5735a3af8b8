import { parseArgs } from "node:util";
import type { LinkAsk } from "../link/link.ts";
import type { Requirement } from "../verdict.ts";
import { toBudget } from "./budget.ts";

/** What `compare` and `conform` have in common. */
export interface PlayArguments {
  /** Of the playbook run, without inventories: playbooks, and flags that both engines know. */
  readonly play: readonly string[];
  /** Those flags alone. */
  readonly flags: readonly string[];
  readonly inventories: readonly string[];
  /** Run on copies of this machine, one for each host, instead of on the hosts themselves. */
  readonly sandbox: boolean;
  /** Where such copies are behind. */
  readonly link: LinkAsk | undefined;
}

export interface CompareArguments extends PlayArguments {
  readonly kind: "compare";
  readonly budget: readonly Requirement[];
  readonly runs: number;
  /** Whether Ansible runs as well as it can be set up, instead of as the environment and ansible.cfg say. */
  readonly tuned: boolean;
  readonly json: string | undefined;
  readonly html: string | undefined;
  /** All of it, as it was given. */
  readonly line: string;
}

export interface ConformArguments extends PlayArguments {
  readonly kind: "conform";
  /** Inventories of the hosts for skein, by the same names: none when copies of this machine are used. */
  readonly twins: readonly string[];
  /** Absolute paths, of which everything below is compared on twins. */
  readonly paths: readonly string[];
}

/** Where playbooks leave things, as a rule. */
const TREES: readonly string[] = [
  "/etc",
  "/home",
  "/opt",
  "/root",
  "/srv",
  "/tmp",
  "/usr/local",
  "/var/spool",
  "/var/www",
];

export const USAGE = {
  compare: `Usage: skein bench compare PLAYBOOK -i INVENTORY [--budget rtt=N,bytes=N,...] [options] [-- FLAGS]

Runs a playbook under ansible-playbook and under skein, and prints what both cost. Fails when a budget is exceeded.

  -i INVENTORY        as for ansible-playbook; may be repeated
  --budget A=N,...    what skein may take at most (rtt, bytes, frames, wall, cpu, memory, connections, ...; k, M, G are understood);
                      with an x behind the number, how many times less than Ansible it has to take: wall=5x
  --sandbox           on copies of this machine that are thrown away, one for each host and new for every run, instead of on the
                      hosts themselves; those have one run of Ansible first that does not count, so that both find all done
  --rtt MS, --rate N  copies are behind a link with this round trip, and N Mbit/s
  --runs N            runs of each, of which the medians count (1)
  --tuned             Ansible with pipelining, kept connections and 50 forks, instead of as it is configured here
  --json FILE, --html FILE
  FLAGS               for both engines: --limit, -e, --tags, ...
`,
  conform: `Usage: skein bench conform PLAYBOOK -i INVENTORY [--twin INVENTORY] [options] [-- FLAGS]

Runs a playbook under ansible-playbook and under skein on twins, and prints every difference: status of each task and host,
results without what no two runs have in common, recap, exit code, and what both left on their targets.

  -i INVENTORY        as for ansible-playbook; may be repeated
  --twin INVENTORY    the hosts for skein, by the same names as those for Ansible in -i; without it, both run on copies of this
                      machine that are thrown away, one for each host
  --tree PATH         of twins, what changes below it is compared; may be repeated (${TREES.join(", ")})
  --rtt MS, --rate N  copies are behind a link with this round trip, and N Mbit/s
  FLAGS               for both engines: --limit, -e, --tags, ...
`,
} as const;

/** @throws Error for what it does not understand. */
export function readCompare(args: readonly string[]): CompareArguments {
  const flag = { type: "boolean", default: false } as const;
  const text = { type: "string" } as const;
  const { own, behind } = split(args);
  const { values, positionals } = parseArgs({
    args: own,
    options: {
      ...COMMON,
      budget: text,
      sandbox: flag,
      runs: text,
      tuned: flag,
      json: text,
      html: text,
    },
    allowPositionals: true,
  });
  const link = toLink(values.rtt, values.rate);
  if (link !== undefined && !values.sandbox) {
    throw new Error("--rtt and --rate are about copies of this machine: give --sandbox too");
  }
  const { json, html } = values;
  return {
    ...{ kind: "compare", sandbox: values.sandbox, link, tuned: values.tuned, json, html },
    inventories: toInventories(values.inventory),
    ...toPlay(positionals, values["extra-vars"], behind),
    budget: values.budget === undefined ? [] : toBudget(values.budget),
    runs: toPositive("--runs", values.runs) ?? 1,
    line: args.join(" "),
  };
}

/** @throws Error for what it does not understand. */
export function readConform(args: readonly string[]): ConformArguments {
  const { own, behind } = split(args);
  const { values, positionals } = parseArgs({
    args: own,
    options: {
      ...COMMON,
      twin: { type: "string", multiple: true },
      tree: { type: "string", multiple: true },
    },
    allowPositionals: true,
  });
  const twins = values.twin ?? [];
  const link = toLink(values.rtt, values.rate);
  if (link !== undefined && twins.length > 0) {
    throw new Error("--rtt and --rate are about copies of this machine, --twin about other hosts");
  }
  if (values.tree !== undefined && twins.length === 0) {
    throw new Error(
      "--tree is about twins: of copies of this machine, all that changed is compared",
    );
  }
  const paths = values.tree ?? TREES;
  const relative = paths.find((path) => !path.startsWith("/") || /[{}\n]/.test(path));
  if (relative !== undefined) {
    throw new Error(`--tree ${relative}: an absolute path is expected, without braces`);
  }
  return {
    ...{ kind: "conform", twins, paths, sandbox: twins.length === 0, link },
    inventories: toInventories(values.inventory),
    ...toPlay(positionals, values["extra-vars"], behind),
  };
}

const COMMON = {
  inventory: { type: "string", short: "i", multiple: true },
  "extra-vars": { type: "string", short: "e", multiple: true },
  rtt: { type: "string" },
  rate: { type: "string" },
} as const;

function split(args: readonly string[]): {
  readonly own: string[];
  readonly behind: readonly string[];
} {
  const at = args.indexOf("--");
  if (at < 0) return { own: [...args], behind: [] };
  return { own: args.slice(0, at), behind: args.slice(at + 1) };
}

function toInventories(given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) throw new Error("no inventory is given (-i)");
  return given;
}

function toPlay(
  playbooks: readonly string[],
  extraVars: readonly string[] | undefined,
  behind: readonly string[],
): Pick<PlayArguments, "play" | "flags"> {
  if (playbooks.length === 0) throw new Error("no playbook is given");
  const flags = [...(extraVars ?? []).flatMap((value) => ["-e", value]), ...behind];
  return { play: [...playbooks, ...flags], flags };
}

function toLink(rtt: string | undefined, rate: string | undefined): LinkAsk | undefined {
  if (rtt === undefined && rate === undefined) return undefined;
  const limit = toPositive("--rate", rate);
  return { rtt: toPositive("--rtt", rtt) ?? 1, ...(limit === undefined ? {} : { rate: limit }) };
}

function toPositive(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || (option === "--runs" && !Number.isInteger(value))) {
    throw new Error(`${option} ${text}: a number above 0 is expected`);
  }
  return value;
}
