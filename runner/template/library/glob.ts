import type { Outside } from "../outside.ts";
import { baseName, dirName, joinPath } from "./paths.ts";

const MAGIC = /[*?[]/;

/** Python's glob.glob: names with a leading dot only where the pattern has one. */
export function glob(outside: Outside, pattern: string): string[] {
  if (!MAGIC.test(pattern)) return outside.stat(pattern, false) === undefined ? [] : [pattern];
  const [folder, name] = [dirName(pattern), baseName(pattern)];
  const folders = MAGIC.test(folder) ? glob(outside, folder) : [folder];
  return folders.flatMap((each) => {
    if (!MAGIC.test(name)) {
      const path = joinPath([each, name]);
      return outside.stat(path, false) === undefined ? [] : [path];
    }
    const regex = nameRegex(name);
    return outside
      .list(each === "" ? "." : each)
      .filter((entry) => regex.test(entry) && (name.startsWith(".") || !entry.startsWith(".")))
      .map((entry) => (each === "" ? entry : joinPath([each, entry])));
  });
}

/** Python's fnmatch.translate. */
export function nameRegex(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? "";
    if (char === "*") source += ".*";
    else if (char === "?") source += ".";
    else if (char === "[") {
      const end = pattern.indexOf("]", at + (/^\[!?\]/.test(pattern.slice(at)) ? 3 : 1));
      if (end === -1) source += "\\[";
      else {
        const set = pattern
          .slice(at + 1, end)
          .replace(/[\\[\]^]/g, "\\$&")
          .replace(/^!/, "^");
        source += `[${set}]`;
        at = end;
      }
    } else source += char.replace(/[\\^$.+()|{}\]]/g, "\\$&");
  }
  return new RegExp(`^${source}$`, "s");
}
