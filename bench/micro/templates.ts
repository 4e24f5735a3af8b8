import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { createEnvironment, MISSING, type Scope } from "#runner";
import { median } from "../verdict.ts";
import { EVERYDAY, FILES, VARIABLES } from "./template-cases.ts";

const PYTHON = "/usr/bin/python3";
const DRIVER = "bench/micro/templates.py";
/** Turns of each engine, and how many times each renders the template in one. */
const TURNS = 7;
const ROUNDS = { skein: 400, ansible: 8 } as const;

interface Case {
  readonly kind: "value" | "file";
  readonly title: string;
  readonly template: string;
}

/**
 * Everyday expressions and whole files, rendered here and by Ansible's Templar in turn. Templates are compiled
 * once here and every time there: that is what the two do in a play.
 */
export async function benchTemplates(say: (line: string) => void): Promise<void> {
  const cases: Case[] = [
    ...EVERYDAY.map((template) => ({ kind: "value" as const, title: template, template })),
    ...Object.entries(FILES).map(([title, template]) => ({
      kind: "file" as const,
      title: `file: ${title}, ${template.length} characters`,
      template,
    })),
  ];
  const ansible = startAnsible();
  try {
    const factors: number[] = [];
    say(`${"skein us".padStart(10)} ${"ansible us".padStart(10)} ${"times".padStart(6)}  template`);
    for (const one of cases) {
      const { skein, templar } = await measure(one, ansible);
      factors.push(templar / skein);
      say(
        `${skein.toFixed(1).padStart(10)} ${templar.toFixed(1).padStart(10)} ${(templar / skein).toFixed(0).padStart(6)}  ${one.title.slice(0, 90)}`,
      );
    }
    say(
      `median: ${median(factors)!.toFixed(0)} times Ansible's speed, least ${Math.min(...factors).toFixed(0)}`,
    );
  } finally {
    await ansible.close();
  }
}

async function measure(one: Case, ansible: Ansible): Promise<{ skein: number; templar: number }> {
  const environment = createEnvironment();
  const scope = toScope(environment);
  const origin = { file: "bench.j2", line: 1, column: 1 };
  const file = one.kind === "file" ? environment.file(one.template, origin) : undefined;
  const render = (): unknown =>
    file === undefined
      ? environment.renderValue(one.template, scope.fresh())
      : file.renderText(scope.fresh());
  const first = await ansible.ask(one, 1);
  const ours = render();
  if (file !== undefined && ours !== first.value)
    throw new Error(`${one.title} is rendered otherwise: ${JSON.stringify([ours, first.value])}`);
  for (let round = 0; round < ROUNDS.skein; round++) render();
  const skein: number[] = [];
  const templar: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const begin = performance.now();
    for (let round = 0; round < ROUNDS.skein; round++) render();
    skein.push(((performance.now() - begin) * 1000) / ROUNDS.skein);
    templar.push(((await ansible.ask(one, ROUNDS.ansible)).seconds * 1e6) / ROUNDS.ansible);
  }
  return { skein: median(skein)!, templar: median(templar)! };
}

/** A new scope for each rendering, as a task has it: a variable that is a template is rendered once in each. */
function toScope(environment: ReturnType<typeof createEnvironment>): { fresh(): Scope } {
  const raw = new Map(Object.entries(VARIABLES).map(([name, value]) => [name, toValue(value)]));
  return {
    fresh() {
      const known = new Map<string, unknown>();
      const scope: Scope = {
        get(name) {
          if (known.has(name)) return known.get(name);
          const value = raw.get(name);
          const found = value === undefined ? MISSING : environment.renderValue(value, scope);
          known.set(name, found);
          return found;
        },
        raw: (name) => raw.get(name) ?? MISSING,
        context: { searchPaths: [], cwd: "/" },
      };
      return scope;
    },
  };
}

type Value = Parameters<ReturnType<typeof createEnvironment>["renderValue"]>[0];

function toValue(json: unknown): Value {
  if (Array.isArray(json)) return json.map(toValue);
  if (json === null || typeof json !== "object") return json as Value;
  return new Map(Object.entries(json).map(([key, value]) => [key, toValue(value)]));
}

interface Ansible {
  ask(one: Case, rounds: number): Promise<{ readonly seconds: number; readonly value: unknown }>;
  close(): Promise<void>;
}

function startAnsible(): Ansible {
  const child = spawn(PYTHON, [DRIVER], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${JSON.stringify(VARIABLES)}\n`);
  return {
    async ask({ kind, template }, rounds) {
      child.stdin.write(`${JSON.stringify({ kind, template, rounds })}\n`);
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${PYTHON} ${DRIVER} ended: is Ansible installed?`);
      return JSON.parse(value as string) as { seconds: number; value: unknown };
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
