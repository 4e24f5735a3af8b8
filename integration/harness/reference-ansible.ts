import { type PlayOutput, toPlayOutput } from "./compare.ts";
import { type CliOptions, type Outcome, runCli } from "./run-cli.ts";

/** Both engines on the same input, one after the other. */
export interface Pair {
  readonly skein: Run;
  readonly ansible: Run;
}

export interface Run extends Outcome {
  readonly output: PlayOutput;
}

/**
 * ansible-playbook, set up as well as its users know how: pipelining, kept connections, enough forks. What skein is compared with.
 * Kept connections end soon after the run, since their targets do.
 */
export function runReference(options: CliOptions): Promise<Outcome> {
  const env = {
    ANSIBLE_FORKS: "20",
    ANSIBLE_SSH_ARGS: "-C -o ControlMaster=auto -o ControlPersist=5s",
    ...options.env,
  };
  return runCli("ansible", { ...options, env });
}

/** Runs the reference, then skein, with the same options. For playbooks that may run twice on the same targets. */
export async function runBoth(options: CliOptions): Promise<Pair> {
  return {
    ansible: toRun(await runReference(options)),
    skein: toRun(await runCli("skein", options)),
  };
}

export function toRun(outcome: Outcome): Run {
  return { ...outcome, output: toPlayOutput(outcome.stdout) };
}
