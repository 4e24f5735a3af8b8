import { randomBytes } from "node:crypto";
import type { Clock } from "../base/index.ts";
import { createDeferred, RouterError } from "../base/index.ts";
import type { ByteStream, StreamEnd } from "../stream/stream.ts";
import { methodOf } from "./methods.ts";
import { createPromptWatcher } from "./prompts.ts";
import type { HopSpec } from "./spec.ts";
import type { Transport } from "./transport.ts";
import { quoteWord } from "./words.ts";

export interface ExecOptions {
  readonly stdin?: Uint8Array;
  /** Gives the command a terminal, where the connection can: not on this machine. */
  readonly pty?: boolean;
  readonly become?: HopSpec;
  readonly signal?: AbortSignal;
  readonly timeoutSeconds?: number;
  /** Most bytes of standard output and standard error together; default 64 MiB. */
  readonly maxOutput?: number;
}

export interface ExecResult {
  readonly rc: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

const MAX_OUTPUT = 64 * 1024 * 1024;

/** Signals' numbers, for the exit status that a shell would report. */
const SIGNALS: Readonly<Record<string, number | undefined>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/**
 * Runs a command with nothing but a shell on the other side.
 * @throws RouterError `become-*`, `limit`, `cancelled` (signal, timeout) or `lost`.
 */
export async function runCommand(
  transport: Transport,
  name: string,
  clock: Clock,
  command: string,
  options: ExecOptions = {},
): Promise<ExecResult> {
  const { become, signal } = options;
  const method = become === undefined ? undefined : methodOf(become);
  const marker = `SKEIN-BECAME-${randomBytes(12).toString("hex")}`;
  const line =
    method === undefined
      ? command
      : method
          .argv(become as HopSpec, `echo ${marker}; ${command}`)
          .map(quoteWord)
          .join(" ");
  const pty = options.pty === true || (method?.pty === true && become?.password !== undefined);
  if (signal?.aborted === true) throw cancelled(name);
  const stream = await transport.start(line, { pty });
  const done = createDeferred<ExecResult>();
  const fail = (error: RouterError) => {
    done.reject(error);
    stream.destroy(error);
  };
  const abort = () => fail(cancelled(name));
  signal?.addEventListener("abort", abort, { once: true });
  const seconds = options.timeoutSeconds ?? 0;
  const timer =
    seconds > 0
      ? clock.setTimer(seconds * 1000, () =>
          fail(
            new RouterError(
              "cancelled",
              `A command on ${name} did not finish within ${seconds} s.`,
            ),
          ),
        )
      : undefined;
  collect(stream, name, method === undefined ? undefined : { method, marker, become }, options, {
    done: done.resolve,
    fail,
  });
  try {
    return await done.promise;
  } finally {
    timer?.cancel();
    signal?.removeEventListener("abort", abort);
  }
}

interface Becoming {
  readonly method: ReturnType<typeof methodOf>;
  readonly marker: string;
  readonly become: HopSpec | undefined;
}

/** Gathers output, and answers the becoming program while it is one. */
function collect(
  stream: ByteStream,
  name: string,
  becoming: Becoming | undefined,
  options: ExecOptions,
  settle: { readonly done: (result: ExecResult) => void; readonly fail: (e: RouterError) => void },
): void {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const most = options.maxOutput ?? MAX_OUTPUT;
  const password = becoming?.become?.password;
  const watcher =
    becoming === undefined
      ? undefined
      : createPromptWatcher({
          marker: becoming.marker,
          prompt: new RegExp(becoming.method.prompt),
          failed: becoming.method.failed,
          hasPassword: password !== undefined,
        });
  let total = 0;
  let started = watcher === undefined;

  const keep = (target: Uint8Array[], chunk: Uint8Array) => {
    total += chunk.length;
    if (total > most) {
      settle.fail(new RouterError("limit", `A command on ${name} wrote more than ${most} bytes.`));
      return;
    }
    target.push(chunk);
  };
  const give = () => {
    if (options.stdin !== undefined) stream.write(options.stdin);
    if (options.pty !== true) stream.end();
  };
  const watch = (source: "stdout" | "stderr", chunk: Uint8Array) => {
    const verdict = watcher?.push(source, chunk);
    const what = becoming?.method.name ?? "";
    switch (verdict?.kind) {
      case "answer":
        stream.write(Buffer.from(`${password}\n`));
        return;
      case "wrong":
        settle.fail(
          new RouterError("become-password-wrong", `${name}: Incorrect ${what} password`),
        );
        return;
      case "missing":
        settle.fail(
          new RouterError("become-password-missing", `${name}: Missing ${what} password`),
        );
        return;
      case "failed":
        settle.fail(new RouterError(codeOfMeaning(verdict.meaning), `${name}: ${verdict.meaning}`));
        return;
      case "started":
        started = true;
        if (verdict.rest.length > 0) keep(stdout, verdict.rest);
        give();
        return;
      case "wait":
      case undefined:
        return;
      default:
        verdict satisfies never;
    }
  };
  stream.open({
    onData: (chunk) => (started ? keep(stdout, chunk) : watch("stdout", chunk)),
    onStderr: (chunk) => (started ? keep(stderr, chunk) : watch("stderr", chunk)),
    onDrain: () => {},
    onEnd(end) {
      if (!started && watcher !== undefined) {
        const said = Buffer.from(watcher.stderr()).toString().trim();
        settle.fail(
          new RouterError(
            "become-failed",
            `${name}: ${becoming?.method.name} ended with status ${end.exitCode ?? "unknown"} before the command started${said === "" ? "." : `: ${said}`}`,
          ),
        );
        return;
      }
      if (end.error instanceof RouterError) {
        settle.fail(end.error);
        return;
      }
      const rc = statusOf(end);
      if (rc === undefined) {
        settle.fail(
          new RouterError(
            "lost",
            `Connection to ${name} lost: ${end.error?.message ?? "the command ended without a status"}`,
            { cause: end.error },
          ),
        );
        return;
      }
      settle.done({ rc, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    },
  });
  if (started) give();
}

/** The code behind a method's own word for its failure. */
export function codeOfMeaning(
  meaning: string,
): "become-password-wrong" | "become-password-missing" | "become-failed" {
  if (/^Incorrect \w+ password/.test(meaning)) return "become-password-wrong";
  if (/^Missing \w+ password/.test(meaning)) return "become-password-missing";
  return "become-failed";
}

function statusOf(end: StreamEnd): number | undefined {
  if (end.exitCode !== undefined) return end.exitCode;
  if (end.signal !== undefined) return 128 + (SIGNALS[end.signal] ?? 0);
  return undefined;
}

function cancelled(name: string): RouterError {
  return new RouterError("cancelled", `A command on ${name} was cancelled.`);
}
