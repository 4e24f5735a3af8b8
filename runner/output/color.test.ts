import { expect, it } from "vitest";
import { createPaint } from "./color.ts";

it.each<[name: string, code: string]>([
  ["green", "0;32"],
  ["bright purple", "1;35"],
  ["normal", "0"],
  ["color42", "38;5;42"],
  ["rgb123", "38;5;67"],
  ["gray7", "38;5;239"],
])("%s is the code %s", (name, code) => {
  expect(createPaint(true, { COLOR_OK: name })("x", "OK")).toBe(`\x1b[${code}mx\x1b[0m`);
});

it("colours each line on its own", () => {
  expect(createPaint(true, {})("a\n", "ERROR")).toBe("\x1b[0;31ma\x1b[0m\n\x1b[0;31m\x1b[0m");
});

it("leaves text alone when colours are off", () => {
  expect(createPaint(false, {})("a", "ERROR")).toBe("a");
});

it("refuses a colour that is none, and names the setting", () => {
  expect(() => createPaint(false, { COLOR_WARN: "pinkish" })).toThrow(
    'COLOR_WARN: there is no colour "pinkish"; use one of black,',
  );
});
