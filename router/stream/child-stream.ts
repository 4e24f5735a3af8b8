import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { ByteStream, StreamEnd, StreamHandlers } from "./stream.ts";
import { createTail } from "./tail.ts";

/** What runs at the other end. */
export interface ChildStreamOptions {
  readonly argv: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** The folder it starts in; this process's own when left out. */
  readonly cwd?: string | undefined;
}

/** How long a killed child may take to clean up before it is killed for good. */
const KILL_GRACE = 2_000;
/** How long output may still come after the child's exit: a grandchild can hold the pipe open. */
const EXIT_GRACE = 500;

/**
 * A child process on pipes. It leads a process group of its own, so that `destroy` reaches what it
 * started too.
 */
export function createChildStream({ argv, env, cwd }: ChildStreamOptions): ByteStream {
  const [file, ...args] = argv;
  const child = spawn(file, args, {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  const stdin = child.stdin as Writable;
  const stdout = child.stdout as Readable;
  const stderr = child.stderr as Readable;
  const tail = createTail();
  let handlers: StreamHandlers | undefined;
  let ended: StreamEnd | undefined;
  let reason: Error | undefined;

  const finish = (end: Omit<StreamEnd, "stderr">) => {
    if (ended !== undefined) return;
    ended = { ...end, stderr: tail.text() };
    stdin.destroy();
    stdout.destroy();
    stderr.destroy();
    handlers?.onEnd(ended);
  };
  // A child that has gone closes its end: what it meant is told by its exit.
  stdin.on("error", () => {});
  stdin.on("drain", () => handlers?.onDrain());
  stdout.on("error", () => {});
  stderr.on("error", () => {});
  stderr.on("data", (chunk: Uint8Array) => {
    tail.push(chunk);
    handlers?.onStderr?.(chunk);
  });
  child.on("error", (error) => finish({ error: reason ?? error }));
  child.on("exit", (code, signal) => {
    const end = () => finish(toEnd(code, signal, reason));
    child.on("close", end);
    setTimeout(end, EXIT_GRACE).unref();
  });

  return {
    open(given) {
      handlers = given;
      stdout.on("data", (chunk: Uint8Array) => given.onData(chunk));
      if (ended !== undefined) given.onEnd(ended);
    },
    write(chunk) {
      if (stdin.destroyed || stdin.writableEnded) return true;
      return stdin.write(chunk);
    },
    pause() {
      stdout.pause();
    },
    resume() {
      stdout.resume();
    },
    end() {
      stdin.end();
    },
    destroy(given) {
      if (ended !== undefined) return;
      reason ??= given;
      stdin.destroy();
      kill(child, "SIGTERM");
      setTimeout(() => {
        if (child.exitCode === null && child.signalCode === null) kill(child, "SIGKILL");
      }, KILL_GRACE).unref();
    },
  };
}

function toEnd(code: number | null, signal: string | null, reason: Error | undefined) {
  return {
    ...(reason === undefined ? {} : { error: reason }),
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
  };
}

/** Kills the child's group. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It is gone already.
  }
}
