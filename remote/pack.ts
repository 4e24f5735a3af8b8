import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { stripPython } from "./strip-python.ts";

/** The name that the agent's package has on the target: `agent` alone could meet somebody else's module. */
const PACKAGE = "skein_agent";
/** Between two modules in the archive's text. */
const SEPARATOR = "$$";
/** Not part of the archive: sent in the command itself, wrapped around the others, or sent with the calls that need it. */
const APART = new Set(["__init__", "first_stage", "boot", "jobs"]);
/** Modules with words in common stand near each other: that saves 3 % of the archive. Others follow by name. */
const ORDER =
  "channel frames dispatch main capture fork hop calls descriptors executor place files sources " +
  "programs entry processes task freshness leaks modules quicker importer temp";

/**
 * The whole agent as zlib-compressed Python source: a table of modules and the loader in front of them.
 * The same sources give the same bytes.
 * @param folder holds the agent's `.py` files
 */
export function packArchive(folder: string): Uint8Array {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".py"))
    .map((file) => file.slice(0, -3))
    .filter((name) => !APART.has(name))
    .sort((a, b) => toPlace(a) - toPlace(b) || (a < b ? -1 : 1));
  // One raw text of all modules costs less than a string each: the quotes in them need no escapes.
  const modules = names.map((name) => `${PACKAGE}.${name}\n${packModule(folder, name)}`);
  const text = [`${PACKAGE}\n`, ...modules].join(SEPARATOR);
  if (text.includes("'''") || text.split(SEPARATOR).length !== modules.length + 1) {
    throw new Error(`the agent's sources must not hold ''' or ${SEPARATOR}`);
  }
  const table = `dict(x.split("\\n",1)for x in r'''${text}'''.split("${SEPARATOR}"))`;
  const start = `boot(a,'${readFirstStage(folder)}')`;
  const program = `SOURCES=${table}\n${packModule(folder, "boot")}${start}\n`;
  return deflateSync(Buffer.from(program, "ascii"), { level: 9, memLevel: 9 });
}

/** The few statements that receive an archive of this size, as one line for `python -c`. */
export function packFirstStage(folder: string, size: number): string {
  return readFirstStage(folder).replace("{size}", String(size));
}

function toPlace(name: string): number {
  const at = ORDER.split(" ").indexOf(name);
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}

function readFirstStage(folder: string): string {
  const lines = readFileSync(join(folder, "first_stage.py"), "ascii").trim().split("\n");
  const line = lines.join(";");
  // What differs between sh, bash, zsh, fish and csh inside single quotes.
  if (/['\\!\n]/.test(line))
    throw new Error("first_stage.py has a character that shells treat differently");
  return line;
}

/** The source of a part of the agent that is sent with the calls that need it. */
export function packPart(folder: string, name: string): string {
  return packModule(folder, name);
}

export function digestOf(archive: Uint8Array): string {
  return createHash("sha256").update(archive).digest("hex");
}

function packModule(folder: string, name: string): string {
  const path = join(folder, `${name}.py`);
  try {
    return stripPython(readFileSync(path, "utf8")).replace(
      /^( *(?:from|import)) agent\b/gm,
      `$1 ${PACKAGE}`,
    );
  } catch (cause) {
    throw new Error(`cannot pack ${path}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}
