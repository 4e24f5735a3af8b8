import { describe, expect, it } from "vitest";
import { dictOf, PyFloat, PyTuple, UnsafeText, type Value } from "../model/value.ts";
import { VaultText } from "../model/vault-text.ts";
import { compareText, toJson } from "./json.ts";

const PLAIN = { indent: undefined, hideInternal: true, ascii: false };

describe("values are written as Python's json.dumps writes them", () => {
  it.each<[json: string, value: Value]>([
    ["null", null],
    ["true", true],
    ["1", 1],
    ["0", -0],
    ["123456789012345678901234567890", 123456789012345678901234567890n],
    ["1.0", new PyFloat(1)],
    ["-0.0", new PyFloat(-0)],
    ["0.5", 0.5],
    ["0.0001", 0.0001],
    ["1e-05", 0.00001],
    ["1.5e-07", 1.5e-7],
    ["1e+16", new PyFloat(1e16)],
    ["1234567890123456.0", new PyFloat(1234567890123456)],
    ["1.2345e+22", new PyFloat(1.2345e22)],
    ["NaN", new PyFloat(Number.NaN)],
    ["-Infinity", new PyFloat(Number.NEGATIVE_INFINITY)],
    ['"é\\n\\u0001\\"\\\\/\x7f"', 'é\n\x01"\\/\x7f'],
    ['"{{ raw }}"', new UnsafeText("{{ raw }}")],
    ['{"__ansible_vault": "$ANSIBLE_VAULT"}', new VaultText("$ANSIBLE_VAULT", () => "secret")],
    ['"bytes"', new TextEncoder().encode("bytes")],
    ["[1, [], {}]", [1, [], new Map()]],
    ["[1, 2]", PyTuple.from([1, 2]) as Value[]],
    ['{"a": 1, "b": {"c": 2}}', dictOf({ b: dictOf({ c: 2 }), a: 1 })],
    [
      '{"1": "x", "2": "y", "10": "z"}',
      new Map<Value, Value>([
        [10, "z"],
        [2, "y"],
        [1, "x"],
      ]),
    ],
    [
      '{"1.0": 1, "true": 2}',
      new Map<Value, Value>([
        [new PyFloat(1), 1],
        [true, 2],
      ]),
    ],
    ['{"null": 1}', new Map<Value, Value>([[null, 1]])],
    [
      '{"1": "x", "b": {"z": 1, "2": 2}}',
      new Map<Value, Value>([
        [
          "b",
          new Map<Value, Value>([
            ["z", 1],
            [2, 2],
          ]),
        ],
        [1, "x"],
      ]),
    ],
    ['{"a": [{"y": 1}]}', dictOf({ _ansible_parsed: true, a: [dictOf({ _ansible_x: 1, y: 1 })] })],
  ])("%s", (json, value) => {
    expect(toJson(value, PLAIN)).toBe(json);
  });
});

it("puts one value on a line when asked to", () => {
  const value = dictOf({ b: [1, dictOf({ c: null })], a: [], d: new Map() });
  expect(toJson(value, { ...PLAIN, indent: 2 })).toBe(
    '{\n  "a": [],\n  "b": [\n    1,\n    {\n      "c": null\n    }\n  ],\n  "d": {}\n}',
  );
});

it("escapes everything beyond ASCII when asked to", () => {
  expect(toJson("é雁🪿\x7f", { ...PLAIN, ascii: true })).toBe('"\\u00e9\\u96c1\\ud83e\\udebf\x7f"');
});

it("orders text by code point", () => {
  expect(["\uffff", "🪿", "a", "aa", ""].sort(compareText)).toEqual([
    "",
    "a",
    "aa",
    "\uffff",
    "🪿",
  ]);
});
