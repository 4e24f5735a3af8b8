import { homedir } from "node:os";
import { isAbsolute, join, normalize } from "node:path";

/** An absolute path: `~` and `$NAME` replaced, relative paths from `base`, no `.` or `..` left (`utils/path.py`). */
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
  if (expanded === "~" || expanded.startsWith("~/"))
    expanded = (env["HOME"] ?? homedir()) + expanded.slice(1);
  const absolute = isAbsolute(expanded) ? expanded : join(base, expanded);
  const clean = normalize(absolute);
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}
