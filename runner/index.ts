/** The door of the engine, for tools and for embedding. */

export type { World } from "./cli/compose.ts";
export { parseOptions, type RunOptions, UsageError } from "./cli/options.ts";
export { runPlaybook } from "./cli/run-playbook.ts";
export { processTerminal, type Terminal } from "./cli/terminal.ts";
export { createEnvironment, MISSING, type Scope } from "./template/environment.ts";
