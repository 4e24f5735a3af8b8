import { expect, it } from "vitest";
import { compileRegex } from "./py-regex.ts";

it.each([
  ["*", 0],
  ["a|*", 2],
  ["(+)", 1],
  ["^*", 1],
  ["\\|(?:*a)", 5],
  ["a(?P<x>?b)", 7],
])("says as Python where %s repeats nothing", (pattern, at) => {
  expect(() => compileRegex(pattern)).toThrow(`nothing to repeat at position ${at}`);
});
