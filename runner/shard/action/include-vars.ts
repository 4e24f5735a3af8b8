import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { LoadError, wasVault } from "../../load/source.ts";
import { loadVarsFile } from "../../load/vars-file.ts";
import { stringifyJson } from "../../model/json.ts";
import { type Dict, dictOf, isDict, type Value } from "../../model/value.ts";
import { VaultText } from "../../model/vault-text.ts";
import { MISSING } from "../../template/environment.ts";
import { typeName } from "../../template/py-types.ts";
import { merged } from "../../vars/combine.ts";
import { finalValue } from "../../vars/scope.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, type ActionInput, done, failed } from "./action.ts";

/** include_vars (ansible/plugins/action/include_vars.py). */
export const includeVarsAction: Action = {
  name: "include_vars",
  prepare(input) {
    const { args } = input;
    for (const key of args.keys()) {
      if (!OPTIONS.has(textOf(key)))
        return failed(`${textOf(key)} is not a valid option in include_vars`);
    }
    const ofDirs = [...DIR_OPTIONS].some((name) => args.has(name));
    if (ofDirs && (args.has("file") || args.has("_raw_params")))
      return failed("You are mixing file only and dir only arguments, these are incompatible");
    const vars: Dict = new Map();
    const read: string[] = [];
    const included: string[] = [];
    let problem: string | undefined;
    try {
      const files = ofDirs ? filesInDir(input) : [fileOf(input)];
      for (const file of files) {
        read.push(file);
        const loaded = loadVarsFile(file, { duplicateKeys: input.options.duplicateKeys });
        included.push(file);
        for (const [key, value] of loaded) vars.set(key, value);
      }
    } catch (error) {
      problem = error instanceof LoadError ? error.detail : (error as Error).message;
    }
    const name = args.get("name");
    let set: Dict = name === undefined || name === null ? vars : new Map([[textOf(name), vars]]);
    if (problem === undefined) set = combined(set, input);
    const result = dictOf({
      ...(problem === undefined ? {} : { failed: true, message: problem }),
      ansible_included_var_files: included,
      ansible_facts: set,
      _ansible_no_log: read.some(wasVault),
      ...(problem === undefined ? { failed: false } : {}),
      changed: false,
    });
    return done(result, problem === undefined ? { included: set } : {});
  },
};

const DIR_OPTIONS: ReadonlySet<string> = new Set([
  "dir",
  "depth",
  "files_matching",
  "ignore_files",
  "extensions",
  "ignore_unknown_extensions",
]);
const OPTIONS = new Set([...DIR_OPTIONS, "file", "_raw_params", "name", "hash_behaviour"]);
const EXTENSIONS = ["yaml", "yml", "json"];

function fileOf({ args, findFile }: ActionInput): string {
  const written = args.get("file") ?? args.get("_raw_params");
  if (!isGiven(written)) {
    throw new Error(
      "Could not find file on the Ansible Controller.\nIf you are using a module and expect the file to exist on the remote, see the remote_src option",
    );
  }
  return findFile("vars", textOf(written).replace(/\n+$/, ""));
}

/**
 * `hash_behaviour` other than the run's combines what was read with what the host has; neither a variable that is no dict nor one
 * that is new can be combined (`combine_vars` of `utils/vars.py`).
 *
 * @throws Error in Ansible's words.
 */
function combined(vars: Dict, input: ActionInput): Dict {
  const wanted = input.args.get("hash_behaviour") ?? null;
  // Under a name, what was read is a dict that was made for it.
  const isNamed = (input.args.get("name") ?? null) !== null;
  if (wanted === null || wanted === (input.options.mergeHash ? "merge" : "replace")) return vars;
  return new Map(
    [...vars].map(([key, value]) => {
      const known = knownValue(textOf(key), input);
      if (!isDict(known) || !isDict(value))
        throw cannotCombine(known, value, isNamed ? "dict" : yamlType(value));
      return [key, wanted === "merge" ? merged(known, value) : new Map([...known, ...value])];
    }),
  );
}

