import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CaseFile, parseCase, type Recorded } from "./case-file.ts";
import { masked, toPlayOutput } from "./compare.ts";
import { type Engine, type Outcome, runCli } from "./run-cli.ts";

export interface NamedCase {
  readonly name: string;
  readonly path: string;
  readonly source: string;
  readonly data: CaseFile;
}

/** All cases of a folder, sorted by name. */
export async function readCases(folder: string): Promise<readonly NamedCase[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".case")).sort();
  return Promise.all(
    names.map(async (file) => {
      const path = join(folder, file);
      const source = await readFile(path, "utf8");
      const name = file.slice(0, -".case".length);
      try {
        return { name, path, source, data: parseCase(source) };
      } catch (error) {
        throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
      }
    }),
  );
}

/** Runs a case in a folder of its own. Facts are gathered only where the play asks: most cases have no use for them. */
export function runCase(engine: Engine, { data }: NamedCase): Promise<Outcome> {
  const env = { ANSIBLE_GATHERING: "explicit", ...data.env };
  return runCli(engine, {
    args: data.args,
    env,
    files: data.files,
    input: data.input,
    timeout: 60,
  });
}

/** What is compared of a run: see toTranscript(). */
export function toRecorded({ exitCode, signal, stdout }: Outcome): Recorded {
  return { exit: exitCode ?? 128, text: toTranscript(signal === null ? stdout : `${signal}\n`) };
}

/**
 * Standard output with the order of hosts within a task, times and temporary paths made the same for every run. What has no banners
 * (lists of tasks, ...) stays as it is.
 */
export function toTranscript(stdout: string): string {
  const { sections, recap } = toPlayOutput(stdout);
  if (sections.length === 0) return masked(stdout);
  const parts = sections.map(({ banner, entries }) => {
    const sorted = entries
      .map(({ host, text }) => ({ host: host.split(" ")[0]!, text: masked(text) }))
      .sort((a, b) => compare(a.host, b.host) || (a.host === "" ? compare(a.text, b.text) : 0));
    return [banner, ...sorted.map(({ text }) => text)].join("\n");
  });
  const counts = Object.keys(recap)
    .sort()
    .map((host) => `${host}: ${toLine(recap[host]!)}\n`);
  return `${parts.join("\n\n")}\n${counts.join("")}`;
}

/** What a run that went wrong says to its user: results that failed, then the errors. */
export function toWords({ stdout, stderr }: Outcome): string {
  const failed = toTranscript(stdout)
    .split("\n")
    .filter((line) => /^(fatal|failed): /.test(line));
  const words = [...failed, masked(stderr).trimEnd()].filter((line) => line !== "");
  return words.map((line) => `${line}\n`).join("");
}

function toLine(counts: Readonly<Record<string, number>>): string {
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  return told.map(([name, count]) => `${name}=${count}`).join(" ");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
