import { TemplateError, type TemplateErrorKind } from "../template/error.ts";
import type { NumberLazy } from "./marshal-encode.ts";
import { frameOf, HEADER_SIZE, messageOf, sizeIn } from "./message.ts";
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
  | { readonly kind: "log"; readonly entry: PluginLog };

/** Something that a plugin shows, at a verbosity (0 is always). */
export type PluginLog =
  | { readonly kind: "warning" | "deprecation"; readonly text: string }
  /** For the screen as it is, line ends included. */
  | { readonly kind: "print"; readonly text: string; readonly isError: boolean }
  | {
      readonly kind: "verbose";
      readonly level: number;
      readonly host?: string | undefined;
      readonly text: string;
    };

export interface Conversation {
  /**
   * Asks and waits for the answer; meanwhile questions of the host are answered, which may lead to more.
   *
   * @throws TemplateError for an exception over there; HostGone when the host has ended
   */
  ask(request: readonly unknown[], numberLazy: NumberLazy): unknown;
  /** Ends the host at once. */
  close(): void;
  /** Lets the host end by itself. */
  end(): void;
}

/** A host's half of the talk: messages are a length, a flag and a marshalled list (python/skein_channel.py). */
export function createConversation(
  channel: HostChannel,
  answer: (question: Question) => unknown,
): Conversation {
  function send(message: readonly unknown[], numberLazy: NumberLazy): void {
    channel.send(frameOf(message, numberLazy));
  }

  function receive(): readonly unknown[] {
    const header = channel.receive(HEADER_SIZE);
    return messageOf(header, channel.receive(sizeIn(header)));
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
    end: () => channel.end(),
  };
}

function questionOf(message: readonly unknown[]): Question {
  const [kind, ...rest] = message;
  if (kind === "log") return { kind, entry: logOf(rest) };
  if (kind !== "get" && kind !== "has" && kind !== "keys")
    throw new HostGone(`the plugin host asked an unknown question: ${String(kind)}`);
  return { kind, frame: Number(rest[0]), index: Number(rest[1]), key: rest[2] };
}

/** What `listen` of python/skein_setup.py tells: a level, a text, and the host that it is about (or, of what is printed, whether it is an error). */
export function logOf([level, text, host]: readonly unknown[]): PluginLog {
  switch (level) {
    case "warning":
    case "deprecation":
      return { kind: level, text: String(text) };
    case "print":
      return { kind: level, text: String(text), isError: host === true };
    default: {
      const about = typeof host === "string" ? { host } : {};
      return {
        kind: "verbose",
        level: level === "display" ? 0 : Number(level),
        text: String(text),
        ...about,
      };
    }
  }
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