/** A variable as it is written. What came from outside must not become a template by being combined. */
function knownValue(name: string, { scope, options }: ActionInput): Value {
  const found = scope.raw(name);
  if (found === MISSING) return null;
  const value = found as Value;
  return !options.mergeHash && scope.isFinal(name) ? finalValue(value) : value;
}

function cannotCombine(known: Value, value: Value, type: string): Error {
  const what = `failed to combine variables, expected dicts but got a '${yamlType(known)}' and a '${type}': `;
  const texts = [known, value].map((each) => (holdsSecret(each) ? "(encrypted)" : json(each)));
  return new Error([what, ...texts].join("\n"));
}

/** What values of a file of variables are in Ansible. */
const YAML_TYPES: Readonly<Record<string, string>> = {
  str: "AnsibleUnicode",
  list: "AnsibleSequence",
  dict: "AnsibleMapping",
};

function yamlType(value: Value): string {
  const name = typeName(value);
  return YAML_TYPES[name] ?? name;
}

function json(value: Value): string {
  try {
    return stringifyJson(value);
  } catch {
    return textOf(value);
  }
}

function holdsSecret(value: Value): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (isDict(value)) return [...value.values()].some(holdsSecret);
  return value instanceof VaultText;
}

/** @throws Error for a directory that is none, and for a file whose extension says that it is no variables. */
function filesInDir(input: ActionInput): string[] {
  const { args, role } = input;
  const dir = directoryOf(input);
  const depth = Number(args.get("depth") ?? 0);
  const pattern = args.get("files_matching");
  const matching = isGiven(pattern) ? new RegExp(textOf(pattern)) : undefined;
  const extensions = args.get("extensions");
  const allowed = Array.isArray(extensions) ? extensions.map(textOf) : EXTENSIONS;
  const skipsUnknown = isTrue(args.get("ignore_unknown_extensions") ?? false);
  const ignored = args.get("ignore_files");
  const ignore = (Array.isArray(ignored) ? ignored : textOf(ignored ?? null).split(/\s+/))
    .map(textOf)
    .filter((text) => text !== "")
    .map((text) => new RegExp(`${text}$`));
  const found: string[] = [];
  // Ansible counts folders, not levels, against the depth.
  for (const folder of foldersBelow(dir).slice(0, depth === 0 ? undefined : depth)) {
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (statSync(path).isDirectory() || ignore.some((one) => one.test(name))) continue;
      // What a role loads by itself is not loaded again.
      if (role !== undefined && name === "main.yml" && folder === join(role.path, "vars")) continue;
      if (matching !== undefined && !matching.test(basename(name))) continue;
      if (!allowed.includes(extname(name).slice(1))) {
        if (skipsUnknown) continue;
        throw new Error(`${path} does not have a valid extension: ${allowed.join(", ")}`);
      }
      found.push(path);
    }
  }
  return found;
}

function directoryOf({ args, role, task }: ActionInput): string {
  const written = textOf(args.get("dir") ?? null);
  let dir = written;
  if (!written.startsWith("/")) {
    const base = role === undefined ? join(task.origin.file, "..") : role.path;
    const inVars = join(base, "vars", written);
    dir = role === undefined || written.split("/")[0] === "vars" ? join(base, written) : inVars;
  }
  if (!existsSync(dir)) throw new Error(`${dir} directory does not exist`);
  if (!statSync(dir).isDirectory()) throw new Error(`${dir} is not a directory`);
  return dir;
}

/** A folder and those below it, in the order of their paths. */
function foldersBelow(dir: string): string[] {
  const folders = [dir];
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (statSync(path).isDirectory()) folders.push(...foldersBelow(path));
  }
  return folders.sort();
}

function isGiven(value: Value | undefined): value is Value {
  return value !== undefined && value !== null && value !== "";
}
