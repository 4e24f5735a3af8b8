import { matchesPatterns } from "../host-patterns.ts";
import type { ConfigLine } from "./config-file.ts";

/** What ssh's arguments and configuration say about one connection: the first value of a keyword counts. */
export interface SshSettings {
  /** The first value, as written. */
  get(keyword: string): string | undefined;
  /** All values of a keyword that adds up, in order. */
  all(keyword: string): readonly string[];
  keywords(): Iterable<string>;
  /** Adds a value behind those that are there. */
  add(keyword: string, value: string): void;
}

/** Keywords whose values add up; of all others the first one counts (readconf.c). */
const ADDING = new Set([
  "certificatefile",
  "dynamicforward",
  "identityfile",
  "localforward",
  "remoteforward",
  "sendenv",
  "setenv",
]);

/** Makes empty {@link SshSettings}. */
export function createSettings(): SshSettings {
  const values = new Map<string, string[]>();
  return {
    get: (keyword) => values.get(keyword)?.[0],
    all: (keyword) => values.get(keyword) ?? [],
    keywords: () => values.keys(),
    add(keyword, value) {
      const known = values.get(keyword);
      if (known === undefined) values.set(keyword, [value]);
      else if (ADDING.has(keyword) && !known.includes(value)) known.push(value);
    },
  };
}

/** What a configuration is asked about. */
export interface ConfigQuery {
  /** The host as it was asked for. */
  readonly host: string;
  /** The account that is known so far; `Match user` looks at it. */
  readonly user: string;
  readonly localUser: string;
}

/** Why a configuration cannot be followed here: only ssh itself can. */
export class NeedsOpenSsh extends Error {}

/**
 * Adds what the lines of a file say to `settings` (ssh_config(5), Host and Match).
 *
 * @param include gives the lines of the files that an `Include` names.
 * @throws NeedsOpenSsh for a `Match` that runs programs or looks at networks.
 */
export function applyConfig(
  lines: readonly ConfigLine[],
  query: ConfigQuery,
  settings: SshSettings,
  include: (line: ConfigLine) => readonly (readonly ConfigLine[])[],
): void {
  let isActive = true;
  for (const line of lines) {
    if (line.keyword === "host") isActive = matchesPatterns(line.words, query.host);
    else if (line.keyword === "match") isActive = matches(line, query, settings);
    else if (!isActive) continue;
    else if (line.keyword === "include") {
      for (const file of include(line)) applyConfig(file, query, settings, include);
    } else settings.add(line.keyword, line.rest);
  }
}

function matches(line: ConfigLine, query: ConfigQuery, settings: SshSettings): boolean {
  const words = [...line.words];
  let result = true;
  while (words.length > 0) {
    const given = (words.shift() as string).toLowerCase();
    const isNegated = given.startsWith("!");
    const criterion = isNegated ? given.slice(1) : given;
    let holds: boolean;
    if (criterion === "all") holds = true;
    else {
      const subject = subjectOf(criterion, query, settings);
      if (subject === undefined) {
        throw new NeedsOpenSsh(`Match ${criterion} (${line.file}:${line.line})`);
      }
      holds = matchesPatterns((words.shift() ?? "").split(","), subject);
    }
    if (holds === isNegated) result = false;
  }
  return result;
}

function subjectOf(
  criterion: string,
  query: ConfigQuery,
  settings: SshSettings,
): string | undefined {
  if (criterion === "host") return settings.get("hostname") ?? query.host;
  if (criterion === "originalhost") return query.host;
  if (criterion === "user") return settings.get("user") ?? query.user;
  if (criterion === "localuser") return query.localUser;
  return undefined;
}
