import type { Value } from "../model/value.ts";
import { expandHosts } from "./address.ts";
import { type InventoryBuilder, InventoryError } from "./builder.ts";
import { parsePythonLiteral } from "./python-literal.ts";
import { ShellWordsError, shellWords } from "./shell-words.ts";

/**
 * Reads an INI inventory into a builder (`plugins/inventory/ini.py`).
 *
 * @throws InventoryError that starts with `file:line:`
 */
export function parseIniInventory(text: string, file: string, builder: InventoryBuilder): void {
  /** Groups named as children, or given variables, before their own section. */
  const pending = new Map<string, Pending>();
  let group = "ungrouped";
  let state = "hosts";
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const fail = (detail: string) => new InventoryError(`${file}:${index + 1}: ${detail}`);
    try {
      if (line.startsWith("[")) {
        const section = SECTION.exec(line);
        if (section !== null) {
          group = section[1] ?? "";
          state = section[2] ?? "hosts";
          startSection(group, state, index + 1, pending, builder, fail);
          continue;
        }
        if (line.endsWith("]")) {
          throw fail(
            `Invalid section entry: '${line}'. Please make sure that there are no spaces in the section entry, and that there are no other invalid characters`,
          );
        }
      }
      if (state === "hosts") addHosts(line, group, builder, fail);
      else if (state === "vars") addVariable(line, group, builder, fail);
      else addChild(line, group, index + 1, pending, builder, fail);
    } catch (error) {
      if (error instanceof Error && !error.message.startsWith(`${file}:`))
        throw fail(error.message);
      throw error;
    }
  }
  for (const [name, entry] of pending) {
    const place = `${file}:${entry.line}: `;
    if (entry.state === "vars")
      throw new InventoryError(
        `${place}Section [${name}:vars] not valid for undefined group: ${name}`,
      );
    throw new InventoryError(
      `${place}Section [${entry.parents.at(-1)}:children] includes undefined group: ${name}`,
    );
  }
}

/** The value of a variable: a Python literal, else the text itself. */
export function parseIniValue(text: string): Value {
  return parsePythonLiteral(text) ?? (text === "None" ? null : text);
}

interface Pending {
  readonly state: "vars" | "children";
  readonly line: number;
  readonly parents: string[];
}

type Fail = (detail: string) => Error;

const SECTION = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/;
const GROUP_NAME = /^([^:\]\s]+)\s*(?:#.*)?$/;
const PLAIN_HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

function startSection(
  group: string,
  state: string,
  line: number,
  pending: Map<string, Pending>,
  builder: InventoryBuilder,
  fail: Fail,
): void {
  if (state !== "hosts" && state !== "children" && state !== "vars") {
    throw fail(`Section [${group}:${state}] has unknown type: ${state}`);
  }
  if (!builder.hasGroup(group)) {
    if (state === "vars" && !pending.has(group))
      pending.set(group, { state: "vars", line, parents: [] });
    builder.addGroup(group);
  }
  const waiting = pending.get(group);
  if (waiting === undefined || state === "vars") return;
  if (waiting.state === "children") adopt(group, pending, builder);
  else pending.delete(group);
}

/** Joins a group to the parents that named it before. */
function adopt(group: string, pending: Map<string, Pending>, builder: InventoryBuilder): void {
  const entry = pending.get(group);
  if (entry === undefined) return;
  for (const parent of entry.parents) {
    builder.addChild(parent, group);
    if (pending.get(parent)?.state === "children") adopt(parent, pending, builder);
  }
  pending.delete(group);
}

function addHosts(line: string, group: string, builder: InventoryBuilder, fail: Fail): void {
  if (PLAIN_HOST.test(line)) {
    builder.addHost(line, group);
    return;
  }
  let words: string[];
  try {
    words = shellWords(line);
  } catch (error) {
    if (error instanceof ShellWordsError)
      throw fail(`Error parsing host definition '${line}': ${error.message}`);
    throw error;
  }
  const pattern = words[0] ?? "";
  const { hosts, port } = expandHosts(pattern);
  if (pattern.trim().endsWith(":") && port === undefined) {
    throw new InventoryError(
      `Invalid host pattern '${pattern}' supplied, ending in ':' is not allowed, this character is reserved to provide a port.`,
    );
  }
  const vars: (readonly [string, Value])[] = [];
  for (const word of words.slice(1)) {
    const at = word.indexOf("=");
    if (at === -1) throw fail(`Expected key=value host variable assignment, got: ${word}`);
    vars.push([word.slice(0, at), parseIniValue(word.slice(at + 1))]);
  }
  for (const name of hosts) {
    if (name.trim() === "---") {
      throw new InventoryError(
        `Invalid host pattern '${pattern}' supplied, '---' is normally a sign this is a YAML file.`,
      );
    }
    const host = builder.addHost(name, group, port);
    for (const [key, value] of vars) builder.setHostVar(host, key, value);
  }
}

function addVariable(line: string, group: string, builder: InventoryBuilder, fail: Fail): void {
  const at = line.indexOf("=");
  if (at === -1) throw fail(`Expected key=value, got: ${line}`);
  builder.setGroupVar(group, line.slice(0, at).trim(), parseIniValue(line.slice(at + 1).trim()));
}

function addChild(
  line: string,
  group: string,
  lineNumber: number,
  pending: Map<string, Pending>,
  builder: InventoryBuilder,
  fail: Fail,
): void {
  const child = GROUP_NAME.exec(line)?.[1];
  if (child === undefined) throw fail(`Expected group name, got: ${line}`);
  if (builder.hasGroup(child)) {
    builder.addChild(group, child);
    return;
  }
  const waiting = pending.get(child);
  if (waiting === undefined)
    pending.set(child, { state: "children", line: lineNumber, parents: [group] });
  else waiting.parents.push(group);
}
