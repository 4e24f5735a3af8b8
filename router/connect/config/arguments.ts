import type { SshSettings } from "./settings.ts";

/** What ssh's command-line arguments say, besides settings. */
export interface SshArguments {
  /** `-F`: the only configuration file to read; "none" is none. */
  readonly configFile: string | undefined;
  /** Arguments that nothing here knows. */
  readonly unknown: readonly string[];
}

/** Flags with a value, and the setting they stand for. */
const VALUED: Readonly<Record<string, string | undefined>> = {
  b: "bindaddress",
  B: "bindinterface",
  c: "ciphers",
  D: "dynamicforward",
  i: "identityfile",
  I: "pkcs11provider",
  J: "proxyjump",
  l: "user",
  L: "localforward",
  m: "macs",
  p: "port",
  R: "remoteforward",
  S: "controlpath",
};

/** Flags without one: what they set, or nothing that would matter to a command that is given by us. */
const PLAIN: Readonly<Record<string, readonly [string, string] | null | undefined>> = {
  "4": ["addressfamily", "inet"],
  "6": ["addressfamily", "inet6"],
  a: ["forwardagent", "no"],
  A: ["forwardagent", "yes"],
  C: ["compression", "yes"],
  k: ["gssapidelegatecredentials", "no"],
  K: ["gssapidelegatecredentials", "yes"],
  M: null,
  n: null,
  q: null,
  T: null,
  t: null,
  v: null,
  x: null,
};

/**
 * Reads words of an ssh command line (ssh(1)) into settings. Values that are there already count more.
 */
export function readArguments(words: readonly string[], settings: SshSettings): SshArguments {
  const unknown: string[] = [];
  let configFile: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] as string;
    if (!/^-[A-Za-z0-9]/.test(word)) {
      unknown.push(word);
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const flag = word[at] as string;
      const plain = PLAIN[flag];
      if (plain !== undefined) {
        if (plain !== null) settings.add(...plain);
        continue;
      }
      const value = at + 1 < word.length ? word.slice(at + 1) : (words[++index] ?? "");
      const keyword = VALUED[flag];
      if (flag === "F") configFile ??= value;
      else if (flag === "o") addOption(value, settings, unknown);
      else if (keyword !== undefined) settings.add(keyword, value);
      else unknown.push(`-${flag}`);
      break;
    }
  }
  return { configFile, unknown };
}

function addOption(option: string, settings: SshSettings, unknown: string[]): void {
  const match = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/s.exec(option);
  if (match === null) unknown.push(`-o ${option}`);
  else {
    const value = (match[2] as string).replace(/^"([^"]*)"$/, "$1");
    settings.add((match[1] as string).toLowerCase(), value);
  }
}

/** Words as a POSIX shell splits them, without expansions; Ansible splits its `*_args` so (Python's shlex). */
export function splitArguments(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [part] of text.matchAll(/\s+|'[^']*'?|"(?:\\.|[^"\\])*"?|\\.|[^\s'"\\]+/gs)) {
    if (/^\s/.test(part)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + unquote(part);
  }
  if (word !== undefined) words.push(word);
  return words;
}

function unquote(part: string): string {
  if (part.startsWith("'")) return part.replace(/^'|'$/g, "");
  if (part.startsWith('"'))
    return part
      .slice(1)
      .replace(/"$/, "")
      .replace(/\\(["\\$`])/g, "$1");
  return part.startsWith("\\") ? part.slice(1) : part;
}
