import { isDict, type Value } from "../model/value.ts";
import { exists } from "./file-kind.ts";
import { LoadError, readText } from "./source.ts";
import { parseYaml } from "./yaml.ts";

/** Where the filters stand when the settings name no file. */
const USUAL = "/etc/ansible/plugin_filters.yml";

/**
 * The modules and actions that a plugin filter file takes away. One that cannot be used is warned about and rejects nothing
 * (`_load_plugin_filter` of `plugins/loader.py`).
 *
 * @param named the file of the settings
 * @throws LoadError when `stat` is among them, without which nothing works.
 */
export function readPluginFilters(
  named: string | undefined,
  warn: (text: string) => void,
): ReadonlySet<string> {
  const file = named ?? USUAL;
  if (!exists(file)) {
    if (named !== undefined) warn(`The plugin filter file, ${file} does not exist. Skipping.`);
    return new Set();
  }
  const rejected = listIn(file, warn);
  if (rejected.has("stat")) {
    throw new LoadError(
      `The stat module was specified in the module blacklist file, ${file}, but Ansible will not function without the stat module.  Please remove stat from the blacklist.`,
    );
  }
  return rejected;
}

function listIn(file: string, warn: (text: string) => void): ReadonlySet<string> {
  const skip = (problem: string): ReadonlySet<string> => {
    warn(`${problem} Skipping.`);
    return new Set();
  };
  let data: Value;
  try {
    data = parseYaml(readText(file), file, { origins: false });
  } catch (error) {
    return skip(`The plugin filter file, ${file} was not parsable: ${(error as Error).message}`);
  }
  const version = isDict(data) ? data.get("filter_version") : undefined;
  if (!isDict(data) || version === undefined)
    return skip(`The plugin filter file, ${file} was invalid.`);
  if (
    !["1.0", "1"].includes(String((version as { value?: number } | null)?.value ?? version).trim())
  )
    return skip(
      `The plugin filter file, ${file} was a version not recognized by this version of Ansible.`,
    );
  const list = data.get("module_blacklist");
  if (!Array.isArray(list)) {
    return skip(
      `Unable to parse the plugin filter file ${file} as module_blacklist is not a list.`,
    );
  }
  return new Set(list.map(String));
}
