import { EXIT } from "./exit-code.ts";
import { listing } from "./listing.ts";
import type { RunOptions } from "./options.ts";
import { prepare } from "./prepare.ts";
import { run } from "./run-prepared.ts";
import type { World } from "./world.ts";

/**
 * Runs playbooks as `skein playbook` does: loads everything, then prints a list or runs the plays.
 *
 * @returns the exit code.
 * @throws LoadError and other errors whose message is for the user.
 */
export async function runPlaybook(options: RunOptions, world: World): Promise<number> {
  const prepared = await prepare(options, world);
  const text = listing(prepared, options);
  if (text !== undefined) {
    world.terminal.stdout(text);
    world.log.write(text);
    return EXIT.ok;
  }
  const code = await run(prepared, options, world);
  return world.signal.aborted ? EXIT.interrupted : code;
}
