import { describe, expect, it } from "vitest";
import { PyFloat, PyTuple, UnsafeText } from "../model/value.ts";
import { Undefined } from "../template/error.ts";
import { PyDateTime } from "../template/py-datetime.ts";
import { PyObject, PyRange, PySet, tupleOf } from "../template/py-types.ts";
import { unmarshal } from "./marshal-decode.ts";
import { marshal } from "./marshal-encode.ts";
import { MARK, PluginObject } from "./plugin-object.ts";

const noLazies = (): never => {
  throw new Error("no lazy dict here");
};
const hexOf = (value: unknown): string =>
  Buffer.from(marshal(value, noLazies).bytes).toString("hex");

/** What Python's marshal.dumps(value, 2) writes. */
const ROWS: readonly (readonly [string, unknown, string])[] = [
  ["None", null, "4e"],
  ["True", true, "54"],
  ["False", false, "46"],
  ["a small int", -1, "69ffffffff"],
  ["the first int of more than 32 bits", 2 ** 31, "6c03000000000000000200"],
  ["a large int", 123456789012, "6c03000000141a327d7200"],
  ["an int that no number holds", -(2n ** 70n), "6cfbffffff00000000000000000004"],
  ["a float that is whole", new PyFloat(1), "67000000000000f03f"],
  ["a float", 0.5, "67000000000000e03f"],
  ["inf", new PyFloat(Number.POSITIVE_INFINITY), "67000000000000f07f"],
  ["text", "aé€😀", "750a00000061c3a9e282acf09f9880"],
  ["bytes", Uint8Array.of(0, 255), "730200000000ff"],
  ["a tuple", tupleOf([1, "a"]), "28020000006901000000750100000061"],
  ["a list", [1, []], "5b0200000069010000005b00000000"],
  [
    "a dict with keys of two kinds",
    new Map<unknown, unknown>([
      ["a", 1],
      [2, null],
    ]),
    "7b750100000061690100000069020000004e30",
  ],
  ["a set", new PySet([5]), "3c010000006905000000"],
];

describe("values as Python's marshal", () => {
  it.each(ROWS)("are written as Python writes %s", (_title, value, hex) => {
    expect(hexOf(value)).toBe(hex);
  });

  it.each(ROWS)("are read from what Python wrote for %s", (_title, value, hex) => {
    expect(unmarshal(Buffer.from(hex, "hex"), false)).toStrictEqual(value);
  });

  it("unroll what is a list in all but name", () => {
    expect(hexOf(new PyRange(0, 2, 1))).toBe(hexOf([0, 1]));
  });

  it("go on when the text is longer than the first buffer", () => {
    const text = "é".repeat(100_000);
    expect(unmarshal(Buffer.from(marshal([text, text], noLazies).bytes), false)).toEqual([
      text,
      text,
    ]);
  });

  it.each<readonly [string, unknown]>([
    ["UnsafeText", new UnsafeText("{{ x }}")],
    ["a datetime", PyDateTime.parse("2020-01-02", "%Y-%m-%d")],
    ["undefined", new Undefined("x")],
    ["an object of a plugin", new PluginObject(7, "deque", "deque([])", "deque([])")],
  ])("mark %s", (_title, value) => {
    const { bytes, isMarked } = marshal([value], noLazies);
    expect(isMarked).toBe(true);
    expect(Buffer.from(bytes).includes(MARK)).toBe(true);
  });

  it("bring marked values back", () => {
    const text = "'x' is undefined";
    const message = [
      tupleOf([MARK, "undefined", tupleOf([text, true])] as never),
      tupleOf([MARK, "datetime", tupleOf([2020, 1, 2, 3, 4, 5, 6, 60])] as never),
      tupleOf([MARK, "kept", tupleOf([3, "deque", "text", "repr"])] as never),
    ];
    const [missing, moment, kept] = unmarshal(
      Buffer.from(marshal(message, noLazies).bytes),
      true,
    ) as [Undefined, PyDateTime, PluginObject];
    expect(missing.message).toBe(text);
    expect(moment.isoformat()).toBe("2020-01-02T03:04:05.000006+01:00");
    expect([kept.number, kept.pyType, kept.pyStr(), kept.pyRepr()]).toEqual([
      3,
      "deque",
      "text",
      "repr",
    ]);
  });

  it("leave tuples alone that only look marked", () => {
    const bytes = Buffer.from(marshal(tupleOf([MARK, "kept", 1]), noLazies).bytes);
    expect(unmarshal(bytes, false)).toBeInstanceOf(PyTuple);
  });

  it("number dicts that are made as they are read", () => {
    class Lazy extends Map<unknown, unknown> {}
    const lazy = new Lazy();
    const seen: unknown[] = [];
    const { isMarked } = marshal([lazy], (dict) => {
      seen.push(dict);
      return [0, 1];
    });
    expect(isMarked).toBe(true);
    expect(seen).toEqual([lazy]);
  });

  it("refuse what lives in a template only", () => {
    class Live extends PyObject {
      readonly pyType = "LoopContext";
      pyGet(): undefined {
        return undefined;
      }
    }
    expect(() => hexOf([new Live()])).toThrow("a LoopContext cannot be given to a plugin");
  });

  it.each(["", "5b05000000", "75ff00000061", "6c0500", "30", "4e4e", "75ffffffff", "790000"])(
    "refuse the damaged bytes %s",
    (hex) => {
      expect(() => unmarshal(Buffer.from(hex, "hex"), true)).toThrow();
    },
  );
});
