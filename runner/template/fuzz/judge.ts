import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Answer, type Row, TESTDATA } from "./answer.ts";

/** The real Ansible, in a Python process that answers one question after the other. */
export interface Judge extends AsyncDisposable {
  /** The version of ansible-core. */
  readonly version: string;
  /** What it makes of rows, in their order. Throws when the process ends. */
  ask(vars: unknown, rows: readonly Row[]): Promise<readonly Answer[]>;
}

const PYTHON = "/usr/bin/python3";
/** What the rows were written by, and what the engine answers like. */
const VERSION = /^2\.14\./;

/** Whether the Ansible that can judge is installed. */
export function hasJudge(): boolean {
  const probe = spawnSync(PYTHON, ["-c", "import ansible; print(ansible.__version__)"], {
    encoding: "utf8",
  });
  return probe.status === 0 && VERSION.test(probe.stdout);
}

/** Starts the process. Throws when Ansible cannot be loaded. */
export async function startJudge(): Promise<Judge> {
  const child = spawn(PYTHON, [join(TESTDATA, "judge.py")], {
    stdio: ["pipe", "pipe", "ignore"],
    // The order of a set's items then is the same in every run.
    env: { ...process.env, PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the judge ended (${child.exitCode ?? child.signalCode})`);
    return JSON.parse(value as string);
  };
  const { version } = (await next()) as { version: string };
  return {
    version,
    async ask(vars, rows) {
      child.stdin.write(`${JSON.stringify({ vars, rows })}\n`);
      return (await next()) as readonly Answer[];
    },
    [Symbol.asyncDispose]: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
}
