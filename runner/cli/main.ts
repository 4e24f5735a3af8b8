#!/usr/bin/env node
import "./young-generation.ts";
import { LoadError } from "../load/source.ts";
import { VaultError } from "../vault/envelope.ts";
import { runConfig } from "./config-command.ts";
import { EXIT } from "./exit-code.ts";
import { runInventory } from "./inventory-command.ts";
import { createLogFile } from "./log-file.ts";
import { parseOptions } from "./options.ts";
import { UsageError } from "./parse-flags.ts";
import { runPlaybook } from "./run-playbook.ts";
import { processTerminal } from "./terminal.ts";
import { runTools } from "./tools.ts";
import { versionText } from "./version.ts";
import type { World } from "./world.ts";

/** The process: argv in, exit code out. The only place that knows process.exit and signals. */
async function main(): Promise<number> {
  const terminal = processTerminal();
  const log = createLogFile({ pid: process.pid, env: process.env, stderr: terminal.stderr });
  process.on("exit", log.flush);
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort(new Error("interrupted"));
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const world: World = {
    env: process.env,
    cwd: process.cwd(),
    terminal,
    log,
    signal: interrupt.signal,
  };
  const complain = (text: string): void => {
    terminal.stderr(text);
    log.write(text.replace(/\n$/, ""));
  };
  try {
    const request = parseOptions(process.argv, process.env);
    switch (request.kind) {
      case "help":
        terminal.stdout(request.text);
        return EXIT.ok;
      case "version":
        terminal.stdout(versionText(world.env));
        return EXIT.ok;
      case "playbook":
        return await runPlaybook(request.options, world);
      case "tools":
        return await runTools(request.args, terminal, interrupt.signal);
      case "config":
        return runConfig(request.options, world);
      case "inventory":
        return await runInventory(request.options, world);
    }
  } catch (error) {
    if (interrupt.signal.aborted) {
      complain(" [ERROR]: User interrupted execution\n");
      return EXIT.interrupted;
    }
    return explain(error, complain);
  }
}

function explain(error: unknown, stderr: (text: string) => void): number {
  if (error instanceof UsageError) {
    stderr(`${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof LoadError) {
    stderr(error.message.endsWith("\n") ? error.message : `${error.message}\n`);
    return error.cause instanceof VaultError ? EXIT.error : EXIT[error.kind];
  }
  const problem = error instanceof Error ? error : new Error(String(error));
  // What a shard could not load comes as a finished message.
  const isFinished = problem.message.startsWith("ERROR! ");
  const end = problem.message.endsWith("\n") ? "" : "\n";
  stderr(`${isFinished ? "" : "ERROR! "}${problem.message}${end}`);
  if (process.env["SKEIN_DEBUG"] !== undefined) stderr(`${problem.stack ?? ""}\n`);
  return EXIT.error;
}

process.exitCode = await main();
// Sockets and threads were closed by their owners; what an interrupted run left behind ends here.
process.exit();
