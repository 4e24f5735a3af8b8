import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { exists, isFile } from "../load/file-kind.ts";
import { LoadError } from "../load/source.ts";
import type { Inventory } from "../model/host.ts";
import { groupHosts } from "../vars/group-hosts.ts";
import { parseAddress } from "./address.ts";
import { LOCALHOST } from "./builder.ts";

export interface MatchOptions {
  readonly warn?: (text: string) => void;
  /** host_pattern_mismatch: what to do about a pattern that matches nothing; a warning by default. */
  readonly mismatch?: "warning" | "error" | "ignore";
  readonly cwd?: string;
}

/**
 * Names of the hosts that a pattern means, within a limit (`inventory/manager.py`): unions with `:` or `,`, `&` and `!`,
 * globs, `~regex`, `group[0:2]`, and in a limit `@file`. `localhost` is matched even when no inventory names it.
 *
 * @param limit as given with --limit
 * @throws LoadError for malformed patterns, missing limit files and subscripts out of range
 */
export function matchHosts(
  inventory: Inventory,
  pattern: string,
  limit?: string,
  options: MatchOptions = {},
): string[] {
  const matched = evaluate(inventory, splitPattern(pattern), options);
  if (limit === undefined || limit === "") return matched;
  const within = new Set(
    evaluate(inventory, limitPatterns(limit, options.cwd ?? process.cwd()), options),
  );
  return matched.filter((host) => within.has(host));
}

function splitPattern(pattern: string): string[] {
  const parts = pattern.includes(",")
    ? pattern.split(",")
    : parseAddress(pattern, true) !== undefined
      ? [pattern]
      : (pattern.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []);
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function limitPatterns(limit: string, cwd: string): string[] {
  return splitPattern(limit).flatMap((part) => {
    if (!part.startsWith("@")) return [part];
    const file = resolve(cwd, part.slice(1));
    if (!exists(file))
      throw new LoadError(`Unable to find limit file ${part.slice(1)}`, undefined, {
        kind: "error",
      });
    if (!isFile(file))
      throw new LoadError(
        `Limit starting with "@" must be a file, not a directory: ${part.slice(1)}`,
      );
    return readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.trim());
  });
}

function evaluate(
  inventory: Inventory,
  patterns: readonly string[],
  options: MatchOptions,
): string[] {
  const given = patterns.filter((pattern) => pattern !== "");
  const regular = given.filter((pattern) => !/^[!&]/.test(pattern));
  const ordered = [
    ...(regular.length === 0 ? ["all"] : regular),
    ...given.filter((pattern) => pattern.startsWith("&")),
    ...given.filter((pattern) => pattern.startsWith("!")),
  ];
  let hosts = new Set<string>();
  for (const pattern of ordered) {
    if (inventory.hosts.has(pattern)) {
      hosts.add(pattern);
      continue;
    }
    const found = matchOne(inventory, pattern.replace(/^[!&]/, ""), options);
    if (pattern.startsWith("!")) for (const host of found) hosts.delete(host);
    else if (pattern.startsWith("&")) {
      const also = new Set(found);
      hosts = new Set([...hosts].filter((host) => also.has(host)));
    } else for (const host of found) hosts.add(host);
  }
  return [...hosts];
}

const SUBSCRIPT = /^(.+)\[(?:(-?[0-9]+)|([0-9]+)([:-])([0-9]*))\]$/;

function matchOne(inventory: Inventory, pattern: string, options: MatchOptions): readonly string[] {
  const subscript = pattern.startsWith("~") ? null : SUBSCRIPT.exec(pattern);
  const hosts = enumerate(inventory, subscript?.[1] ?? pattern, options);
  if (subscript === null || hosts.length === 0) return hosts;
  const [, , index, start, separator, end] = subscript;
  if (index !== undefined) {
    const host = hosts.at(Number(index));
    if (host === undefined)
      throw new LoadError(`No hosts matched the subscripted pattern '${pattern}'`);
    return [host];
  }
  if (separator === "-")
    options.warn?.("Use [x:y] inclusive subscripts instead of [x-y] which has been removed");
  const from = Number(start);
  // An end of 0 counts as no end in Ansible: the range is its first host.
  if (end !== "" && Number(end) === 0) {
    const host = hosts[from];
    if (host === undefined)
      throw new LoadError(`No hosts matched the subscripted pattern '${pattern}'`);
    return [host];
  }
  return end === "" ? hosts.slice(from) : hosts.slice(from, Number(end) + 1);
}

function enumerate(
  inventory: Inventory,
  pattern: string,
  options: MatchOptions,
): readonly string[] {
  const found = new Set<string>();
  let anyGroup = false;
  const isPlain = !pattern.startsWith("~") && !/[*?[]/.test(pattern);
  if (isPlain && inventory.groups.has(pattern)) {
    // The most frequent pattern by far: one group.
    if (!pattern.includes(".")) return groupHosts(inventory, pattern);
  }
  const test = matcher(pattern, isPlain);
  for (const name of inventory.groups.keys()) {
    if (!test(name)) continue;
    anyGroup = true;
    for (const host of groupHosts(inventory, name)) found.add(host);
  }
  if (!anyGroup || pattern.startsWith("~") || /[.?*[]/.test(pattern)) {
    if (isPlain) {
      if (inventory.hosts.has(pattern)) found.add(pattern);
    } else for (const name of inventory.hosts.keys()) if (test(name)) found.add(name);
  }
  if (found.size === 0 && LOCALHOST.has(pattern)) return [pattern];
  if (found.size === 0 && !anyGroup && pattern !== "all") {
    const text = `Could not match supplied host pattern, ignoring: ${pattern}`;
    if (options.mismatch === "error") throw new LoadError(text);
    if (options.mismatch !== "ignore") options.warn?.(text);
  }
  return [...found];
}

function matcher(pattern: string, isPlain: boolean): (name: string) => boolean {
  if (isPlain) return (name) => name === pattern;
  let expression: RegExp;
  try {
    expression = pattern.startsWith("~") ? pythonRegExp(pattern.slice(1)) : globRegExp(pattern);
  } catch {
    throw new LoadError(`Invalid host list pattern: ${pattern}`);
  }
  return (name) => expression.test(name);
}

/** A Python expression, matched at the start only. */
function pythonRegExp(source: string): RegExp {
  const flags = /^\(\?([aiLmsux]+)\)/.exec(source);
  const body = (flags === null ? source : source.slice(flags[0].length))
    .replaceAll("(?P<", "(?<")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replaceAll("\\Z", "$")
    .replaceAll("\\A", "^");
  return new RegExp(`^(?:${body})`, (flags?.[1] ?? "").replace(/[^ims]/g, ""));
}

/** A shell pattern as Python's fnmatch reads it. */
function globRegExp(glob: string): RegExp {
  let source = "";
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] as string;
    if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (char === "[") {
      const from = glob[at + 1] === "!" ? at + 2 : at + 1;
      const end = glob.indexOf("]", glob[from] === "]" ? from + 1 : from);
      if (end === -1) source += "\\[";
      else {
        const set = glob.slice(from, end).replace(/[\\\]^[]/g, "\\$&");
        source += `[${glob[at + 1] === "!" ? "^" : ""}${set}]`;
        at = end;
      }
    } else source += char.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "s");
}
