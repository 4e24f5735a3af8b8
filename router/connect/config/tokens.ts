import { join } from "node:path";

/** Values of `%` tokens, by their letter. */
export type TokenValues = Readonly<Record<string, string | undefined>>;

/**
 * Replaces `%h` and its like (ssh_config(5), TOKENS), and `${NAME}` when there is an environment to take it from.
 * A token that is not known stays as it is.
 */
export function expandTokens(
  text: string,
  tokens: TokenValues,
  env?: Readonly<Record<string, string | undefined>>,
): string {
  const expanded = text.replace(/%(.)/g, (whole, letter: string) =>
    letter === "%" ? "%" : (tokens[letter] ?? whole),
  );
  if (env === undefined) return expanded;
  return expanded.replace(/\$\{(\w+)\}/g, (whole, name: string) => env[name] ?? whole);
}

/** `~` and what follows it. */
export function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}
