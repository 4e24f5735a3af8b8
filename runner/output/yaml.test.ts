import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseJson } from "../model/json-reader.ts";
import type { Value } from "../model/value.ts";
import { toYaml } from "./yaml.ts";

// Recorded from the real dumper by testdata/record_yaml.py.
const ROWS = parseJson(readFileSync(new URL("testdata/yaml.json", import.meta.url), "utf8"));

it.each(ROWS as [value: Value, lossy: boolean, text: string][])(
  "%# is written as Ansible writes it",
  (value, lossy, text) => {
    expect(toYaml(value, { indent: 4, lossy })).toBe(text);
  },
);
