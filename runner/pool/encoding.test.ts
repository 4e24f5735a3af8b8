import { expect, test } from "vitest";
import { PyFloat, PyTuple, UnsafeText } from "../model/value.ts";
import { decodeValue, encodeValue } from "./encoding.ts";
import { createPlacement, shardCount } from "./placement.ts";

test("values and messages come out as they went in", () => {
  const tuple = new PyTuple();
  tuple.push(1, "a");
  const message = {
    kind: "run",
    dict: new Map<unknown, unknown>([
      ["80", 1],
      ["3", [null, true, 1.5]],
      [7, "int key"],
    ]),
    float: new PyFloat(1),
    big: 2n ** 70n,
    text: new UnsafeText("{{ x }}"),
    tuple,
    missing: undefined,
    bytes: new Uint8Array([1, 2, 3]),
  };
  const back = decodeValue(encodeValue(message)) as typeof message;
  expect(back).toEqual(message);
  expect([...back.dict.keys()]).toEqual(["80", "3", 7]);
  expect(back.tuple).toBeInstanceOf(PyTuple);
});

test("what many tasks share travels once and is still shared", () => {
  const role = { defaults: new Map([["a", "x".repeat(1000)]]) };
  const bytes = encodeValue({ tasks: Array.from({ length: 50 }, (_, id) => ({ id, role })) });
  expect(bytes.byteLength).toBeLessThan(3000);
  const back = decodeValue(bytes) as { tasks: { role: unknown }[] };
  expect(back.tasks[0]!.role).toBe(back.tasks[49]!.role);
});

test("a host stays in its shard, and shards share hosts evenly", () => {
  const placement = createPlacement(3);
  const hosts = ["a", "b", "c", "d", "e"];
  expect([...placement.split(hosts)]).toEqual([
    [0, ["a", "d"]],
    [1, ["b", "e"]],
    [2, ["c"]],
  ]);
  expect(placement.shardOf("e")).toBe(1);
  expect([...placement.split(["e", "a"])]).toEqual([
    [1, ["e"]],
    [0, ["a"]],
  ]);
});

test.each([
  [1, 8, 1],
  [199, 8, 1],
  [200, 8, 2],
  [1000, 8, 8],
  [0, 8, 1],
])("%i hosts on %i cores make %i shards", (hosts, cores, shards) => {
  expect(shardCount(hosts, cores)).toBe(shards);
});
