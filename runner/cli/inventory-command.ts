import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Description, describeInventory } from "../inventory/describe.ts";
import { matchHosts } from "../inventory/pattern.ts";
import { type Dict, isDict, UnsafeText, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import { sortsKeys, toJson } from "../output/json.ts";
import { dumpToml } from "../template/library/toml-dump.ts";
import { dumpYaml } from "../template/library/yaml-dump.ts";
import { pyStr } from "../template/py-repr.ts";
import { EXIT } from "./exit-code.ts";
import type { InventoryOptions } from "./inventory-options.ts";
import { UsageError } from "./parse-flags.ts";
import { loadPrerequisites } from "./prerequisites.ts";
import type { World } from "./world.ts";

/**
 * Prints an inventory, byte by byte as `ansible-inventory` does (`cli/inventory.py`).
 *
 * @returns the exit code.
 * @throws LoadError; UsageError for hosts and groups that are not there; TomlError for what TOML has no form for.
 */
export async function runInventory(options: InventoryOptions, world: World): Promise<number> {
  // Without a playbook, what a host sees counts from the working directory.
  const playbookDir = resolve(world.cwd, options.playbookDir ?? ".");
  const playbookDirs = [playbookDir];
  const prerequisites = await loadPrerequisites(
    {
      ...options,
      flags: {
        inventory: options.inventory?.map((source) =>
          source.includes(",") ? source : resolve(world.cwd, source),
        ),
        verbosity: options.verbosity,
      },
      checkMode: false,
      playbookDirs,
      pluginPlaces: { playbookDirs: () => playbookDirs, folders: () => playbookDirs },
      allStages: true,
    },
    world,
  );
  const { extraVars, settings, warn } = prerequisites;
  const inventory = prerequisites.inventory.current;
  prerequisites.plugins.close();
  const description = describeInventory({
    inventory,
    extraVars,
    export: options.export ?? settings.inventoryExport.value,
    playbookDir,
    exportPlaybook: options.playbookDir !== undefined,
    merge: settings.hashBehaviour.value === "merge",
  });
  const { action } = options;
  let text: string;
  if (action.kind === "host") {
    const [host, ...more] = matchHosts(inventory, action.host, undefined, { warn });
    if (host === undefined || more.length > 0 || !inventory.hosts.has(host))
      throw usage("You must pass a single valid host to --host parameter");
    text = dump(description.host(host), options, warn);
  } else if (action.kind === "graph") {
    if (!inventory.groups.has(action.group))
      throw usage("Pattern must be valid group name when using --graph");
    text = graph(description, action.group, action.vars);
  } else {
    text = dump(wholeOf(description, options), options, warn);
  }
  // Ansible takes an empty document for a failure.
  if (text === "") return EXIT.error;
  if (options.output === undefined) {
    world.terminal.stdout(text.endsWith("\n") ? text : `${text}\n`);
    world.log.write(text);
  } else writeTo(resolve(world.cwd, options.output), text);
  return EXIT.ok;
}

const OPTIONS_ERROR = 5;

function usage(message: string): UsageError {
  return new UsageError(`ERROR! ${message}`, OPTIONS_ERROR);
}

function wholeOf(description: Description, { format }: InventoryOptions): Dict {
  switch (format) {
    case "yaml":
      return description.tree();
    case "toml":
      return description.tables();
    case "json":
      return description.list();
  }
}

function graph(description: Description, group: string, vars: boolean): string {
  return description.graph(group, vars ? pyStr : undefined).join("\n");
}

function dump(value: Dict, { format }: InventoryOptions, warn: (text: string) => void): string {
  if (format === "yaml") return dumpYaml(value, { flow: false, aliases: (met) => met });
  if (format === "toml") return dumpToml(value);
  const plain = marked(value);
  const sort = sortsKeys(plain);
  if (!sort) {
    warn(
      "Could not sort JSON output due to issues while sorting keys: '<' not supported between instances of 'int' and 'AnsibleUnicode'",
    );
  }
  return toJson(plain, { indent: 4, hideInternal: false, ascii: false, sort });
}

/** Secrets and text that is no template, as Ansible's JSON carries them (`parsing/ajson.py`). */
function marked(value: Value): Value {
  if (value instanceof VaultText) return new Map([["__ansible_vault", value.ciphertext]]);
  if (value instanceof UnsafeText) return new Map([["__ansible_unsafe", value.text]]);
  if (Array.isArray(value)) return value.map(marked);
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, marked(item)]));
  return value;
}

function writeTo(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    const { message } = cause as Error;
    throw new Error(`Unable to write to destination file (${file}): ${message}`, { cause });
  }
}
