/** The door of the engine, for tools and for embedding. */

export { parseOptions, type RunOptions } from "./cli/options.ts";
export { UsageError } from "./cli/parse-flags.ts";
export { runPlaybook } from "./cli/run-playbook.ts";
export { processTerminal, type Terminal } from "./cli/terminal.ts";
export type { World } from "./cli/world.ts";
export { createEnvironment, MISSING, type Scope } from "./template/environment.ts";
