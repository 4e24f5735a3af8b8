import { spawnSync } from "node:child_process";
import { JsonError, parseJson } from "../model/json-reader.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { type InventoryBuilder, InventoryError } from "./builder.ts";

/** Larger than any inventory: what a script may print. */
const MAX_OUTPUT = 1 << 30;

/**
 * Runs an executable inventory (`--list`, and `--host NAME` where it gives no `_meta`) and reads its
 * groups into a builder (`plugins/inventory/script.py`).
 *
 * @throws InventoryError
 */
export function parseScriptInventory(file: string, builder: InventoryBuilder): void {
  const { text, errors } = run(file, ["--list"]);
  let data: Value;
  try {
    data = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new InventoryError(
      `failed to parse executable inventory script results from ${file}: ${error.message}\n${errors}`,
    );
  }
  if (!isDict(data)) {
    throw new InventoryError(
      `failed to parse executable inventory script results from ${file}: needs to be a json dict\n${errors}`,
    );
  }
  const hosts = new Set<string>();
  for (const [name, group] of data)
    if (name !== "_meta") addGroup(String(name), group, hosts, builder);

  const meta = data.get("_meta");
  const hostvars = isDict(meta) ? meta.get("hostvars") : undefined;
  for (const name of hosts) {
    const vars =
      hostvars === undefined
        ? hostVariables(file, name)
        : isDict(hostvars)
          ? hostvars.get(name)
          : undefined;
    const host = builder.addHost(name, undefined);
    if (isDict(vars)) for (const [key, value] of vars) builder.setHostVar(host, key, value);
  }
}

function addGroup(name: string, data: Value, hosts: Set<string>, builder: InventoryBuilder): void {
  builder.addGroup(name);
  const isPlain = isDict(data) && !["hosts", "vars", "children"].some((key) => data.has(key));
  const group: Dict = isPlain
    ? new Map<Value, Value>([
        ["hosts", [name]],
        ["vars", data],
      ])
    : isDict(data)
      ? data
      : new Map<Value, Value>([["hosts", data]]);
  const members = group.get("hosts");
  if (members !== undefined) {
    if (!Array.isArray(members))
      throw new InventoryError(`You defined a group '${name}' with bad data for the host list`);
    for (const member of members) {
      hosts.add(String(member));
      builder.addHost(String(member), name);
    }
  }
  const vars = group.get("vars");
  if (vars !== undefined) {
    if (!isDict(vars))
      throw new InventoryError(`You defined a group '${name}' with bad data for variables`);
    for (const [key, value] of vars) builder.setGroupVar(name, key, value);
  }
  const children = group.get("children");
  for (const child of Array.isArray(children) ? children : []) {
    builder.addGroup(String(child));
    builder.addChild(name, String(child));
  }
}

function hostVariables(file: string, host: string): Value {
  const { text } = run(file, ["--host", host]);
  if (text.trim() === "") return new Map();
  try {
    return parseJson(text);
  } catch {
    throw new InventoryError(
      `could not parse post variable response: ${file} --host ${host}, ${text}`,
    );
  }
}

function run(file: string, args: readonly string[]): { text: string; errors: string } {
  const result = spawnSync(file, args, { encoding: "utf8", maxBuffer: MAX_OUTPUT });
  if (result.error !== undefined) {
    throw new InventoryError(
      `problem running ${[file, ...args].join(" ")} (${result.error.message})`,
    );
  }
  const errors =
    result.stderr === "" || result.stderr.endsWith("\n") ? result.stderr : `${result.stderr}\n`;
  if (result.status !== 0)
    throw new InventoryError(`Inventory script (${file}) had an execution error: ${errors} `);
  return { text: result.stdout, errors };
}
