/** The agent as the router needs it: bytes and a command. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOf, packArchive, packFirstStage, packPart } from "./pack.ts";

export interface AgentPayload {
  /** zlib-compressed Python source of the whole agent. */
  readonly archive: Uint8Array;
  /** sha256 of the archive, hexadecimal. */
  readonly digest: string;
  /** Python source of the part that runs jobs: sent with the calls that need it. */
  readonly jobs: string;
  /**
   * The command, for the account's login shell, that looks for an interpreter among `pythons`, in order,
   * and starts the first stage with it. A name without a slash is looked up in PATH.
   * @throws Error for a name that cannot be quoted the same way in every shell
   */
  firstStage(pythons: readonly string[]): string;
}

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "agent");
/** Between the parts of a built file; only the archive can hold it. */
const SEPARATOR = "\n";

/**
 * The agent from a file that `toAgentFile` made (`agent.bin` beside the built program by default),
 * or packed from the sources when there is no such file.
 * @throws Error when a given path cannot be read, or there is nothing to pack
 */
export function loadAgent(path?: string): AgentPayload {
  const built = path ?? join(dirname(fileURLToPath(import.meta.url)), "agent.bin");
  if (path === undefined && !existsSync(built)) {
    if (existsSync(FOLDER)) return packAgent();
    throw new Error(`There is no agent at ${built}: build again (npm run build).`);
  }
  return fromAgentFile(readFileSync(built));
}

/** The agent packed from `remote/agent/*.py`; the same sources give the same bytes. */
export function packAgent(folder: string = FOLDER): AgentPayload {
  const archive = packArchive(folder);
  return createPayload(archive, packFirstStage(folder, archive.length), packPart(folder, "jobs"));
}

/** What the build writes to `dist/agent.bin`: the first stage's line, the jobs' source as one line of JSON, then the archive. */
export function toAgentFile(folder: string = FOLDER): Uint8Array {
  const archive = packArchive(folder);
  const line = packFirstStage(folder, archive.length);
  const jobs = JSON.stringify(packPart(folder, "jobs"));
  return Buffer.concat([Buffer.from(line + SEPARATOR + jobs + SEPARATOR, "ascii"), archive]);
}

function fromAgentFile(file: Buffer): AgentPayload {
  const line = file.indexOf(SEPARATOR);
  const end = file.indexOf(SEPARATOR, line + 1);
  if (line < 0 || end < 0) throw new Error("agent.bin is damaged: build again (npm run build)");
  const archive = new Uint8Array(file.subarray(end + 1));
  const jobs = JSON.parse(file.toString("ascii", line + 1, end)) as string;
  return createPayload(archive, file.toString("ascii", 0, line), jobs);
}

function createPayload(archive: Uint8Array, program: string, jobs: string): AgentPayload {
  return {
    archive,
    digest: digestOf(archive),
    jobs,
    firstStage: (pythons) => toCommand(pythons, program),
  };
}

function toCommand(pythons: readonly string[], program: string): string {
  const words = pythons.map((python) => {
    if (!/^[\w./+@:,~-]+( [\w./+@:,=~-]+)*$/.test(python)) {
      throw new Error(
        `${JSON.stringify(python)} is not usable as a Python interpreter: use a plain path or name`,
      );
    }
    return python.includes(" ") ? `"${python}"` : python;
  });
  // `$p` stays unquoted: a configured interpreter may be a wrapper with arguments (`/usr/bin/env python3`).
  const search = `for p in ${words.join(" ")};do command -v $p >/dev/null&&exec $p -c "$0";done;echo SKEIN-NOPYTHON;exit 127`;
  return `/bin/sh -c '${search}' '${program}'`;
}
