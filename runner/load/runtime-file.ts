import { readFileSync } from "node:fs";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { parseYaml } from "./yaml.ts";

/** What a collection says about a plugin that moved. */
interface Route {
  readonly redirect: string | undefined;
  /** The text of a removal; "" when it gives none. */
  readonly tombstone: string | undefined;
  /** Of a module: the action plugin that runs on the controller for it. */
  readonly actionPlugin: string | undefined;
}

/** What a runtime file says about a plugin. Such files do not change while a process runs: one reading serves all. */
export const routeIn: (file: string, kind: string, name: string) => Route | undefined =
  createRouting();

/**
 * The groups of actions that a runtime file names, for module_defaults. Of the file only that section is parsed.
 *
 * @throws LoadError for a section that is no YAML.
 */
export function actionGroupsIn(file: string): Dict {
  const text = readQuietly(file);
  const start = /^action_groups:/m.exec(text);
  if (start === null) return new Map();
  const rest = text.slice(start.index);
  const end = /\n[^\s#]/.exec(rest);
  // Empty lines in place of what stands before it: an error names the right line.
  const before = "\n".repeat(text.slice(0, start.index).split("\n").length - 1);
  const section = end === null ? rest : rest.slice(0, end.index + 1);
  const value = parseYaml(before + section, file, { origins: false });
  const groups = isDict(value) ? value.get("action_groups") : undefined;
  return isDict(groups) ? groups : new Map();
}

/**
 * Reads routes out of runtime files. These are large (hundreds of kilobytes), so that only the few lines
 * of the wanted entry are parsed: sections and entries are found by their indentation.
 */
function createRouting(): (file: string, kind: string, name: string) => Route | undefined {
  const sections = new Map<string, ReadonlyMap<string, string>>();
  const sectionsOf = (file: string): ReadonlyMap<string, string> => {
    let found = sections.get(file);
    if (found === undefined) {
      found = pluginRouting(readQuietly(file));
      sections.set(file, found);
    }
    return found;
  };
  return (file, kind, name) => {
    const section = sectionsOf(file).get(kind);
    if (section === undefined) return undefined;
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const header = new RegExp(
      `^( +)["']?${escaped}["']?:[ \\t]*(.*)\\n((?:(?:\\1 +.*|[ \\t]*(?:#.*)?)\\n)*)`,
      "m",
    ).exec(section);
    if (header === null) return undefined;
    const value = parseYaml(`entry: ${header[2] ?? ""}\n${header[3] ?? ""}`, file, {
      origins: false,
    });
    const entry: Value | undefined = isDict(value) ? value.get("entry") : undefined;
    if (!isDict(entry)) return undefined;
    const redirect = entry.get("redirect");
    const tombstone = entry.get("tombstone");
    const actionPlugin = entry.get("action_plugin");
    const warning = isDict(tombstone) ? tombstone.get("warning_text") : undefined;
    return {
      redirect: typeof redirect === "string" ? redirect : undefined,
      tombstone: tombstone === undefined ? undefined : typeof warning === "string" ? warning : "",
      actionPlugin: typeof actionPlugin === "string" ? actionPlugin : undefined,
    };
  };
}

/** kind -> the text of its section below `plugin_routing`. */
function pluginRouting(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const start = /^plugin_routing:.*\n/m.exec(text);
  if (start === null) return found;
  const rest = text.slice(start.index + start[0].length);
  const end = /^[^\s#]/m.exec(rest);
  const body = `${end === null ? rest : rest.slice(0, end.index)}\n`;
  const indent = /^( +)[^\s#]/m.exec(body)?.[1] ?? "  ";
  const parts = body.split(new RegExp(`^${indent}(\\w+):[ \\t]*(?:#.*)?\\n`, "m"));
  for (let index = 1; index < parts.length; index += 2)
    found.set(parts[index] ?? "", parts[index + 1] ?? "");
  return found;
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
