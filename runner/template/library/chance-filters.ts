import { define } from "../define.ts";
import { filterError, TemplateError, typeError, Undefined, valueError } from "../error.ts";
import { dictGet, numberOf, truth } from "../py-compare.ts";
import { toInt } from "../py-operators.ts";
import { type Chance, choose, seededChance, shuffleItems, systemChance } from "../py-random.ts";
import { pyRepr, pyStr } from "../py-repr.ts";
import { isIterable, iterate, length } from "../py-sequence.ts";
import { type Callable, isFloat, PyIterator, PySet, typeName } from "../py-types.ts";
import type { Run } from "../run.ts";
import { parseIntText } from "./filters.ts";

/** Filters that draw lots (ansible/plugins/filter/core.py, and random_mac of community.general). */
export const CHANCE_FILTERS: Readonly<Record<string, Callable>> = {
  random: define("end start? step? seed?", (run, end, start = null, step = null, seed = null) =>
    random(chanceOf(run, seed), end, start, step),
  ),
  shuffle: define("mylist seed?", (run, list, seed = null) => shuffle(run, list, seed)),
  random_mac: define("value seed?", (run, value, seed = null) => randomMac(run, value, seed)),
};

/** What no seed foretells, or a seed does. Throws TypeError for what is no seed. */
export function chanceOf(run: Run, seed: unknown): Chance {
  const { outside } = run.engine;
  if (seed === null) return systemChance(() => outside.random());
  return seededChance(seed, (bytes) => outside.hash("sha512", bytes) ?? "");
}

function random(chance: Chance, end: unknown, start: unknown, step: unknown): unknown {
  const stop = numberOf(end);
  if (stop !== undefined && !isFloat(end)) {
    return randomInRange(
      chance,
      truth(start) ? asInt(start, "arg 1") : 0n,
      BigInt(stop),
      truth(step) ? asInt(step, "step") : 1n,
    );
  }
  if (!isIterable(end) && !(end instanceof PyIterator) && !(end instanceof Undefined))
    throw filterError("random can only be used on sequences and integers");
  if (truth(start) || truth(step))
    throw filterError("start and step can only be used with integer values");
  return randomItem(chance, end);
}

/** Random.choice of Python's random.py. */
function randomItem(chance: Chance, items: unknown): unknown {
  const size = length(items);
  if (size === 0) throw new TemplateError("index", "Cannot choose from an empty sequence");
  if (items instanceof Map) {
    const index = Number(chance.below(size));
    const found = dictGet(items, index);
    if (found === undefined) throw new TemplateError("key", String(index));
    return found;
  }
  if (items instanceof PySet || items instanceof PyIterator)
    throw typeError(`'${typeName(items)}' object is not subscriptable`);
  return choose(chance, iterate(items));
}

/** Random.randrange of Python's random.py. */
function randomInRange(chance: Chance, start: bigint, stop: bigint, step: bigint): number | bigint {
  const width = stop - start;
  const steps = step > 0n ? (width + step - 1n) / step : (width + step + 1n) / step;
  if (width <= 0n && step === 1n)
    throw valueError(`empty range for randrange() (${start}, ${stop}, ${width})`);
  if (steps <= 0n) throw valueError("empty range for randrange()");
  return toInt(start + step * BigInt(chance.below(toInt(steps))));
}

/** What Random.randrange takes for an int. Throws ValueError or TypeError. */
function asInt(value: unknown, what: string): bigint {
  const number = typeof value === "string" ? parseIntText(value, 10) : numberOf(value);
  if (number === undefined) {
    if (typeof value === "string")
      throw valueError(`invalid literal for int() with base 10: ${pyRepr(value)}`);
    throw typeError(
      `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
    );
  }
  if (Number.isNaN(number)) throw valueError("cannot convert float NaN to integer");
  if (number === Number.POSITIVE_INFINITY || number === Number.NEGATIVE_INFINITY)
    throw new TemplateError("overflow", "cannot convert float infinity to integer");
  const isWhole =
    typeof value !== "string" && (typeof number === "bigint" || Number.isInteger(number));
  if (!isWhole) throw valueError(`non-integer ${what} for randrange()`);
  return BigInt(number);
}

/** What cannot be shuffled comes back as it is: Ansible swallows the error. */
function shuffle(run: Run, value: unknown, seed: unknown): unknown {
  let items = value;
  try {
    const list = [...iterate(value)];
    items = list;
    shuffleItems(chanceOf(run, truth(seed) ? seed : null), list);
  } catch (thrown) {
    if (!(thrown instanceof TemplateError)) throw thrown;
  }
  return items;
}

const LOWEST_MAC = 0x1000000000n;
const BEYOND_MACS = 0x10000000000n;

function randomMac(run: Run, value: unknown, seed: unknown): string {
  if (typeof value !== "string")
    throw filterError(
      `Invalid value type (<class '${typeName(value)}'>) for random_mac (${pyStr(value)})`,
    );
  const prefix = value.toLowerCase();
  const parts = prefix.split(":");
  if (parts.length > 5)
    throw filterError(`Invalid value (${prefix}) for random_mac: 5 colon(:) separated items max`);
  const mistakes = parts.flatMap((part) => {
    if (part === "") return ["empty item"];
    return /^[a-f0-9]{2}/.test(part) ? [] : [`${part} not hexa byte`];
  });
  if (mistakes.length > 0)
    throw filterError(`Invalid value (${prefix}) for random_mac: ${mistakes.join(",")}`);
  const drawn = randomInRange(chanceOf(run, seed), LOWEST_MAC, BEYOND_MACS, 1n);
  const digits = drawn.toString(16).slice(0, 2 * (6 - parts.length));
  return prefix + digits.replace(/../g, ":$&");
}
