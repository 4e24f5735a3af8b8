import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadAgent, packAgent, toAgentFile } from "./index.ts";
import { stripPython } from "./strip-python.ts";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "agent");
const PYTHONS = [
  "/usr/bin/python3",
  ...[12, 11, 10, 9, 8, 7, 6, 5].map((minor) => `python3.${minor}`),
  "/usr/libexec/platform-python",
  "python2.7",
  "/usr/bin/python",
  "python",
];

describe("the packed agent", () => {
  test("stays within its byte budgets", () => {
    const agent = packAgent();
    expect(agent.archive.length).toBeLessThan(24 * 1024);
    expect(agent.firstStage(PYTHONS).length).toBeLessThan(700);
  });

  test("is the same at every packing", () => {
    expect(packAgent().digest).toBe(packAgent().digest);
    expect(packAgent().digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("comes the same from a built file", () => {
    const folder = mkdtempSync(join(tmpdir(), "skein-pack-"));
    try {
      const path = join(folder, "agent.bin");
      writeFileSync(path, toAgentFile());
      const built = loadAgent(path);
      const packed = packAgent();
      expect(built.digest).toBe(packed.digest);
      expect(built.firstStage(PYTHONS)).toBe(packed.firstStage(PYTHONS));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("holds every module but the ones that wrap it", () => {
    const text = inflateSync(packAgent().archive).toString("ascii");
    const names = readdirSync(FOLDER)
      .filter((file) => file.endsWith(".py"))
      .map((file) => file.slice(0, -3));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const isPacked = text.includes(`$$skein_agent.${name}\n`);
      expect([name, isPacked]).toEqual([
        name,
        !["__init__", "boot", "first_stage", "jobs"].includes(name),
      ]);
    }
    expect(text).not.toMatch(/\b(from|import) agent\b/);
  });

  test("is started by a command without characters that shells quote differently", () => {
    const command = packAgent().firstStage(["/usr/bin/env python3", "python3"]);
    expect(command).not.toMatch(/[\\!\n]/);
    expect(command.match(/'/g)).toHaveLength(4);
  });

  test("refuses an interpreter that cannot be quoted everywhere, with its name", () => {
    for (const name of ["/opt/my'py", "a;b", "$HOME/py", "", "a\nb"]) {
      expect(() => packAgent().firstStage([name])).toThrow(JSON.stringify(name));
    }
  });
});

const STRIPPED: readonly (readonly [title: string, source: string, expected: string])[] = [
  ["comments go", "a = 1  # one\n# two\nb = 2\n", "a = 1\nb = 2\n"],
  ["a hash in a string stays", "a = '#x' + \"# y\"  # z\n", "a = '#x' + \"# y\"\n"],
  ["blank lines go", "a = 1\n\n\n   \nb = 2\n", "a = 1\nb = 2\n"],
  ["the module's docstring goes", '"""Doc\n\n# not a comment"""\na = 1\n', "a = 1\n"],
  [
    "a function's docstring goes",
    'def f():\n    """Doc."""\n    return 1\n',
    "def f():\n return 1\n",
  ],
  [
    "a block of a docstring keeps a statement",
    'class A(B):\n    """Doc."""\n\n\nx = 1\n',
    "class A(B):\n pass\nx = 1\n",
  ],
  ["a last block of a docstring too", "def f():\n    'Doc.'\n", "def f():\n pass\n"],
  ["a string that is used stays", 'a = """x\n    y  # z\n"""\n', 'a = """x\n    y  # z\n"""\n'],
  ["a string with a method stays", "'a'.join(b)\n", "'a'.join(b)\n"],
  [
    "bytes and raw strings are strings",
    "a = b'#' + r'#' + rb\"\\\"#\"\n",
    "a = b'#' + r'#' + rb\"\\\"#\"\n",
  ],
  ["continuation lines in brackets lose their indent", "f(a,\n    # why\n\n  b)\n", "f(a,\nb)\n"],
  ["a name that ends in a prefix letter is a name", "bar = sub('x')\n", "bar = sub('x')\n"],
];

describe("stripping Python", () => {
  test.each(STRIPPED)("%s", (_, source, expected) => {
    expect(stripPython(source)).toBe(expected);
  });

  test.each([
    ["a string without end", "a = 'x\n"],
    ["a bracket without end", "f(a\n"],
    ["text that is not ASCII", "a = 'é'\n"],
    ["an odd indent", "if a:\n  b\n"],
  ])("refuses %s", (_, source) => {
    expect(() => stripPython(source)).toThrow();
  });

  test("keeps the syntax tree of every module, docstrings aside", () => {
    const script = [
      "import ast, json, sys",
      "def tree(text):",
      "    found = ast.parse(text)",
      "    for node in ast.walk(found):",
      "        body = getattr(node, 'body', None)",
      "        if isinstance(body, list):",
      "            body[:] = [one for one in body if not isinstance(one, ast.Pass) and not (",
      "                isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]",
      "    return ast.dump(found)",
      "print(json.dumps([tree(a) == tree(b) for a, b in json.load(sys.stdin)]))",
    ].join("\n");
    const pairs = readdirSync(FOLDER)
      .filter((file) => file.endsWith(".py"))
      .map((file) => readFileSync(join(FOLDER, file), "utf8"))
      .map((source) => [source, stripPython(source)]);
    const answers: unknown = JSON.parse(
      execFileSync("python3", ["-c", script], { input: JSON.stringify(pairs), encoding: "utf8" }),
    );
    expect(answers).toEqual(pairs.map(() => true));
  });
});
