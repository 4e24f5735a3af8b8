import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Where a program of the harness that is not TypeScript stands: beside this bundle when skein is installed, in the sources else.
 *
 * @throws Error when it is in neither place.
 */
export function programFile(name: string): string {
  const base = name.split("/").at(-1)!;
  const places = [join(import.meta.dirname, base), resolve("bench", name)];
  const found = places.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is missing: looked for ${places.join(", ")}`);
  return found;
}
