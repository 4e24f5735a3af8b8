import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The file of one of our Python programs: beside the built program, or beside this file in the sources. */
export function programFile(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const built = join(here, "plugin-host", name);
  return existsSync(built) ? built : join(here, "python", name);
}
