import { readFileSync } from "node:fs";
import type { Origin } from "../model/origin.ts";
import { HEADER, VaultError } from "../vault/envelope.ts";
import { openFile } from "../vault/keyring.ts";

export type LoadErrorKind = "parse" | "error" | "options";

/** What a LoadError may carry besides its statement and its place. */
export interface LoadErrorOptions {
  /** What to do about it; shown below the excerpt. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** What Ansible takes it for, which decides the exit code; a fault of the text (`parse`) unless said otherwise. */
  readonly kind?: LoadErrorKind;
  /** The text that the origin points into, when it is not a readable file. */
  readonly text?: string;
}

/**
 * A playbook, inventory, variable file or setting that cannot be used.
 *
 * `message` is the whole text to show (`ERROR! ...`, the place, an excerpt, a hint); `detail` is the
 * bare statement. The order of the parts is that of `errors/__init__.py`.
 */
export class LoadError extends Error {
  readonly origin: Origin | undefined;
  readonly detail: string;
  readonly hint: string | undefined;
  readonly kind: LoadErrorKind;

  constructor(detail: string, origin?: Origin, options: LoadErrorOptions = {}) {
    super(compose(detail, origin, options), { cause: options.cause });
    this.name = "LoadError";
    this.detail = detail;
    this.origin = origin;
    this.hint = options.hint;
    this.kind = options.kind ?? "parse";
  }
}

/**
 * The lines around a place, with an arrow below the column. Empty when the place is outside of the text.
 * A blank line at the place is replaced by the last line with text above it.
 */
export function excerpt(source: string, origin: Origin): string {
  const lines = source.split("\n");
  let at = Math.min(origin.line, lines.length) - 1;
  while (at > 0 && lines[at]?.trim() === "") at--;
  const target = lines[at];
  if (target === undefined || target.trim() === "") return "";
  const previous = at > 0 ? (lines[at - 1] ?? "") : "";
  const arrow = `${" ".repeat(Math.max(0, origin.column - 1))}^ here`;
  return [previous.trimEnd(), target.trimEnd(), arrow].join("\n");
}

/**
 * The text of a UTF-8 file, decrypted when it is a vault.
 *
 * @throws LoadError when it cannot be read; one whose cause is a VaultError when it cannot be decrypted.
 */
export function readText(file: string, from?: Origin): string {
  let text: string;
  try {
    const data = readFileSync(file);
    const plain = openFile(data, file);
    if (plain !== data) decrypted.add(file);
    text = plain.toString("utf8");
  } catch (cause) {
    if (cause instanceof VaultError)
      throw new LoadError(vaultFailure(cause, file), from, { cause });
    throw new LoadError(readFailure(file, cause), from, { cause, kind: "error" });
  }
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  return text;
}

/** Vaults of this thread that were decrypted: their text is in no message. */
const decrypted = new Set<string>();

/** Whether a file that was read in this thread is a vault: its content must not be shown. */
export function wasVault(file: string): boolean {
  return decrypted.has(file);
}

/** What a vault says, with its file where it names none. */
function vaultFailure({ message }: Error, file: string): string {
  return message.includes(file) ? message : `${message} (${file})`;
}

function readFailure(file: string, cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOENT") {
    return `Unable to retrieve file contents\nCould not find or access '${file}' on the Ansible Controller.`;
  }
  if (code === "EISDIR") return `the input path is a directory, not a file: ${file}`;
  if (code === "EACCES") return `the file ${file} may not be read by this user (permission denied)`;
  return `an error occurred while trying to read the file '${file}': ${String(cause)}`;
}

function compose(detail: string, origin: Origin | undefined, options: LoadErrorOptions): string {
  const parts = [`ERROR! ${detail}`];
  if (origin !== undefined) {
    let place = `The error appears to be in '${origin.file}': line ${origin.line}, column ${origin.column}, but may\nbe elsewhere in the file depending on the exact syntax problem.\n`;
    const isSecret = decrypted.has(origin.file);
    const lines = isSecret ? "" : excerpt(options.text ?? quietlyRead(origin.file), origin);
    if (lines !== "") place += `\nThe offending line appears to be:\n\n${lines}\n`;
    parts.push(place);
  }
  if (options.hint !== undefined) parts.push(options.hint);
  return parts.join("\n\n");
}

function quietlyRead(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    return text.startsWith(HEADER) ? "" : text;
  } catch {
    return "";
  }
}
