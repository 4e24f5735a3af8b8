import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Terminal } from "./terminal.ts";

/** The door of dist/tools.js, which is built from `bench` and which only its own commands load. */
interface Tools {
  runTools(args: readonly string[], context: ToolContext): Promise<number>;
}

interface ToolContext {
  /** This cli.js: what is measured. */
  readonly cli: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs `skein pcap ...` and `skein bench ...`.
 *
 * @returns the exit code.
 * @throws Error when the tools were not built.
 */
export async function runTools(
  args: readonly string[],
  { stdout, stderr }: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const url = new URL("./tools.js", import.meta.url);
  if (!existsSync(url)) throw new Error(`${fileURLToPath(url)} is missing: build again`);
  const tools = (await import(url.href)) as Tools;
  const cli = fileURLToPath(new URL("./cli.js", import.meta.url));
  return tools.runTools(args, { cli, stdout, stderr, signal });
}
