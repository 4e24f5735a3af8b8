import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { withRecorded } from "../harness/case-file.ts";
import { inParallel } from "../harness/in-parallel.ts";
import { type NamedCase, readCases, runCase, toRecorded } from "../harness/run-case.ts";

/*
 * npm run cases -- record [NAME...]   runs ansible-playbook on the cases (all that have no record, or those named) and keeps what it said
 * npm run cases -- try [NAME...]      runs skein and prints what differs from the record
 * A NAME may end with *.
 */
const ROOT = resolve(import.meta.dirname, "../..");
const [command, ...names] = process.argv.slice(2);
const cases = (await readCases(resolve(ROOT, "integration/cases"))).filter(isWanted);
if (command === "record") await inParallel(3, cases, record);
else if (command === "try") await inParallel(3, cases, attempt);
else {
  process.stderr.write("usage: npm run cases -- record|try [NAME...]\n");
  process.exitCode = 2;
}

function isWanted({ name, data }: NamedCase): boolean {
  if (names.length === 0) return command !== "record" || data.recorded === undefined;
  return names.some((pattern) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}

async function record(one: NamedCase): Promise<void> {
  const outcome = await runCase("ansible", one);
  await writeFile(one.path, withRecorded(one.source, toRecorded(outcome)));
  process.stdout.write(`${one.name}: exit ${outcome.exitCode}\n`);
  if (outcome.stderr !== "") process.stdout.write(`${outcome.stderr}\n`);
}

async function attempt(one: NamedCase): Promise<void> {
  const outcome = await runCase("skein", one);
  const got = toRecorded(outcome);
  const wanted = one.data.recorded;
  if (got.exit === wanted?.exit && got.text === wanted.text) return;
  process.exitCode = 1;
  process.stdout.write(`== ${basename(one.path)}: exit ${wanted?.exit} -> ${got.exit}\n`);
  process.stdout.write(`${await differences(wanted?.text ?? "", got.text)}${outcome.stderr}\n`);
}

/** What `diff` says of two texts. */
async function differences(wanted: string, got: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "skein-case-"));
  try {
    await Promise.all([
      writeFile(join(folder, "recorded"), wanted),
      writeFile(join(folder, "skein"), got),
    ]);
    return spawnSync("diff", ["-U3", "recorded", "skein"], { cwd: folder, encoding: "utf8" })
      .stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
