/** What became of a text that a becoming program wrote. */
export type PromptVerdict =
  | { readonly kind: "wait" }
  /** The password is asked for: send it now. */
  | { readonly kind: "answer" }
  /** It was asked for again after it was given. */
  | { readonly kind: "wrong" }
  /** It was asked for, and there is none. */
  | { readonly kind: "missing" }
  /** The program said that it failed, and what that means. */
  | { readonly kind: "failed"; readonly meaning: string }
  /** The command runs; `rest` is the first of its own output. */
  | { readonly kind: "started"; readonly rest: Uint8Array };

/** Follows what a becoming program writes until the command behind it runs. */
export interface PromptWatcher {
  /** Takes a piece of standard output or standard error. */
  push(stream: "stdout" | "stderr", chunk: Uint8Array): PromptVerdict;
  /** What was written to standard error before the start, without prompts. */
  stderr(): Uint8Array;
}

export interface PromptOptions {
  /** Printed to standard output by the command's first step: from then on nothing is a prompt. */
  readonly marker: string;
  readonly prompt: RegExp;
  readonly failed: readonly (readonly [pattern: string, meaning: string])[];
  readonly hasPassword: boolean;
}

/** Text kept per stream: prompts and messages are far shorter. */
const KEEP = 16 * 1024;

/**
 * Makes a {@link PromptWatcher}.
 *
 *     asked? --no password--> missing
 *       | answer
 *     answered --asked again--> wrong
 *       | marker
 *     started
 *
 * A prompt comes in any number of pieces: each stream's text is collected, and cut behind a prompt
 * that was answered, so that it is not met twice.
 */
export function createPromptWatcher(options: PromptOptions): PromptWatcher {
  const texts = { stdout: "", stderr: "" };
  const marker = Buffer.from(`${options.marker}\n`);
  const markerWithCr = Buffer.from(`${options.marker}\r\n`);
  let answered = false;
  let started = false;

  return {
    push(stream, chunk) {
      if (started) return { kind: "wait" };
      const text = (texts[stream] + Buffer.from(chunk).toString("latin1")).slice(-KEEP);
      texts[stream] = text;
      if (stream === "stdout") {
        for (const mark of [marker, markerWithCr]) {
          const at = text.indexOf(mark.toString("latin1"));
          if (at < 0) continue;
          started = true;
          return { kind: "started", rest: Buffer.from(text.slice(at + mark.length), "latin1") };
        }
      }
      const shown = Buffer.from(text, "latin1").toString();
      for (const [pattern, meaning] of options.failed) {
        if (new RegExp(pattern).test(shown)) return { kind: "failed", meaning };
      }
      const asked = options.prompt.exec(shown);
      if (asked === null) return { kind: "wait" };
      if (!options.hasPassword) return { kind: "missing" };
      if (answered) return { kind: "wrong" };
      answered = true;
      const rest = shown.slice(asked.index + asked[0].length).trimStart();
      const before = shown.slice(0, asked.index);
      texts[stream] = Buffer.from(before + rest).toString("latin1");
      return { kind: "answer" };
    },
    stderr: () => Buffer.from(texts.stderr, "latin1"),
  };
}
