import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { isDirectory } from "./file-kind.ts";
import { expandPath } from "./path.ts";
import { LoadError } from "./source.ts";

/** One entry of an INI file, with its line for messages. */
export interface IniEntry {
  readonly value: string;
  readonly line: number;
}

/** section -> key (lower case) -> entry */
export type IniFile = ReadonlyMap<string, ReadonlyMap<string, IniEntry>>;

/**
 * The configuration file to use: ANSIBLE_CONFIG, ./ansible.cfg, ~/.ansible.cfg, /etc/ansible/ansible.cfg.
 * A world-writable working directory is not trusted, and said so (`config/manager.py`).
 */
export function findConfigFile(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  warn: (text: string) => void,
): string | undefined {
  const candidates: string[] = [];
  const named = env["ANSIBLE_CONFIG"];
  if (named !== undefined) {
    const path = expandPath(named, cwd, env);
    candidates.push(isDirectory(path) ? join(path, "ansible.cfg") : path);
  }
  const local = join(cwd, "ansible.cfg");
  const writable = isWorldWritable(cwd);
  if (!writable) candidates.push(local);
  candidates.push(expandPath("~/.ansible.cfg", cwd, env), "/etc/ansible/ansible.cfg");
  const found = candidates.find(isReadable);
  const extension = found === undefined ? "" : extname(found);
  if (found !== undefined && extension !== ".cfg" && extension !== ".ini") {
    throw new LoadError(
      `Unsupported configuration file extension for ${found}: ${extension}`,
      undefined,
      {
        hint: "Configuration is read from .cfg and .ini files.",
      },
    );
  }
  if (writable && existsSync(local) && (named === undefined || found !== candidates[0])) {
    warn(
      `Ansible is being run in a world writable directory (${cwd}), ignoring it as an ansible.cfg source. For more information see https://docs.ansible.com/ansible/devel/reference_appendices/config.html#cfg-in-world-writable-dir`,
    );
  }
  return found;
}

/**
 * Reads an INI file as Python's ConfigParser does, as far as ansible.cfg needs it: `key = value` or
 * `key: value`, `;` comments behind values, values that go on in indented lines.
 *
 * @throws LoadError with the line of what is neither.
 */
export function parseIni(text: string, file: string): IniFile {
  const sections = new Map<string, Map<string, IniEntry>>();
  let section: Map<string, IniEntry> | undefined;
  let key: string | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    if (/^\s*[#;]/.test(raw)) continue;
    const content = raw.replace(/(^|\s);.*$/, "").trimEnd();
    if (content.trim() === "") {
      key = undefined;
      continue;
    }
    if (/^\s/.test(content) && key !== undefined && section !== undefined) {
      const before = section.get(key);
      if (before !== undefined)
        section.set(key, { value: `${before.value}\n${content.trim()}`, line: before.line });
      continue;
    }
    const header = /^\[([^\]]+)\]/.exec(content.trim());
    if (header !== null) {
      const name = header[1] ?? "";
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      key = undefined;
      continue;
    }
    const pair = /^\s*([^=:]*?)\s*[=:]\s*(.*)$/.exec(content);
    if (section === undefined || pair === null || pair[1] === "") {
      const problem =
        section === undefined
          ? "File contains no section headers."
          : "Source contains parsing errors";
      throw new LoadError(
        `Error reading config file (${file}): ${problem}`,
        { file, line, column: 1 },
        { text, hint: "Expected `[section]` or `key = value`.", kind: "options" },
      );
    }
    key = (pair[1] ?? "").toLowerCase();
    section.set(key, { value: pair[2] ?? "", line });
  }
  return sections;
}

/** Reads and parses a configuration file. */
export function readIni(file: string): IniFile {
  return parseIni(readFileSync(file, "utf8"), file);
}

function isWorldWritable(directory: string): boolean {
  try {
    return (statSync(directory).mode & 0o002) !== 0;
  } catch {
    return false;
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
