import { describe, expect, it } from "vitest";
import { createEnvironment, MISSING, type Scope, TemplateError } from "./environment.ts";

const scope: Scope = { get: () => MISSING, context: { searchPaths: [], cwd: "/" } };

const DO = "{% set q = [] %}{% do q.append(1) %}{{ q }}";
const BREAK = "{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}";

function answer(extensions: readonly string[], source: string): unknown {
  try {
    return createEnvironment({ extensions }).compile(source).render(scope);
  } catch (error) {
    if (error instanceof TemplateError) return error.message.replace(/ String: .*/s, "");
    throw error;
  }
}

const unknownTag = (tag: string, hint = "") =>
  expect.stringContaining(`Encountered unknown tag '${tag}'.${hint}`) as unknown;

// Ansible's answers to the same without extensions stand in testdata/expected/statements.json.
describe("extensions of Jinja", () => {
  it.each([
    [["jinja2.ext.do"], DO, [1]],
    [["jinja2.ext.ExprStmtExtension"], DO, [1]],
    [["jinja2.ext.loopcontrols"], BREAK, "1"],
    [["jinja2.ext.LoopControlExtension"], BREAK, "1"],
    [["jinja2.ext.do", "jinja2.ext.loopcontrols"], DO + BREAK, "[1]1"],
    [[], DO, unknownTag("do")],
    [["jinja2.ext.loopcontrols"], DO, unknownTag("do")],
    [["jinja2.ext.do"], BREAK, unknownTag("break", " Jinja was looking for the following tags:")],
    [["jinja2.ext.i18n"], "{% trans %}x{% endtrans %}", unknownTag("trans")],
  ] as const)("with %j %s gives %j", (extensions, source, expected) => {
    expect(answer(extensions, source)).toEqual(expected);
  });

  it("hold in files and in conditions as well", () => {
    const place = { file: "t.j2", line: 1, column: 1 };
    const bare = createEnvironment();
    const extended = createEnvironment({ extensions: ["jinja2.ext.do"] });
    expect(extended.file("{% do 1 %}x\n", place).renderText(scope)).toBe("x\n");
    expect(() => bare.file("{% do 1 %}x\n", place)).toThrow("Encountered unknown tag 'do'.");
    const condition = "true %}{% do 1 %}{% if true";
    expect(() => bare.condition(condition).test(scope)).toThrow("Encountered unknown tag 'do'.");
  });
});
