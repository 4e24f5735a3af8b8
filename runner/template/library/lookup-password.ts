import { define } from "../define.ts";
import type { TemplateError } from "../error.ts";
import { ansibleError, optionsError } from "../lookup-call.ts";
import { decodeText } from "../py-bytes.ts";
import { choose } from "../py-random.ts";
import { pyRepr, pyStr } from "../py-repr.ts";
import { chars } from "../py-sequence.ts";
import { type Callable, isSequence } from "../py-types.ts";
import type { Run } from "../run.ts";
import { chanceOf } from "./chance-filters.ts";
import { parseIntText } from "./filters.ts";
import { parseKeyValues } from "./key-values.ts";
import { joinPath } from "./paths.ts";

/** The lookup `password` (ansible/plugins/lookup/password.py): makes a password once and keeps it in a file. */
export const PASSWORD_LOOKUPS: Readonly<Record<string, Callable>> = {
  password: define(
    "terms length? encrypt? chars? ident? seed?",
    (
      run,
      terms,
      length = 20,
      encrypt = null,
      chars = ["ascii_letters", "digits", ".,:-_"],
      ident = null,
      seed = null,
    ) => {
      for (const [name, value] of Object.entries({ encrypt, ident, seed }))
        if (Array.isArray(value) || value instanceof Map)
          throw wrongOption(name, `Invalid type provided for "string": ${pyRepr(value)}`);
      if (typeof length === "string" && parseIntText(length, 10) === undefined)
        throw wrongOption("length", `invalid literal for int() with base 10: ${pyRepr(length)}`);
      const given = Object.entries({ length, encrypt, chars, ident, seed });
      return (terms as unknown[]).map((term) =>
        password(run, pyStr(term), new Map<string, unknown>(given)),
      );
    },
  ),
};

function wrongOption(name: string, problem: string): TemplateError {
  return optionsError(
    `Invalid type for configuration option plugin_type: lookup plugin: password setting: ${name} (from Direct): ${problem}`,
  );
}

const PARAMETERS = new Set(["length", "encrypt", "chars", "ident", "seed"]);

function password(run: Run, term: string, given: ReadonlyMap<string, unknown>): string {
  const { path, options } = parseTerm(term, given);
  const file = path.startsWith("/") ? path : joinPath([run.scope.context.cwd, path]);
  const kept = readKept(run, file);
  const scheme = options.get("encrypt");
  const plain = kept?.password ?? generate(run, options);
  let salt = kept?.salt;
  if (scheme !== null && scheme !== "" && salt === undefined)
    salt = randomText(run, ALPHANUMERIC, scheme === "md5_crypt" || scheme === "md5" ? 8 : 16, null);
  if (file !== "/dev/null" && (kept === undefined || kept.salt !== salt)) {
    run.engine.outside.writeFile(
      file,
      `${plain}${salt === undefined ? "" : ` salt=${salt}`}\n`,
      0o600,
    );
  }
  if (scheme === null || scheme === "") return plain;
  const ident = options.get("ident");
  return run.engine.outside.crypt({
    password: plain,
    scheme: pyStr(scheme),
    salt,
    ident: ident === null || ident === undefined ? undefined : pyStr(ident),
  });
}

function parseTerm(
  term: string,
  given: ReadonlyMap<string, unknown>,
): { path: string; options: Map<string, unknown> } {
  const blank = term.indexOf(" ");
  if (blank === -1) return { path: term, options: new Map(given) };
  const { options, rest } = parseKeyValues(term.slice(blank + 1));
  const path = rest === "" ? term.slice(0, blank) : `${term.slice(0, blank)} ${rest}`;
  if (!term.startsWith(path))
    throw ansibleError("Unrecognized value after key=value parameters given to password lookup");
  const unknown = [...options.keys()].filter((name) => !PARAMETERS.has(name));
  if (unknown.length > 0)
    throw ansibleError(`Unrecognized parameter(s) given to password lookup: ${unknown.join(", ")}`);
  return { path, options: new Map([...given, ...options]) };
}

function readKept(
  run: Run,
  file: string,
): { password: string; salt: string | undefined } | undefined {
  const { outside } = run.engine;
  if (file === "/dev/null" || outside.stat(file, true) === undefined) return undefined;
  const text = decodeText(outside.readFile(file), "utf-8").trimEnd();
  const at = text.lastIndexOf(" salt=");
  if (at === -1) return { password: text, salt: undefined };
  return { password: text.slice(0, at), salt: text.slice(at + 6).replace(/ ident=.*$/, "") };
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const BLANKS = " \t\n\r\v\f";
const ALPHANUMERIC = `${LOWER}${LOWER.toUpperCase()}${DIGITS}`;
/** The names of Python's string module. */
const NAMED: Readonly<Record<string, string>> = {
  ascii_lowercase: LOWER,
  ascii_uppercase: LOWER.toUpperCase(),
  ascii_letters: LOWER + LOWER.toUpperCase(),
  digits: DIGITS,
  hexdigits: `${DIGITS}abcdefABCDEF`,
  octdigits: "01234567",
  punctuation: PUNCTUATION,
  whitespace: BLANKS,
  printable: DIGITS + LOWER + LOWER.toUpperCase() + PUNCTUATION + BLANKS,
};

function generate(run: Run, options: ReadonlyMap<string, unknown>): string {
  const chars = options.get("chars");
  const specs = isSequence(chars) ? chars.map(pyStr) : splitSpecs(pyStr(chars));
  const candidates = specs
    .map((spec) => (Object.hasOwn(NAMED, spec) ? NAMED[spec] : spec))
    .join("")
    .replace(/["']/g, "");
  const size = Number(pyStr(options.get("length")));
  if (!Number.isInteger(size))
    throw ansibleError(`invalid password length: ${pyStr(options.get("length"))}`);
  if (candidates === "")
    throw ansibleError("no characters are left to make a password of; check chars=");
  return randomText(run, candidates, size, options.get("seed"));
}

function splitSpecs(text: string): string[] {
  const specs = text
    .replaceAll(",,", ",")
    .split(",")
    .filter((spec) => spec !== "");
  return text.includes(",,") ? [",", ...specs] : specs;
}

function randomText(run: Run, candidates: string, size: number, seed: unknown): string {
  const chance = chanceOf(run, seed === null || seed === undefined ? null : pyStr(seed));
  const all = chars(candidates);
  return Array.from({ length: Math.max(0, size) }, () => choose(chance, all)).join("");
}
