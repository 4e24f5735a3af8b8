import { expect, test } from "vitest";
import { PyTuple, type Value } from "../model/value.ts";
import { isKept, markKept } from "../template/kept-text.ts";
import { withoutTuples } from "./without-tuples.ts";

test("tuples are lists, at any depth", () => {
  const value = [
    PyTuple.of<Value>(1, PyTuple.of<Value>(2)),
    new Map([["k", PyTuple.of<Value>(3)]]),
  ];
  const lists = withoutTuples(value);
  expect(lists).toEqual([[1, [2]], new Map([["k", [3]]])]);
  expect((lists as Value[])[0]).not.toBeInstanceOf(PyTuple);
});

test("a value without tuples is the same value", () => {
  const value = [1, [2], new Map([["k", [3]]])];
  expect(withoutTuples(value)).toBe(value);
});

test("text that stays text does so in the list as well", () => {
  const tuple = PyTuple.of<Value>("[1]");
  markKept(tuple, 0);
  expect(isKept(withoutTuples(tuple), 0)).toBe(true);
});
