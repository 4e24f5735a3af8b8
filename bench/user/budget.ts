import { MEASURES, type Measure } from "../scenario.ts";
import type { Requirement } from "../verdict.ts";

/** Short words that a budget may use for a measure, besides the measures' own names. */
const WORDS: Readonly<Record<string, Measure>> = {
  rtt: "roundTrips",
  trips: "roundTrips",
  time: "wall",
  mem: "memory",
};
const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, g: 1e9, s: 1, ms: 1e-3 };

/**
 * Reads `rtt=40,bytes=200k,wall=5x`: at most so much, or with an `x` at least so many times less than Ansible.
 *
 * @throws Error for names and values that are not known, with those that are.
 */
export function toBudget(text: string): readonly Requirement[] {
  return text.split(",").map((part) => {
    const [name = "", value = "", ...rest] = part.trim().split("=");
    const measure = WORDS[name] ?? (Object.hasOwn(MEASURES, name) ? (name as Measure) : undefined);
    if (measure === undefined) {
      const known = [...Object.keys(WORDS), ...Object.keys(MEASURES)].join(", ");
      throw new Error(`--budget ${part}: there is no measure ${name}; there are ${known}`);
    }
    const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(value) ?? [];
    if (digits === undefined || rest.length > 0) throw wrongValue(part);
    if (unit === "x") return { measure, versus: "ansible", times: Number(digits) };
    const factor = UNITS[unit.toLowerCase()];
    if (factor === undefined) throw wrongValue(part);
    return { measure, atMost: Number(digits) * factor };
  });
}

function wrongValue(part: string): Error {
  return new Error(
    `--budget ${part}: a number is expected, with k, M or G behind it, or x for times less than Ansible: bytes=200k, wall=5x`,
  );
}
