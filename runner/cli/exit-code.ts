/**
 * Exit codes of `ansible-playbook` (`cli_executor` of ansible/cli/__init__.py, `RUN_*` of
 * ansible/executor/task_queue_manager.py).
 */
export const EXIT = {
  ok: 0,
  /** An error that is neither of the playbook's text nor of a host: a missing file, a bad inventory. */
  error: 1,
  /** At least one host failed. */
  failedHosts: 2,
  /** The command line is wrong. */
  usage: 2,
  /** At least one host could not be reached. */
  unreachableHosts: 4,
  /** A playbook or another file of it cannot be read. */
  parse: 4,
  /** Options or settings that contradict each other. */
  options: 5,
  /** Interrupted from the keyboard. */
  interrupted: 99,
  /** Something is wrong with skein itself. */
  unexpected: 250,
} as const;

export interface RunOutcome {
  /** Whether hosts are failed, or unreachable, in the end. */
  readonly failed: boolean;
  readonly unreachable: boolean;
  /** Whether any_errors_fatal or max_fail_percentage ended the run. */
  readonly broken: boolean;
  /** Whether the user ended it in the debugger. */
  readonly quit: boolean;
}

/**
 * The exit code of a run that went through. The codes are not added up: an unreachable host outweighs a failed one, and a run
 * that was broken off counts as failed (`run` of ansible/plugins/strategy/__init__.py and ansible/executor/playbook_executor.py).
 */
export function exitCodeOf({ failed, unreachable, broken, quit }: RunOutcome): number {
  if (quit) return EXIT.interrupted;
  if (broken) return EXIT.failedHosts;
  if (unreachable) return EXIT.unreachableHosts;
  return failed ? EXIT.failedHosts : EXIT.ok;
}
