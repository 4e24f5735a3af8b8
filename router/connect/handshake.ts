import { RouterError } from "../base/index.ts";
import { LIMIT } from "../frame/layout.ts";
import type { StreamInflater } from "../stream/inflate-stream.ts";
import { createStreamInflater } from "../stream/inflate-stream.ts";
import type { ByteStream, StreamEnd, StreamHandlers } from "../stream/stream.ts";

/** What the handshake knows of the host, for messages and for reading on. */
export interface HandshakeOptions {
  readonly name: string;
  readonly pythons: readonly string[];
  /** Behind the marker comes one raw-deflate stream. */
  readonly compress: boolean;
}

const BOOT = Buffer.from("SKEIN-BOOT\n");
const NO_PYTHON = Buffer.from("SKEIN-NOPYTHON\n");

/**
 * The stream of a first stage as a stream of frames (PROTOCOL.md, "Start of a link"):
 *
 *     banner ... SKEIN-BOOT\n | frames, raw or deflated
 *
 * Writing is not held up by any of this. When the stream ends before the marker, `onEnd` says why the
 * agent never came: `no-python`, or what the shell left on standard error.
 */
export function createFramedStream(raw: ByteStream, options: HandshakeOptions): ByteStream {
  let banner: Buffer | undefined = Buffer.alloc(0);
  let inflater: StreamInflater | undefined;
  let failure: RouterError | undefined;

  const fail = (error: RouterError) => {
    failure ??= error;
    raw.destroy(failure);
  };
  const deliver = (handlers: StreamHandlers, chunk: Uint8Array) => {
    if (chunk.length === 0) return;
    if (inflater === undefined) {
      handlers.onData(chunk);
      return;
    }
    try {
      inflater.push(chunk);
    } catch (cause) {
      fail(
        new RouterError(
          "corrupt",
          `Connection to ${options.name} dropped: the agent's output is not compressed as agreed (${(cause as Error).message}).`,
        ),
      );
    }
  };
  const takeBanner = (handlers: StreamHandlers, chunk: Uint8Array) => {
    const seen = Buffer.concat([banner as Buffer, chunk]);
    const boot = seen.indexOf(BOOT);
    if (boot >= 0) {
      banner = undefined;
      if (options.compress) inflater = createStreamInflater((bytes) => handlers.onData(bytes));
      deliver(handlers, seen.subarray(boot + BOOT.length));
      return;
    }
    banner = seen;
    if (seen.length > LIMIT.banner) {
      fail(
        new RouterError(
          "corrupt",
          `${options.name} wrote more than ${LIMIT.banner} bytes before the agent started: make the account's shell start-up files silent.`,
        ),
      );
    }
  };
  return {
    open(handlers) {
      raw.open({
        onData(chunk) {
          if (failure !== undefined) return;
          if (banner === undefined) deliver(handlers, chunk);
          else takeBanner(handlers, chunk);
        },
        onDrain: () => handlers.onDrain(),
        onEnd(end) {
          inflater?.close();
          handlers.onEnd(
            failure !== undefined
              ? { ...end, error: failure }
              : banner === undefined
                ? end
                : explainNoStart(end, banner, options),
          );
        },
      });
    },
    write: (chunk) => raw.write(chunk),
    pause: () => raw.pause(),
    resume: () => raw.resume(),
    end: () => raw.end(),
    destroy: (reason) => raw.destroy(reason),
  };
}

function explainNoStart(end: StreamEnd, banner: Buffer, options: HandshakeOptions): StreamEnd {
  if (end.error !== undefined) return end;
  const { name, pythons } = options;
  if (banner.includes(NO_PYTHON)) {
    const error = new RouterError(
      "no-python",
      `${name} has no Python interpreter among ${pythons.join(", ")}. Install python3 there, or set ansible_python_interpreter.`,
    );
    return { ...end, error };
  }
  const how =
    end.signal !== undefined
      ? `was killed by ${end.signal}`
      : end.exitCode !== undefined
        ? `exited with status ${end.exitCode}`
        : "ended";
  const said = [end.stderr, banner.toString()].map((text) => text.trim()).filter(Boolean);
  const tail = said.length > 0 ? `: ${said.join("\n")}` : ".";
  const error = new RouterError(
    "lost",
    `Connection to ${name} lost: the agent did not start, its shell ${how}${tail}`,
  );
  return { ...end, error };
}
