import { describe, expect, test } from "vitest";
import { stringifyJson } from "./json.ts";
import { JsonError, parseJson } from "./json-reader.ts";
import { PyFloat, UnsafeText, type Value } from "./value.ts";

describe("parseJson()", () => {
  const rows: readonly [text: string, value: Value][] = [
    ["null", null],
    [" true ", true],
    ["-12", -12],
    ["1.5", 1.5],
    ["1.0", new PyFloat(1)],
    ["1e3", new PyFloat(1000)],
    ["123456789012345678901234567890", 123456789012345678901234567890n],
    ["NaN", new PyFloat(Number.NaN)],
    ["-Infinity", new PyFloat(Number.NEGATIVE_INFINITY)],
    ['"a\\nb\\u00e9\\\\"', "a\nbé\\"],
    ['""', ""],
    ["[]", []],
    ["[1, [2]]", [1, [2]]],
    ["{}", new Map()],
    ['{"__proto__": 1}', new Map([["__proto__", 1]])],
  ];
  test.each(rows)("%s", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test("keys keep their order even when they look like integers", () => {
    expect([...(parseJson('{"b": 1, "10": 2, "2": 3}') as Map<Value, Value>).keys()]).toEqual([
      "b",
      "10",
      "2",
    ]);
  });

  test.each(["", "{", "[1,]", '{"a" 1}', '{"a": 1,}', "nul", '"abc', "1 2", '"\\x"', "01"])(
    "%j is no JSON",
    (text) => {
      expect(() => parseJson(text)).toThrow(JsonError);
    },
  );

  test("nesting beyond the limit is an error, not a crash", () => {
    expect(() => parseJson("[".repeat(100_000))).toThrow(/recursion depth/);
  });
});

describe("stringifyJson()", () => {
  test.each<[Value, string]>([
    [null, "null"],
    [[1, 2.5, new PyFloat(2), true], "[1, 2.5, 2.0, true]"],
    [
      new Map<Value, Value>([
        ["a", 'x"y'],
        [1, new UnsafeText("{{ raw }}")],
      ]),
      '{"a": "x\\"y", "1": "{{ raw }}"}',
    ],
    [10n ** 20n, "100000000000000000000"],
    [new PyFloat(Number.POSITIVE_INFINITY), "Infinity"],
  ])("value %# becomes its text", (value, text) => {
    expect(stringifyJson(value)).toBe(text);
  });

  test("what it writes is read back the same", () => {
    const value = new Map<Value, Value>([["k", [1, new PyFloat(1), "ü\u2028", null, new Map()]]]);
    expect(parseJson(stringifyJson(value))).toEqual(value);
  });

  test("bytes have no JSON form", () => {
    expect(() => stringifyJson(new Uint8Array(1))).toThrow(TypeError);
  });
});
