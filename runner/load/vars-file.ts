import type { Origin } from "../model/origin.ts";
import { type Dict, isDict } from "../model/value.ts";
import { HEADER } from "../vault/envelope.ts";
import { LoadError, type LoadErrorKind, readText } from "./source.ts";
import { type DuplicateKeys, parseYaml } from "./yaml.ts";

/** How a file of variables is read. */
export interface VarsFileOptions {
  readonly warn?: (text: string) => void;
  readonly duplicateKeys?: DuplicateKeys;
  /** Who asks for the file, for the message when it cannot be read. */
  readonly from?: Origin | undefined;
  readonly kind?: LoadErrorKind;
  /** A list of mappings will do as well, as in `vars_files` (`preprocess_vars` of ansible/vars/manager.py). */
  readonly lists?: boolean;
}

/**
 * The variables of a YAML or JSON file; an empty file has none. Serves vars_files, include_vars,
 * group_vars, host_vars and a role's vars and defaults.
 *
 * @throws LoadError when it cannot be read or parsed, or holds something else than a mapping.
 */
export function loadVarsFile(file: string, options: VarsFileOptions = {}): Dict {
  const value = parseYaml(readText(file, options.from), file, {
    origins: false,
    ...(options.warn === undefined ? {} : { warn: options.warn }),
    duplicateKeys: options.duplicateKeys ?? "warn",
  });
  if (value === null || value === false || value === "") return new Map();
  if (options.lists === true && Array.isArray(value) && value.every(isDict))
    return new Map(value.flatMap((vars) => [...vars]));
  if (!isDict(value)) {
    throw new LoadError(
      `${file} must be stored as a dictionary/hash`,
      { file, line: 1, column: 1 },
      {
        hint:
          typeof value === "string" && value.startsWith(HEADER)
            ? "It begins like a vault and holds characters beyond ASCII, so that it is none: the label of a vault must be ASCII."
            : "A file of variables is a mapping of names to values.",
        ...(options.kind === undefined ? {} : { kind: options.kind }),
      },
    );
  }
  return value;
}
