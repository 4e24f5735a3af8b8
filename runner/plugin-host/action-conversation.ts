import type { Duplex } from "node:stream";
import type { Value } from "../model/value.ts";
import { TemplateError } from "../template/error.ts";
import { logOf, type PluginLog } from "./conversation.ts";
import type { NumberLazy } from "./marshal-encode.ts";
import { createMessageReader, frameOf } from "./message.ts";
import { HostGone } from "./python-process.ts";

/** How a plugin ended. */
export type Ending =
  | {
      readonly kind: "result";
      readonly result: Value;
      /** It broke off: changed_when and the like have no say. */
      readonly isSettled: boolean;
    }
  /** An exception that nobody caught; the traceback is that of one that is not Ansible's own. */
  | { readonly kind: "raised"; readonly message: string; readonly traceback: string | undefined };

/** The target cannot be reached: the plugin gets Ansible's exception for that. */
export class Unreachable extends Error {}

export interface ConversationOptions {
  readonly numberLazy: NumberLazy;
  /** Answers a question. What it throws is raised where the plugin asked. */
  answer(kind: string, args: readonly unknown[]): Promise<unknown>;
  log(entry: PluginLog): void;
  readonly signal: AbortSignal;
  /** The line stays open for what comes next. */
  readonly isKept: boolean;
}

/**
 * Talks with the process of one action plugin until it ends: a request goes out, questions come in, each with a number that its answer
 * bears as well, and at last the result (python/skein_line.py). The line is closed whatever happens, which ends the process; one that is
 * kept is closed when something went wrong.
 *
 * @throws HostGone when the process ends without a result or talks nonsense; the signal's reason when it is aborted
 */
export function converse(
  line: Duplex,
  request: ReadonlyMap<string, unknown>,
  { numberLazy, answer, log, signal, isKept }: ConversationOptions,
): Promise<Ending> {
  return new Promise<Ending>((resolve, reject) => {
    const stop = (): void => fail(signal.reason);
    const settle = (closes: boolean): void => {
      signal.removeEventListener("abort", stop);
      line.off("data", take).off("close", missResult);
      // What still comes from a line that is closed is heard, and means nothing.
      if (closes) line.destroy();
      else line.off("error", breakOff);
    };
    const fail = (error: unknown): void => {
      reject(error);
      settle(true);
    };
    const breakOff = (error: Error): void =>
      fail(new HostGone("its process ended", { cause: error }));
    const missResult = (): void => fail(new HostGone("its process ended without a result"));
    const send = (message: readonly unknown[]): void => {
      const frame = frameOf(message, numberLazy);
      if (!line.destroyed) line.write(frame);
    };

    async function reply(number: unknown, kind: string, args: readonly unknown[]): Promise<void> {
      try {
        // Writing may fail as well: a value has no form over there, or cannot be decrypted.
        send([number, "value", await answer(kind, args)]);
      } catch (error) {
        send([
          number,
          "raise",
          kindOf(error),
          error instanceof Error ? error.message : String(error),
        ]);
      }
    }

    function hear([number, kind, ...rest]: readonly unknown[]): void {
      switch (kind) {
        case "log":
          log(logOf(rest));
          return;
        case "ok":
          resolve({
            kind: "result",
            result: (rest[0] ?? null) as Value,
            isSettled: rest[1] === true,
          });
          settle(!isKept);
          return;
        case "error": {
          const [message, traceback] = rest;
          resolve({
            kind: "raised",
            message: String(message),
            traceback: typeof traceback === "string" ? traceback : undefined,
          });
          settle(!isKept);
          return;
        }
        case "left":
          fail(new HostGone(`it ended its process (${String(rest[0])})`));
          return;
        default:
          void reply(number, String(kind), rest);
      }
    }

    const read = createMessageReader(hear);
    function take(piece: Buffer): void {
      try {
        read(piece);
      } catch (error) {
        fail(new HostGone((error as Error).message, { cause: error }));
      }
    }
    line.on("data", take);
    line.on("error", breakOff);
    line.on("close", missResult);
    if (line.destroyed) {
      missResult();
      return;
    }
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener("abort", stop, { once: true });
    try {
      send([request]);
    } catch (error) {
      fail(error);
    }
  });
}

/** Which exception the plugin gets. */
function kindOf(error: unknown): "unreachable" | "undefined" | "error" {
  if (error instanceof Unreachable) return "unreachable";
  return error instanceof TemplateError && error.kind === "undefined" ? "undefined" : "error";
}
