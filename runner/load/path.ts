import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, normalize } from "node:path";

/** An absolute path: `~`, `~name` and `$NAME` replaced, relative paths from `base`, no `.` or `..` left (`utils/path.py`). */
export function expandPath(
  path: string,
  base: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  let expanded = path.includes("$")
    ? path.replace(
        /\$(?:\{(\w+)\}|(\w+))/g,
        (whole, braced: string | undefined, bare: string | undefined) =>
          env[braced ?? bare ?? ""] ?? whole,
      )
    : path;
  expanded = expandUser(expanded, env);
  const absolute = isAbsolute(expanded) ? expanded : join(base, expanded);
  const clean = normalize(absolute);
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}

/** A path with the home folder for `~`, and for `~name` the one of that account where there is one (Python's `expanduser`). */
export function expandUser(
  path: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (!path.startsWith("~")) return path;
  const end = path.includes("/") ? path.indexOf("/") : path.length;
  const home = end === 1 ? (env["HOME"] ?? homedir()) : homeOf(path.slice(1, end));
  return home === undefined ? path : home + path.slice(end);
}

function homeOf(account: string): string | undefined {
  let accounts: string;
  try {
    accounts = readFileSync("/etc/passwd", "utf8");
  } catch {
    return undefined;
  }
  const line = accounts.split("\n").find((row) => row.startsWith(`${account}:`));
  return line?.split(":")[5];
}
