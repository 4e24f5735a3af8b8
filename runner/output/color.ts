/** A purpose of colour: the name of an Ansible setting without its `COLOR_`. */
export type ColorUse = keyof typeof DEFAULTS;

/** Colours text for a purpose, or leaves it alone when colours are off. */
export type Paint = (text: string, use: ColorUse) => string;

/**
 * Builds the painter for a run.
 *
 * Each line of a text is coloured on its own, empty ones too, as `stringc` of ansible/utils/color.py does: what
 * follows a line end in the text is then a pair of codes around nothing.
 *
 * @throws Error when a setting names no colour.
 */
export function createPaint(enabled: boolean, colors: Readonly<Record<string, string>>): Paint {
  const codes = new Map<ColorUse, string>();
  for (const use of Object.keys(DEFAULTS) as ColorUse[]) {
    const setting = `COLOR_${use}`;
    codes.set(use, `\u001b[${colorCode(setting, colors[setting] ?? DEFAULTS[use])}m`);
  }
  if (!enabled) return (text) => text;
  return (text, use) => {
    const open = codes.get(use)!;
    if (!text.includes("\n")) return `${open}${text}${CLOSE}`;
    return open + text.replaceAll("\n", `${CLOSE}\n${open}`) + CLOSE;
  };
}

/** The select-graphic-rendition parameters of a colour name: `green`, `color42`, `rgb123`, `gray7`. */
function colorCode(setting: string, name: string): string {
  const named = NAMES.get(name);
  if (named !== undefined) return named;
  const match = /^(?:color(\d+)|rgb([0-5])([0-5])([0-5])|gray(\d+))/.exec(name);
  if (match === null) {
    throw new Error(
      `${setting}: there is no colour ${JSON.stringify(name)}; use one of ${[...NAMES.keys()].join(", ")}, colorN, rgbNNN or grayN`,
    );
  }
  const [, indexed, red, green, blue, gray] = match;
  if (indexed !== undefined) return `38;5;${Number(indexed)}`;
  if (gray !== undefined) return `38;5;${232 + Number(gray)}`;
  return `38;5;${16 + 36 * Number(red) + 6 * Number(green) + Number(blue)}`;
}

const CLOSE = "\u001b[0m";

/** Defaults of the settings, from ansible/config/base.yml. */
const DEFAULTS = {
  CHANGED: "yellow",
  DEBUG: "dark gray",
  DEPRECATE: "purple",
  DIFF_ADD: "green",
  DIFF_LINES: "cyan",
  DIFF_REMOVE: "red",
  ERROR: "red",
  OK: "green",
  SKIP: "cyan",
  UNREACHABLE: "bright red",
  VERBOSE: "blue",
  WARN: "bright purple",
} as const;

/** COLOR_CODES of ansible/constants.py. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["black", "0;30"],
  ["red", "0;31"],
  ["green", "0;32"],
  ["yellow", "0;33"],
  ["blue", "0;34"],
  ["purple", "0;35"],
  ["magenta", "0;35"],
  ["cyan", "0;36"],
  ["bright gray", "0;37"],
  ["dark gray", "1;30"],
  ["bright red", "1;31"],
  ["bright green", "1;32"],
  ["bright yellow", "1;33"],
  ["bright blue", "1;34"],
  ["bright purple", "1;35"],
  ["bright magenta", "1;35"],
  ["bright cyan", "1;36"],
  ["white", "1;37"],
  ["normal", "0"],
]);
