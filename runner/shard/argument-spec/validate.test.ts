import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Dict, isDict, type Value } from "../../model/value.ts";
import { validateArguments } from "./validate.ts";

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./testdata/${name}`, import.meta.url), "utf8"));
const cases = read("cases.json") as { title: string; spec: unknown; given: unknown }[];
const expected = read("expected.json") as Record<string, string[]>;

test.for(cases)("$title: as the real validator says", ({ title, spec, given }) => {
  const errors = validateArguments(dict(spec), dict(given), () => false);
  expect(errors).toEqual(expected[title]);
});

test("values are left as they were given", () => {
  const given = dict({ a: { x: "1" } });
  validateArguments(
    dict({ a: { type: "dict", options: { x: { type: "int" }, y: { default: 2 } } } }),
    given,
    () => false,
  );
  expect(given).toEqual(dict({ a: { x: "1" } }));
});

test("text that stands in YAML has the name of the YAML text's type", () => {
  const [error] = validateArguments(dict({ a: { type: "int" } }), dict({ a: "x" }), () => true);
  expect(error).toContain("is of type <class 'ansible.parsing.yaml.objects.AnsibleUnicode'>");
});

function dict(value: unknown): Dict {
  const made = toValue(value);
  if (!isDict(made)) throw new Error("the case is no mapping");
  return made;
}

function toValue(value: unknown): Value {
  if (Array.isArray(value)) return value.map(toValue);
  if (typeof value !== "object" || value === null) return value as Value;
  return new Map(Object.entries(value).map(([key, item]) => [key, toValue(item)]));
}
