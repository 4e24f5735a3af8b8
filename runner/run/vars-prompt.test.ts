import { describe, expect, test } from "vitest";
import type { VarsPrompt } from "../model/play.ts";
import { type Dict, dictOf, UnsafeText, type Value } from "../model/value.ts";
import { play } from "../plan/testing.ts";
import { askVars, withPromptDefaults } from "./vars-prompt.ts";

type Fields = Readonly<Record<string, Value>>;

async function asked(
  prompts: readonly Fields[],
  answers?: readonly string[],
  extra: Dict = new Map(),
) {
  const said: string[] = [];
  const waiting = [...(answers ?? [])];
  const vars = await askVars(
    { ...play([]), vars: dictOf({ q: 1 }), varsPrompt: prompts.map(dictOf) as VarsPrompt[] },
    {
      interactive: answers !== undefined,
      ask: (prompt, isPrivate) => {
        said.push(isPrivate ? prompt : `(shown) ${prompt}`);
        return Promise.resolve(waiting.shift());
      },
      show: (text) => said.push(text),
      warn: (text) => said.push(text),
      extraVars: extra,
      render: (value) => value,
      crypt: ({ password, scheme, salt, saltSize }) => `${scheme}$${salt}$${saltSize}$${password}`,
    },
  );
  return { said, vars: vars.vars };
}

describe("vars_prompt", () => {
  test.each<[string, Fields, readonly string[], readonly string[], Value]>([
    ["asks privately, by its name", { name: "a" }, ["x"], ["a: "], "x"],
    [
      "shows what is typed when not private",
      { name: "a", private: "no" },
      ["x"],
      ["(shown) a: "],
      "x",
    ],
    [
      "shows its prompt and default",
      { name: "a", prompt: "P", default: "d" },
      [""],
      ["P [d]: "],
      "d",
    ],
    ["keeps an empty answer without a default", { name: "a" }, [""], ["a: "], ""],
    [
      "asks for input where the prompt is empty",
      { name: "a", prompt: "" },
      ["x"],
      ["input for a: "],
      "x",
    ],
    [
      "asks again until both answers are the same",
      { name: "a", confirm: true },
      ["x", "y", "z", "z"],
      ["a: ", "confirm a: ", "***** VALUES ENTERED DO NOT MATCH ****\n", "a: ", "confirm a: "],
      "z",
    ],
    [
      "encrypts",
      { name: "a", encrypt: "sha512_crypt", salt: "s", salt_size: 7 },
      ["x"],
      ["a: "],
      "sha512_crypt$s$7$x",
    ],
    [
      "keeps unsafe answers from being templates",
      { name: "a", unsafe: true },
      ["{{ x }}"],
      ["a: "],
      new UnsafeText("{{ x }}"),
    ],
  ])("%s", async (_title, prompt, answers, said, value) => {
    const result = await asked([prompt], answers);
    expect(result.said).toEqual(said);
    expect(result.vars).toEqual(dictOf({ q: 1, a: value }));
  });

  test("does not ask for what --extra-vars gives", async () => {
    const { said, vars } = await asked([{ name: "a" }, { name: "b" }], ["x"], dictOf({ a: 1 }));
    expect(said).toEqual(["b: "]);
    expect(vars).toEqual(dictOf({ q: 1, b: "x" }));
  });

  test("takes the default without a terminal, and None without one", async () => {
    const { said, vars } = await asked([{ name: "a", default: 5 }, { name: "b" }]);
    expect(new Set(said)).toEqual(new Set(["Not prompting as we are not in interactive mode"]));
    expect(vars).toEqual(dictOf({ q: 1, a: "5", b: "None" }));
  });

  test("ends the run when input ends", async () => {
    await expect(asked([{ name: "a" }], [])).rejects.toThrow(
      "the input ended at the prompt for 'a'",
    );
  });

  test("takes defaults in listings", () => {
    const varsPrompt = [dictOf({ name: "a", default: 5 }), dictOf({ name: "b" })] as VarsPrompt[];
    const listed = withPromptDefaults({ ...play([]), varsPrompt }, new Map());
    expect(listed.vars).toEqual(dictOf({ a: 5, b: null }));
  });
});
