import { readdirSync, statSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { LoadError } from "../../load/source.ts";
import { loadVarsFile } from "../../load/vars-file.ts";
import { type Dict, dictOf, PyTuple, type Value } from "../../model/value.ts";
import { VaultError } from "../../vault/envelope.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, type ActionInput, done, failed, type Prepared } from "./action.ts";

/** set_fact (ansible/plugins/action/set_fact.py). */
export const setFactAction: Action = {
  name: "set_fact",
  prepare({ args, options }) {
    const facts: Dict = new Map();
    const cacheable = isTrue(args.get("cacheable") ?? false);
    for (const [key, value] of args) {
      if (key === "cacheable") continue;
      const name = textOf(key);
      if (!/^[A-Za-z_]\w*$/.test(name)) {
        return failed(
          `The variable name '${name}' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.`,
        );
      }
      facts.set(name, options.jinja2Native ? asList(value) : asBoolean(value));
    }
    if (facts.size === 0)
      return failed(
        "No key/value pairs provided, at least one is required for this action to succeed",
      );
    const result = new Map<Value, Value>([
      ["ansible_facts", facts],
      ["_ansible_facts_cacheable", cacheable],
      ["changed", false],
    ]);
    return done(result, cacheable ? { set: facts, facts } : { set: facts });
  },
};

/** With jinja2_native values come as they are, but a tuple is a list when it is templated again. */
function asList(value: Value): Value {
  return value instanceof PyTuple ? [...value] : value;
}

/** Text that says yes or no becomes a boolean, as without jinja2_native. */
function asBoolean(value: Value): Value {
  if (typeof value !== "string") return value;
  const word = value.toLowerCase();
  if (word === "true" || word === "yes") return true;
  if (word === "false" || word === "no") return false;
  return value;
}

const EXTENSIONS = ["yaml", "yml", "json"];

/** include_vars (ansible/plugins/action/include_vars.py). */
export const includeVarsAction: Action = {
  name: "include_vars",
  prepare(input) {
    const { args } = input;
    const known = new Set([
      "name",
      "dir",
      "file",
      "depth",
      "files_matching",
      "ignore_unknown_extensions",
      "extensions",
      "ignore_files",
      "hash_behaviour",
      "_raw_params",
    ]);
    for (const key of args.keys()) {
      if (!known.has(textOf(key)))
        return failed(`${textOf(key)} is not a valid option in include_vars`);
    }
    const files = args.has("dir")
      ? filesInDir(input)
      : [input.findFile("vars", textOf(args.get("file") ?? args.get("_raw_params") ?? ""))];
    if (!Array.isArray(files)) return files;
    const vars: Dict = new Map();
    try {
      for (const file of files) {
        for (const [key, value] of loadVarsFile(file)) vars.set(key, value);
      }
    } catch (error) {
      if (!(error instanceof LoadError && error.cause instanceof VaultError)) throw error;
      return done(
        dictOf({
          failed: true,
          message: error.detail,
          ansible_included_var_files: [],
          ansible_facts: new Map(),
          changed: false,
        }),
      );
    }
    const name = args.get("name");
    const included: Dict = name === undefined ? vars : new Map([[textOf(name), vars]]);
    const result = dictOf({
      ansible_included_var_files: [...files],
      ansible_facts: included,
      _ansible_no_log: false,
      failed: false,
      changed: false,
    });
    return done(result, { included });
  },
};

function filesInDir(input: ActionInput): string[] | Prepared {
  const { args } = input;
  const dir = input.findFile("vars", textOf(args.get("dir") ?? ""));
  const depth = Number(args.get("depth") ?? 0);
  const pattern = args.get("files_matching");
  const matching = pattern === undefined ? undefined : new RegExp(textOf(pattern));
  const extensions = args.get("extensions");
  const allowed = Array.isArray(extensions) ? extensions.map(textOf) : EXTENSIONS;
  const ignored = args.get("ignore_files");
  const ignore = (Array.isArray(ignored) ? ignored : ignored === undefined ? [] : [ignored]).map(
    (text) => new RegExp(`${textOf(text)}$`),
  );
  const found: string[] = [];
  const visit = (folder: string, level: number): void => {
    if (depth !== 0 && level > depth) return;
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) continue;
      const fits =
        allowed.includes(extname(name).slice(1)) &&
        (matching === undefined || matching.test(basename(name)));
      if (fits && !ignore.some((one) => one.test(name))) found.push(path);
    }
    for (const name of readdirSync(folder).sort()) {
      if (statSync(join(folder, name)).isDirectory()) visit(join(folder, name), level + 1);
    }
  };
  visit(dir, 1);
  return found;
}
