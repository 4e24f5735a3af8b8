import type { PauseAnswer, PauseRequest } from "../pool/messages.ts";
import { isInteractive, type Keys, withKeys } from "./keys.ts";

export interface PauseTools {
  readonly signal: AbortSignal;
  readonly stdout: (text: string) => void;
  readonly warn: (text: string) => void;
}

/**
 * Shows what `pause` has to say and waits: for Enter, for the time to pass, or for Ctrl-C and then C or A
 * (`plugins/action/pause.py`). Without a terminal only the time counts.
 */
export async function pause(request: PauseRequest, tools: PauseTools): Promise<PauseAnswer> {
  const { seconds } = request;
  tools.stdout(request.text);
  const until = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
  if (!isInteractive(0)) {
    if (seconds === undefined)
      tools.warn("Not waiting for response to prompt as stdin is not interactive");
    else await sleepUntil(until, tools.signal);
    return { kind: "continued", input: "" };
  }
  const echo = request.echo && seconds === undefined;
  return withKeys(0, { echo, signals: false }, (keys) => answer(keys, until, request, tools));
}

/** What `pause` says, as the messages that are logged: how long, and what it asks for. */
export function pauseMessages({ text, seconds }: PauseRequest): readonly string[] {
  const said = text.replace(/\n$/, "");
  const end = seconds === undefined ? -1 : said.indexOf("\n");
  return end === -1 ? [said] : [said.slice(0, end), said.slice(end + 1)];
}

const INTERRUPT = 0x03;
const BACKSPACES: ReadonlySet<number> = new Set([0x08, 0x7f]);
const ENTER: ReadonlySet<number> = new Set([0x0a, 0x0d]);
const CLEAR_LINE = "\r\x1b[K";
const INPUT_LIMIT = 64 * 1024;

async function answer(
  keys: Keys,
  until: number,
  { seconds, echo }: PauseRequest,
  { signal, stdout }: PauseTools,
): Promise<PauseAnswer> {
  let typed: number[] = [];
  for (;;) {
    if (signal.aborted) return { kind: "aborted" };
    if (Date.now() >= until) return { kind: "continued", input: "" };
    const key = await keys.next();
    if (key === undefined) continue;
    if (key === INTERRUPT) {
      stdout(`${CLEAR_LINE}Press 'C' to continue the play or 'A' to abort \r\n`);
      const goesOn = await continues(keys, signal);
      stdout(CLEAR_LINE);
      return goesOn
        ? { kind: "continued", input: Buffer.from(typed).toString("utf8") }
        : { kind: "aborted" };
    }
    // With a time limit, keys are not for us.
    if (seconds !== undefined) continue;
    if (ENTER.has(key)) {
      stdout(CLEAR_LINE);
      return { kind: "continued", input: Buffer.from(typed).toString("utf8") };
    }
    if (BACKSPACES.has(key)) {
      typed = typed.slice(0, -1);
      stdout(CLEAR_LINE + (echo ? Buffer.from(typed).toString("utf8") : ""));
    } else if (typed.length < INPUT_LIMIT) typed.push(key);
  }
}

async function continues(keys: Keys, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    if (signal.aborted) return false;
    const key = await keys.next();
    const letter = key === undefined ? "" : String.fromCharCode(key).toLowerCase();
    if (letter === "a") return false;
    if (letter === "c") return true;
  }
}

function sleepUntil(until: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, Math.max(0, until - Date.now()));
    signal.addEventListener("abort", wake);
  });
}
