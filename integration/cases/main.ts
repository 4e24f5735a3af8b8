import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { withRecorded } from "../harness/case-file.ts";
import { inParallel } from "../harness/in-parallel.ts";
import { type NamedCase, readCases, runCase, toRecorded, toWords } from "../harness/run-case.ts";

/*
 * npm run cases -- record [NAME...]   runs ansible-playbook on the cases (all that have no record, or those named) and keeps what it said
 * npm run cases -- try [NAME...]      runs skein and prints what differs from the record
 * A NAME may end with *. Of integration/broken the exit code is ansible-playbook's, and what is said is skein's: read it.
 */
const ROOT = resolve(import.meta.dirname, "../..");
const [command, ...names] = process.argv.slice(2);
const folders = ["integration/cases", "integration/broken"].map((name) => resolve(ROOT, name));
const cases = (await Promise.all(folders.map(readCases))).flat().filter(isWanted);
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

function isBroken({ path }: NamedCase): boolean {
  return basename(dirname(path)) === "broken";
}

async function record(one: NamedCase): Promise<void> {
  const outcome = await runCase("ansible", one);
  const { exit, text } = toRecorded(outcome);
  // Of broken inputs the code is Ansible's and the words are skein's own.
  const said = isBroken(one) ? toWords(await runCase("skein", one)) : text;
  await writeFile(one.path, withRecorded(one.source, { exit, text: said }));
  process.stdout.write(`${one.name}: exit ${outcome.exitCode}\n`);
  if (outcome.stderr !== "") process.stdout.write(`${outcome.stderr}\n`);
}

async function attempt(one: NamedCase): Promise<void> {
  const outcome = await runCase("skein", one);
  const recorded = toRecorded(outcome);
  const got = isBroken(one) ? { ...recorded, text: toWords(outcome) } : recorded;
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
