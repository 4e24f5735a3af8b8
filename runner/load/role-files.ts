import { basename, join, resolve } from "node:path";
import type { Origin } from "../model/origin.ts";
import { type Dict, isDict, type Value } from "../model/value.ts";
import { type Place, readYamlFile } from "./context.ts";
import { exists, isDirectory } from "./file-kind.ts";
import { filesBelow } from "./files-below.ts";
import { originOf, originOfKey } from "./origins.ts";
import { checkKeywords, listOf } from "./scope.ts";
import { LoadError } from "./source.ts";
import { isTrue } from "./task.ts";
import { loadVarsFile } from "./vars-file.ts";

/** What a role says about itself. */
export interface RoleMeta {
  readonly allowDuplicates: boolean;
  readonly dependencies: Value | undefined;
  readonly collections: readonly string[];
  readonly argumentSpecs: Dict | undefined;
  readonly origin: Origin;
}

/** What meta/main.yml says. @throws LoadError */
export function readMeta(path: string, name: string, place: Place): RoleMeta {
  const file = roleFiles(path, "meta", undefined, false, undefined)[0];
  const origin: Origin = { file: file ?? path, line: 1, column: 1 };
  const data = file === undefined ? null : readYamlFile(place.context, file);
  if (data === null || (isDict(data) && data.size === 0)) {
    return {
      allowDuplicates: false,
      dependencies: undefined,
      collections: [],
      argumentSpecs: undefined,
      origin,
    };
  }
  if (!isDict(data))
    throw new LoadError(`the 'meta/main.yml' for role ${name} is not a dictionary`, origin);
  checkKeywords(data, "RoleMetadata", originOf(data) ?? origin);
  const specs = data.get("argument_specs");
  return {
    allowDuplicates: isTrue(data.get("allow_duplicates")),
    dependencies: data.get("dependencies"),
    collections: listOf(data.get("collections")).map(String),
    argumentSpecs: isDict(specs) ? specs : undefined,
    origin: originOfKey(data, "dependencies") ?? origin,
  };
}

/** vars/ and defaults/: main.yml, or all files of a directory main/, merged in order. */
export function roleFile(
  path: string,
  subdir: "vars" | "defaults",
  main: string | undefined,
  place: Place,
  from: Origin,
): Dict {
  const vars: Dict = new Map();
  for (const file of roleFiles(path, subdir, main, true, from)) {
    for (const [key, value] of loadVarsFile(file, {
      warn: place.context.warn,
      duplicateKeys: place.context.settings.duplicateYamlKey.value,
      from,
    }))
      vars.set(key, value);
  }
  return vars;
}

/**
 * The files that `main` (or the name given with *_from) means in a directory of a role (`_load_role_yaml`).
 *
 * @throws LoadError when a file was asked for by name and is not there, or elsewhere
 */
export function roleFiles(
  path: string,
  subdir: string,
  main: string | undefined,
  allowDirectory: boolean,
  from: Origin | undefined,
): string[] {
  const directory = join(path, subdir);
  const extensions =
    main === undefined ? [".yml", ".yaml", ".json", ""] : ["", ".yml", ".yaml", ".json"];
  for (const extension of extensions) {
    const file = resolve(directory, `${main ?? "main"}${extension}`);
    if (!exists(file)) continue;
    if (!file.startsWith(`${resolve(directory)}/`)) {
      throw new LoadError(
        `Failed loading '${file}' for role (${basename(path)}) as it is not inside the expected role path: '${directory}'`,
        from,
      );
    }
    if (!isDirectory(file)) return [file];
    if (allowDirectory) return filesBelow(file);
  }
  if (main !== undefined && from !== undefined && exists(directory)) {
    throw new LoadError(`Could not find specified file in role: ${subdir}/${main}`, from);
  }
  return [];
}
