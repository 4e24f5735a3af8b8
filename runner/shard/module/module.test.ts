import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CallResult } from "#router";
import { blankSource } from "./blank-source.ts";
import { styleOf } from "./classify.ts";
import { createImportResolver, importsIn } from "./imports.ts";
import { moduleResult, splitLines } from "./module-result.ts";

describe("blankSource()", () => {
  test.each([
    [
      "comments go, the first lines' stay",
      "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n# gone\nx = 1  # gone\n",
      "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n\nx = 1\n",
    ],
    [
      "docstrings go and lines keep their numbers",
      'def f():\n    """One\n    two\n    """\n    return 1\n',
      "def f():\n    ''\n\n\n    return 1\n",
    ],
    [
      "documentation variables go",
      "DOCUMENTATION = r'''\na: b\n'''\nx = 1\n",
      "DOCUMENTATION = r''\n\n\nx = 1\n",
    ],
    [
      "other strings stay",
      'x = """a # b\nc"""\ny = f(\n"""kept"""\n)\n',
      'x = """a # b\nc"""\ny = f(\n"""kept"""\n)\n',
    ],
    [
      "hash signs inside strings are no comments",
      'x = \'#\' + "a\\"#b"  # gone\n',
      'x = \'#\' + "a\\"#b"\n',
    ],
    ["a string on a continued line stays", "x = 'a' \\\n    'b'\n", "x = 'a' \\\n    'b'\n"],
    ["a string that is used stays", "'abc'.join(x)\n", "'abc'.join(x)\n"],
  ])("%s", (_, source, blanked) => {
    expect(blankSource(source)).toBe(blanked);
  });
});

test("imports are read in all their forms", () => {
  const source = [
    "from ansible.module_utils.basic import AnsibleModule, env_fallback as e  # x",
    "import ansible.module_utils.six.moves, os",
    "from ansible.module_utils.common import (\n    json,\n    text,\n)",
    "from ..module_utils.helper import thing",
    "from . import sibling",
    "    from ansible.module_utils.facts import \\\n        timeout",
    "from os import path",
  ].join("\n");
  expect(
    importsIn(source, "ansible_collections.a.b.plugins.modules.m", false).names.toSorted(),
  ).toEqual([
    "ansible.module_utils.basic",
    "ansible.module_utils.basic.AnsibleModule",
    "ansible.module_utils.basic.env_fallback",
    "ansible.module_utils.common",
    "ansible.module_utils.common.json",
    "ansible.module_utils.common.text",
    "ansible.module_utils.facts",
    "ansible.module_utils.facts.timeout",
    "ansible.module_utils.six.moves",
    "ansible_collections.a.b.plugins.module_utils.helper",
    "ansible_collections.a.b.plugins.module_utils.helper.thing",
    "ansible_collections.a.b.plugins.modules",
    "ansible_collections.a.b.plugins.modules.sibling",
  ]);
});

test("what is imported at the outermost level has to be there, under one of its names", () => {
  const source = [
    "from ansible.module_utils.basic import AnsibleModule",
    "from ansible.module_utils import common",
    "from ansible.module_utils.six.moves import urllib",
    "import ansible.module_utils.urls, os",
    "from ansible.module_utils.facts import *",
    "try:",
    "    from ansible.module_utils.maybe import x",
    "from ansible.errors import AnsibleError",
  ].join("\n");
  expect(importsIn(source, "ansible.modules.m", false).required).toEqual([
    ["ansible.module_utils.basic.AnsibleModule", "ansible.module_utils.basic"],
    ["ansible.module_utils.common"],
    ["ansible.module_utils.urls"],
  ]);
});

describe("createImportResolver()", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "skein-imports-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = (path: string, text: string): string => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };

  test("what no library has is missed before anything is sent", () => {
    const module = file("m.py", "from ansible.module_utils.absent import x\n");
    const resolver = createImportResolver({
      ansible: join(folder, "ansible"),
      collections: [],
      moduleUtils: [],
    });
    expect(() => resolver.closure("ansible.modules.m", module)).toThrow(
      "Could not find imported module support code for ansible.modules.m.  Looked for (['ansible.module_utils.absent.x', 'ansible.module_utils.absent'])",
    );
  });

  test("what moved is found where it moved to", () => {
    file(
      "ansible/config/ansible_builtin_runtime.yml",
      "plugin_routing:\n  module_utils:\n    old:\n      redirect: ns.coll.sub.older\n",
    );
    file(
      "site/ansible_collections/ns/coll/meta/runtime.yml",
      "plugin_routing:\n  module_utils:\n    sub.older:\n      redirect: ansible_collections.ns.coll.plugins.module_utils.newest\n",
    );
    file("site/ansible_collections/ns/coll/plugins/module_utils/newest.py", "x = 1\n");
    const module = file("m.py", "from ansible.module_utils.old import x\n");
    const resolver = createImportResolver({
      ansible: join(folder, "ansible"),
      collections: [join(folder, "site")],
      moduleUtils: [],
    });
    const names = resolver.closure("ansible.modules.m", module).map(({ name }) => name);
    expect(names).toContain("ansible.module_utils.old");
    expect(names).toContain("ansible_collections.ns.coll.plugins.module_utils.sub.older");
    expect(names).toContain("ansible_collections.ns.coll.plugins.module_utils.newest");
  });

  test("a closure follows imports through packages, with the packages above", () => {
    file("ansible/module_utils/__init__.py", "");
    file("ansible/module_utils/basic.py", "from ansible.module_utils.common.text import to_text\n");
    file("ansible/module_utils/common/__init__.py", "");
    file("ansible/module_utils/common/text.py", "import os\n");
    file("ansible/module_utils/unused.py", "");
    const module = file(
      "ansible/modules/m.py",
      "from ansible.module_utils.basic import *\ntry:\n    from ansible.module_utils.absent import x\nexcept ImportError:\n    pass\n",
    );
    const resolver = createImportResolver({
      ansible: join(folder, "ansible"),
      collections: [],
      moduleUtils: [],
    });
    const closure = resolver.closure("ansible.modules.m", module);
    expect(closure.map(({ name, isPackage }) => [name, isPackage])).toEqual([
      ["ansible.modules.m", false],
      ["ansible.module_utils", true],
      ["ansible.module_utils.basic", false],
      ["ansible.module_utils.common", true],
      ["ansible.module_utils.common.text", false],
    ]);
    expect(resolver.find("ansible.module_utils.unused")?.isPackage).toBe(false);
    expect(resolver.find("os")).toBeUndefined();
  });

  test("what basic.py imports only for others travels with those that ask for it", () => {
    const utils = "ansible/module_utils";
    file(`${utils}/__init__.py`, "");
    file(
      `${utils}/basic.py`,
      "from ansible.module_utils.common.sys_info import get_distribution\n",
    );
    file(`${utils}/common/__init__.py`, "");
    file(`${utils}/common/sys_info.py`, "from ansible.module_utils import distro\n");
    file(`${utils}/distro/__init__.py`, "");
    const basic = "from ansible.module_utils.basic import AnsibleModule\n";
    const plain = file("ansible/modules/plain.py", basic);
    const asks = file(
      "ansible/modules/asks.py",
      `${basic}from ansible.module_utils.common.sys_info import get_distribution\n`,
    );
    const resolver = createImportResolver({
      ansible: join(folder, "ansible"),
      collections: [],
      moduleUtils: [],
    });
    const names = (name: string, path: string): readonly string[] =>
      resolver.closure(name, path).map((source) => source.name);
    expect(names("ansible.modules.plain", plain)).toContain("ansible.module_utils.common.sys_info");
    expect(names("ansible.modules.plain", plain)).not.toContain("ansible.module_utils.distro");
    expect(names("ansible.modules.asks", asks)).toContain("ansible.module_utils.distro");
  });
});

