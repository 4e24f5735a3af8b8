import { parseYaml } from "../load/yaml.ts";
import { isDict, type Value } from "../model/value.ts";
import { expandHosts } from "./address.ts";
import { type InventoryBuilder, InventoryError } from "./builder.ts";

/**
 * Reads a YAML or JSON inventory into a builder (`plugins/inventory/yaml.py`).
 *
 * @throws InventoryError for another structure, LoadError for broken YAML
 */
export function parseYamlInventory(
  text: string,
  file: string,
  builder: InventoryBuilder,
  warn: (text: string) => void,
): void {
  const data = parseYaml(text, file, { warn, origins: false });
  if (data === null || data === "" || (isDict(data) && data.size === 0))
    throw new InventoryError("Parsed empty YAML file");
  if (!isDict(data)) {
    throw new InventoryError(
      `YAML inventory has invalid structure, it should be a dictionary, got: ${typeName(data)}`,
    );
  }
  if (data.has("plugin"))
    throw new InventoryError("Plugin configuration YAML file, not YAML inventory");
  for (const [name, group] of data) addGroup(name, group, builder, warn);
}

/** The name of an inventory plugin that a YAML file configures, when it is such a file. */
export function inventoryPluginOf(text: string): string | undefined {
  const match = /^plugin:\s*["']?([\w.]+)["']?\s*(?:#.*)?$/m.exec(text);
  return match?.[1];
}

function addGroup(
  name: Value,
  data: Value,
  builder: InventoryBuilder,
  warn: (text: string) => void,
): string {
  const group = String(name);
  if (data !== null && !isDict(data)) {
    warn(`Skipping '${group}' as this is not a valid group definition`);
    return group;
  }
  if (typeof name !== "string") {
    throw new InventoryError(
      `Unable to add group ${group}: Invalid group name supplied, expected a string but got ${typeName(name)} for ${group}`,
    );
  }
  builder.addGroup(group);
  for (const [key, written] of data ?? []) {
    // A single host or child may be written as text.
    const isSection = key === "vars" || key === "children" || key === "hosts";
    const section =
      isSection && typeof written === "string" ? new Map<Value, Value>([[written, null]]) : written;
    if (section !== null && !isDict(section)) {
      if (isSection) {
        throw new InventoryError(
          `Invalid "${String(key)}" entry for "${group}" group, requires a dictionary, found "${typeName(section)}" instead.`,
        );
      }
      warn(
        `Skipping key (${String(key)}) in group (${group}) as it is not a mapping, it is a ${typeName(section)}`,
      );
    } else if (section === null) {
      // An empty section says nothing.
    } else if (key === "vars") {
      for (const [variable, value] of section) builder.setGroupVar(group, variable, value);
    } else if (key === "children") {
      for (const [child, value] of section) {
        const childName = addGroup(child, value, builder, warn);
        if (builder.hasGroup(childName)) builder.addChild(group, childName);
      }
    } else if (key === "hosts") {
      for (const [pattern, vars] of section) addHosts(pattern, vars, group, builder);
    } else {
      warn(
        `Skipping unexpected key (${String(key)}) in group (${group}), only "vars", "children" and "hosts" are valid`,
      );
    }
  }
  return group;
}

function addHosts(pattern: Value, vars: Value, group: string, builder: InventoryBuilder): void {
  if (typeof pattern !== "string") {
    throw new InventoryError(
      `Host pattern ${String(pattern)} must be a string. Enclose integers/floats in quotation marks.`,
    );
  }
  const values = vars === null || vars === "" || vars === false ? new Map<Value, Value>() : vars;
  if (!isDict(values))
    throw new InventoryError(
      `Invalid data from file, expected dictionary and got:\n\n${String(vars)}`,
    );
  const { hosts, port } = expandHosts(pattern);
  for (const name of hosts) {
    const host = builder.addHost(name, group, port);
    for (const [key, value] of values) builder.setHostVar(host, key, value);
  }
}

function typeName(value: Value): string {
  if (Array.isArray(value)) return "<class 'ansible.parsing.yaml.objects.AnsibleSequence'>";
  if (typeof value === "string") return "<class 'ansible.parsing.yaml.objects.AnsibleUnicode'>";
  if (typeof value === "boolean") return "<class 'bool'>";
  return Number.isInteger(value) ? "<class 'int'>" : "<class 'float'>";
}
