import { banner } from "./banner.ts";
import { type ColorUse, createPaint, type Paint } from "./color.ts";
import type { OutputOptions, Sink } from "./options.ts";
import { deprecationText, errorText, warningText } from "./warning.ts";

/** Lines on the screen: in colour, on the right stream, warnings only once (ansible/utils/display.py). */
export interface Display {
  readonly paint: Paint;
  /** Shows a text. A line end at its end is not doubled. */
  show(text: string, use?: ColorUse, stderr?: boolean): void;
  /** Shows a text that is not logged, or logged as another one. */
  showOnly(text: string, logged?: string): void;
  banner(text: string): void;
  /** Shown when the run is at least as verbose as `level`. */
  verbose(level: number, host: string | undefined, text: string): void;
  warning(text: string, each?: boolean): void;
  deprecation(text: string): void;
  error(text: string): void;
}

/** @throws Error when a colour setting names no colour. */
export function createDisplay(options: OutputOptions, sink: Sink): Display {
  const { verbosity, columns, deprecationWarnings = true, verboseToStderr = false } = options;
  const paint = createPaint(options.color, options.colors);
  const seen = new Set<string>();

  function show(text: string, use?: ColorUse, stderr = false): void {
    const body = text.endsWith("\n") ? text.slice(0, -1) : text;
    const line = `${use === undefined ? body : paint(body, use)}\n`;
    if (stderr) sink.stderr(line);
    else sink.stdout(line);
    // What is shown as debugging is below the level that is logged.
    if (use !== "DEBUG") sink.log?.(text);
  }

  function showOnce(text: string, use: ColorUse, again = false): void {
    if (seen.has(text) && !again) return;
    seen.add(text);
    show(text, use, true);
  }

  return {
    paint,
    show,
    showOnly(text, logged) {
      sink.stdout(`${text}\n`);
      if (logged !== undefined) sink.log?.(logged);
    },
    banner: (text) => show(banner(text, columns)),
    verbose(level, host, text) {
      if (verbosity < level) return;
      show(host === undefined ? text : `<${host}> ${text}`, "VERBOSE", verboseToStderr);
    },
    warning(text, each) {
      const lines = `${warningText(text, columns)}\n`;
      if (each === true) show(lines, "WARN", true);
      else showOnce(lines, "WARN");
    },
    deprecation(text) {
      if (deprecationWarnings) showOnce(deprecationText(text, columns), "DEPRECATE");
    },
    error: (text) => showOnce(errorText(text), "ERROR"),
  };
}