test.each([
  ["new", "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n"],
  ["new", "#!/usr/bin/python\nfrom ..module_utils.x import y\n"],
  ["want_json", "#!/bin/sh\n# WANT_JSON\n"],
  ["json_args", "#!/usr/bin/env ruby\nargs = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>'\n"],
  ["old", "#!/bin/bash\nsource $1\n"],
  ["binary", "\x7fELF\x00\x01"],
])("a %s module is known by its text", (style, text) => {
  expect(styleOf(Buffer.from(text, "latin1"))).toBe(style);
});

describe("moduleResult()", () => {
  const result = (more: Partial<CallResult>): CallResult => ({
    index: 0,
    outcome: "ran",
    rc: 0,
    stdout: new Uint8Array(),
    stderr: new Uint8Array(),
    extra: {},
    ...more,
  });
  const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");

  test("the printed JSON is the result, with lines added", () => {
    const data = moduleResult(result({ stdout: bytes('{"changed": true, "stdout": "a\\nb"}\n') }));
    expect(Object.fromEntries(data)).toEqual({
      changed: true,
      stdout: "a\nb",
      stdout_lines: ["a", "b"],
    });
  });

  test("noise around the JSON is allowed, and behind it warned of", () => {
    const data = moduleResult(
      result({ stdout: bytes('Warning: old libc\n{"changed": false}\ntrailing\n') }),
    );
    expect(data.get("changed")).toBe(false);
    expect(data.get("warnings")).toEqual([
      "Module invocation had junk after the JSON data: trailing",
    ]);
  });

  test("internal keys do not come from a target", () => {
    const data = moduleResult(
      result({ stdout: bytes('{"_ansible_no_log": false, "_ansible_verbose_always": true}') }),
    );
    expect([...data.keys()]).toEqual(["_ansible_verbose_always"]);
  });

  test("drops interpreters that a module says it found", () => {
    const printed =
      '{"ansible_facts": {"discovered_interpreter_x": 1, "ansible_discovered_interpreter_x": 1, "other": 2}}';
    expect(moduleResult(result({ stdout: bytes(printed) })).get("ansible_facts")).toEqual(
      new Map([["other", 2]]),
    );
  });

  test.each([
    ["rubbish", "not json at all"],
    ["nothing", ""],
    ["a list", "[1]"],
    ["half an object", '{"changed": tr'],
  ])("printing %s is a MODULE FAILURE that shows it", (_, text) => {
    const data = moduleResult(
      result({
        stdout: bytes(text),
        stderr: bytes("Traceback (most recent call last):\nboom"),
        rc: 1,
      }),
    );
    expect(data.get("failed")).toBe(true);
    expect(data.get("msg")).toBe("MODULE FAILURE\nSee stdout/stderr for the exact error");
    expect(data.get("module_stdout")).toBe(text);
    expect(data.get("exception")).toContain("boom");
    expect(data.get("rc")).toBe(1);
  });

  test("a killed module says by what", () => {
    expect(moduleResult(result({ outcome: "lost", rc: -9 })).get("msg")).toContain(
      "killed by signal 9",
    );
  });

  test("bytes that are no text are kept as surrogates, not lost", () => {
    const stdout = Buffer.concat([bytes('{"stdout": "a'), Buffer.from([0xff]), bytes('b"}')]);
    expect(moduleResult(result({ stdout })).get("stdout")).toBe("a\udcffb");
  });
});

test.each([
  ["", []],
  ["a", ["a"]],
  ["a\n", ["a"]],
  ["a\r\nb\n\nc", ["a", "b", "", "c"]],
])("splitLines(%j)", (text, lines) => {
  expect(splitLines(text)).toEqual(lines);
});
