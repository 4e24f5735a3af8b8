import type { Prepared } from "./compose.ts";
import type { RunOptions } from "./options.ts";

/** Text for --list-hosts, --list-tasks, --list-tags and --syntax-check; undefined when the run is to run. */
export function listing(_prepared: Prepared, options: RunOptions): string | undefined {
  if (options.listHosts || options.listTasks || options.listTags || options.syntaxCheck) return "";
  return undefined;
}
