import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createEnvironment, MISSING, type Scope, TemplateError } from "../template/environment.ts";
import type { PluginCall, PluginHost } from "./plugin-host.ts";
import { pluginOptions } from "./plugin-options.ts";

const place = mkdtempSync(join(tmpdir(), "skein-test-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));
write("play/filter_plugins/own.py", "def filters(self): return {'to_json': x, 'own': y}");
write("play/lookup_plugins/env.py", "");
write("configured/deep/down/far.py", "dict(upper=1)");
write("configured/deep/down/further/away.py", "dict(lower=1)");

function write(path: string, text: string): void {
  mkdirSync(join(place, path, ".."), { recursive: true });
  writeFileSync(join(place, path), text);
}

const scope: Scope = { get: () => MISSING, context: { searchPaths: [], cwd: "/" } };

function environmentWith(host: Partial<PluginHost>, hasPasslib = false) {
  const asked: string[] = [];
  const options = pluginOptions({
    host: {
      find(kind, name) {
        asked.push(`${kind} ${name}`);
        return host.find?.(kind, name);
      },
      call: host.call ?? (() => "called"),
      inventory: () => undefined,
      callbacks: () => 0,
      event() {},
      vars: () => [],
      cache: () => undefined,
      close() {},
    },
    folders: () => [join(place, "play")],
    configured: { filter: [join(place, "configured")], test: [], lookup: [] },
    hasPasslib,
  });
  const environment = createEnvironment(options);
  return { asked, render: (text: string) => environment.compile(text).render(scope) };
}

it.for([
  ["sha512", false, false],
  ["sha512", true, true],
  ["bcrypt", false, true],
] as const)(
  "a password of %s, with passlib: %s, is made in Python: %s",
  ([scheme, hasPasslib, inPython]) => {
    const { render } = environmentWith({}, hasPasslib);
    const made = render(`{{ 'x' | password_hash('${scheme}', 'salt') }}`);
    expect(made === "called").toBe(inPython);
  },
);

describe("names in templates", () => {
  it("that are built in do not start Python", () => {
    const { asked, render } = environmentWith({});
    expect(render("{{ ['a'] | join | lower is string }} {{ lookup('list', 1) }}")).toBe("True 1");
    expect(asked).toEqual([]);
  });

  it("that are built in and mentioned in somebody's file are asked for", () => {
    const { asked, render } = environmentWith({ find: () => "core" });
    expect(render("{{ 'a' | upper }} {{ [1] | to_json }}")).toBe("A [1]");
    expect(asked).toEqual(["filter upper", "filter to_json"]);
  });

  it("that are built in can be replaced, but not by their full name", () => {
    const { render } = environmentWith({ find: () => "plugin" });
    expect(render("{{ [1] | to_json }} {{ lookup('env', 'HOME') }}")).toBe("called called");
    expect(render("{{ [1, 2] | ansible.builtin.to_json }} x")).toBe("[1, 2] x");
  });

  it("that nobody knows are asked for, and give a call", () => {
    const calls: PluginCall[] = [];
    const { render } = environmentWith({
      find: () => "plugin",
      call(call) {
        calls.push(call);
        return call.kind === "test" ? false : "x";
      },
    });
    expect(render("{{ 1 | a.b.c(2, k=3) }} {{ 1 is a.b.d }} {{ query('a.b.e', 4, l=5) }}")).toBe(
      "x False ['x']",
    );
    expect(calls.map(({ kind, name, args, kwargs }) => [kind, name, args, [...kwargs]])).toEqual([
      ["filter", "a.b.c", [1, 2], [["k", 3]]],
      ["test", "a.b.d", [1], []],
      ["lookup", "a.b.e", [4], [["l", 5]]],
    ]);
  });

  it("that are built in by name only are called", () => {
    const { asked, render } = environmentWith({ call: ({ args }) => args.length });
    expect(render("{{ lookup('config', 'x') }} {{ lookup('ansible.builtin.url', 'u') }}")).toBe(
      "1 1",
    );
    expect(render("{{ 'x' | password_hash('bcrypt') }}")).toBe("6");
    expect(asked).toEqual([]);
  });

  it("that do not exist are an error of the template", () => {
    const { render } = environmentWith({});
    expect(() => render("{{ 1 | nothing }}")).toThrow(`Could not load "nothing": 'nothing'`);
    expect(() => render("{{ lookup('nothing') }}")).toThrow("lookup plugin (nothing) not found");
  });

  it("that were removed say so", () => {
    const { render } = environmentWith({
      find() {
        const python = { className: "x", traceback: "", isAnsible: true };
        throw new TemplateError("runtime", "it was removed", { python });
      },
    });
    expect(() => render("{{ 1 | a.b.c }}")).toThrow(
      `template error while templating string: Could not load "a.b.c": it was removed. String: {{ 1 | a.b.c }}`,
    );
  });

  const python = { className: "<class 'OSError'>", traceback: "", isAnsible: false };
  it.each([
    [
      "an exception with its class",
      new TemplateError("runtime", "broken", { python }),
      "An unhandled exception occurred while running the lookup plugin 'a.b.c'. Error was a <class 'OSError'>, original message: broken. broken",
    ],
    ["AnsibleLookupError as it is", new TemplateError("lookup", "none", { python }), "none"],
    ["the end of the process as it is", new TemplateError("runtime", "ended"), "ended"],
  ])("of lookups show %s", (_title, error, message) => {
    const { render } = environmentWith({
      find: () => "plugin",
      call() {
        throw error;
      },
    });
    expect(() => render("{{ lookup('a.b.c') }}")).toThrow(new RegExp(`^${escaped(message)}$`));
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
