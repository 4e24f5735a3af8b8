import { TemplateError, type TemplateErrorKind } from "../template/error.ts";
import { unmarshal } from "./marshal-decode.ts";
import { marshal, type NumberLazy } from "./marshal-encode.ts";
import { type HostChannel, HostGone } from "./python-process.ts";

/** What the host may ask, or tell, while it answers. */
export type Question =
  | {
      readonly kind: "get" | "has" | "keys";
      /** Which call's variables. */
      readonly frame: number;
      /** 0 are the variables, others a dict among them. */
      readonly index: number;
      readonly key: unknown;
    }
  | { readonly kind: "log"; readonly level: string; readonly text: string };

export interface Conversation {
  /**
   * Asks and waits for the answer; meanwhile questions of the host are answered, which may lead to more.
   *
   * @throws TemplateError for an exception over there; HostGone when the host has ended
   */
  ask(request: readonly unknown[], numberLazy: NumberLazy): unknown;
  close(): void;
}

const HEADER_SIZE = 5;
const MAX_MESSAGE = 256 * 1024 * 1024;

/** A host's half of the talk: messages are a length, a flag and a marshalled list (python/skein_channel.py). */
export function createConversation(
  channel: HostChannel,
  answer: (question: Question) => unknown,
): Conversation {
  function send(message: readonly unknown[], numberLazy: NumberLazy): void {
    const { bytes, isMarked } = marshal(message, numberLazy);
    if (bytes.length > MAX_MESSAGE)
      throw new TemplateError(
        "runtime",
        `the arguments of a plugin have ${bytes.length} bytes; the limit is ${MAX_MESSAGE}`,
      );
    const frame = Buffer.allocUnsafe(HEADER_SIZE + bytes.length);
    frame.writeUInt32LE(bytes.length);
    frame[4] = isMarked ? 1 : 0;
    frame.set(bytes, HEADER_SIZE);
    channel.send(frame);
  }

  function receive(): readonly unknown[] {
    const head = channel.receive(HEADER_SIZE);
    const size = head.readUInt32LE();
    if (size > MAX_MESSAGE) throw new HostGone("the plugin host wrote too long a message");
    const message = unmarshal(channel.receive(size), head[4] === 1);
    return message as readonly unknown[];
  }

  function reply(message: readonly unknown[], numberLazy: NumberLazy): void {
    let value: unknown;
    try {
      value = answer(questionOf(message));
    } catch (error) {
      const isUndefined = error instanceof TemplateError && error.kind === "undefined";
      const text = error instanceof Error ? error.message : String(error);
      send(["raise", isUndefined, text], numberLazy);
      return;
    }
    if (message[0] === "log") return;
    try {
      send(["value", value], numberLazy);
    } catch (error) {
      // Nothing was sent yet: the value has no form over there, or cannot be decrypted.
      if (error instanceof HostGone || !(error instanceof Error)) throw error;
      send(["raise", false, error.message], numberLazy);
    }
  }

  return {
    ask(request, numberLazy) {
      send(request, numberLazy);
      for (;;) {
        const message = receive();
        if (message[0] === "ok") return message[1];
        if (message[0] === "error") throw failureOf(message[1] as ReadonlyMap<string, unknown>);
        reply(message, numberLazy);
      }
    },
    close: () => channel.close(),
  };
}

function questionOf(message: readonly unknown[]): Question {
  const [kind, ...rest] = message;
  if (kind === "log") return { kind, level: String(rest[0]), text: String(rest[1]) };
  if (kind !== "get" && kind !== "has" && kind !== "keys")
    throw new HostGone(`the plugin host asked an unknown question: ${String(kind)}`);
  return { kind, frame: Number(rest[0]), index: Number(rest[1]), key: rest[2] };
}

function failureOf(facts: ReadonlyMap<string, unknown>): TemplateError {
  const kind = String(facts.get("kind")) as TemplateErrorKind;
  return new TemplateError(kind, String(facts.get("message")), {
    python: {
      className: String(facts.get("class")),
      traceback: String(facts.get("traceback")),
      isAnsible: facts.get("ansible") === true,
    },
  });
}
