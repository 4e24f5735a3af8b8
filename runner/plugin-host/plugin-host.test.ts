import { describe, expect, it } from "vitest";
import { TemplateError } from "../template/error.ts";
import { MISSING, type Scope } from "../template/run.ts";
import type { PluginLog } from "./conversation.ts";
import { unmarshal } from "./marshal-decode.ts";
import { marshal } from "./marshal-encode.ts";
import { createPluginHost, type PluginHostOptions } from "./plugin-host.ts";
import { type HostChannel, HostGone } from "./python-process.ts";

/** The far side of a host as a function of what it is sent: the messages that it writes. "gone" ends it. */
type Script = (message: readonly unknown[]) => readonly (readonly unknown[] | "gone")[];

interface Fake {
  readonly heard: (readonly unknown[])[];
  starts: number;
  closed: number;
}

function hostOf(script: Script, more: Partial<PluginHostOptions> = {}) {
  const fake: Fake = { heard: [], starts: 0, closed: 0 };
  const logs: PluginLog[] = [];
  const start = (): HostChannel => {
    fake.starts++;
    let bytes = Buffer.alloc(0);
    let isGone = false;
    return {
      send(frame) {
        const message = unmarshal(Buffer.from(frame.subarray(5)), frame[4] === 1);
        fake.heard.push(message as readonly unknown[]);
        for (const answer of script(message as readonly unknown[])) {
          if (answer === "gone") {
            isGone = true;
            continue;
          }
          const body = marshal(answer, () => [0, 0]).bytes;
          const head = Buffer.alloc(5);
          head.writeUInt32LE(body.length);
          bytes = Buffer.concat([bytes, head, body]);
        }
      },
      receive(size) {
        if (bytes.length < size && isGone) throw new HostGone("gone");
        if (bytes.length < size) throw new Error("the test would wait for ever");
        const piece = bytes.subarray(0, size);
        bytes = bytes.subarray(size);
        return piece;
      },
      end() {
        fake.closed++;
      },
      close() {
        fake.closed++;
      },
    };
  };
  const host = createPluginHost({
    python: "python3",
    root: "/site/ansible",
    basedir: "/play",
    playbookDirs: () => ["/play"],
    folders: () => ["/play"],
    verbosity: 0,
    timeout: 0,
    secrets: [],
    log: (entry) => logs.push(entry),
    start,
    ...more,
  });
  return { host, fake, logs };
}

const scopeOf = (variables: Readonly<Record<string, unknown>>): Scope => ({
  get: (name) => (Object.hasOwn(variables, name) ? variables[name] : MISSING),
  context: { searchPaths: [], cwd: "/", scopeVars: () => Object.keys(variables) },
});

const call = (scope: Scope = scopeOf({})) =>
  ({ kind: "filter", name: "f", args: [1], kwargs: new Map(), scope }) as const;

/** Answers `init`, and leaves the rest to another script. */
const ready =
  (script: Script): Script =>
  (message) =>
    message[0] === "init" ? [["ok", null]] : script(message);

describe("a plugin host", () => {
  it("is not started before it is asked", () => {
    const { host, fake } = hostOf(ready(() => [["ok", 2]]));
    expect(fake.starts).toBe(0);
    expect(host.call(call())).toBe(2);
    expect(host.call(call())).toBe(2);
    expect(fake.starts).toBe(1);
    expect(fake.heard.map(([kind]) => kind)).toEqual(["init", "filter", "filter"]);
  });

  it("remembers where a plugin comes from until there are more folders", () => {
    const folders = ["/play"];
    const { host, fake } = hostOf(
      ready(([kind]) => [["ok", kind === "find" ? "plugin" : null]]),
      { folders: () => folders },
    );
    expect(host.find("filter", "x")).toBe("plugin");
    expect(host.find("filter", "x")).toBe("plugin");
    folders.push("/role");
    expect(host.find("filter", "x")).toBe("plugin");
    expect(fake.heard.slice(1)).toEqual([
      ["find", "filter", "x"],
      ["dirs", ["/role"]],
      ["find", "filter", "x"],
    ]);
  });

  it("answers what a plugin asks about the variables of its call", () => {
    const { host, fake } = hostOf(
      ready(([kind]) =>
        kind === "filter"
          ? [
              ["get", 0, 0, "a"],
              ["has", 0, 0, "b"],
              ["keys", 0, 0],
              ["ok", true],
            ]
          : [],
      ),
    );
    expect(host.call(call(scopeOf({ a: 5 })))).toBe(true);
    const answers = fake.heard.slice(2).map(([kind, value]) => [kind, value]);
    expect(answers).toEqual([
      ["value", [5, true]],
      ["value", false],
      ["value", ["a"]],
    ]);
  });

  it("lets a variable that a plugin asks for call another plugin", () => {
    const { host } = hostOf(
      ready(([kind, name]) => {
        if (kind === "filter") return name === "f" ? [["get", 0, 0, "a"]] : [["ok", "inner"]];
        return [["ok", "outer"]];
      }),
    );
    const seen: unknown[] = [];
    const scope: Scope = {
      ...scopeOf({}),
      get(name) {
        seen.push(name, host.call({ ...call(), name: "g" }));
        return 1;
      },
    };
    expect(host.call(call(scope))).toBe("outer");
    expect(seen).toEqual(["a", "inner"]);
  });

  it("tells a plugin that a variable is undefined, and shows what it makes of it", () => {
    const { host, fake } = hostOf(
      ready(([kind]) =>
        kind === "filter"
          ? [["get", 0, 0, "a"]]
          : [
              [
                "error",
                new Map([
                  ["kind", "undefined"],
                  ["message", "no a"],
                ]),
              ],
            ],
      ),
    );
    const scope: Scope = {
      ...scopeOf({}),
      get() {
        throw new TemplateError("undefined", "'z' is undefined");
      },
    };
    expect(() => host.call(call(scope))).toThrow("no a");
    expect(fake.heard.at(-1)).toEqual(["raise", true, "'z' is undefined"]);
  });

  it("hands an error on that is none of templates, whatever the plugin does with it", () => {
    class NeedsMore extends Error {}
    const { host } = hostOf(
      ready(([kind]) => (kind === "filter" ? [["get", 0, 0, "a"]] : [["ok", "swallowed"]])),
    );
    const scope: Scope = {
      ...scopeOf({}),
      get() {
        throw new NeedsMore("from elsewhere");
      },
    };
    expect(() => host.call(call(scope))).toThrow(NeedsMore);
  });

  it("throws what a plugin throws, with its class", () => {
    const facts = new Map<string, unknown>([
      ["kind", "value"],
      ["message", "bad"],
      ["class", "<class 'ValueError'>"],
      ["traceback", "Traceback ..."],
      ["ansible", false],
    ]);
    const { host, logs } = hostOf(ready(() => [["error", facts]]));
    let thrown: unknown;
    try {
      host.call(call());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      kind: "value",
      message: "bad",
      python: { className: "<class 'ValueError'>", isAnsible: false },
    });
    expect(logs).toMatchObject([{ kind: "verbose", level: 3 }]);
  });

  it("fails the call in which its process ends, and starts another for the next", () => {
    let calls = 0;
    let ends = 0;
    const { host, fake } = hostOf(
      ready(() => (calls++ === 0 ? ["gone"] : [["ok", "again"]])),
      { onEnd: () => ends++ },
    );
    expect(() => host.call(call())).toThrow(
      "the Python process for plugins ended while it ran the filter plugin 'f'",
    );
    expect(fake.closed).toBe(1);
    expect(host.call(call())).toBe("again");
    expect(fake.starts).toBe(2);
    expect(ends).toBe(1);
  });

  it("says when a plugin was ended for its time", () => {
    const until = Date.now();
    const { host } = hostOf(
      ready(() => {
        while (Date.now() < until + 60);
        return ["gone"];
      }),
      { timeout: 0.05 },
    );
    expect(() => host.call(call())).toThrow(
      "the filter plugin 'f' did not come back within 0.05 seconds, and was ended",
    );
  });

  it("says when its process cannot be started", () => {
    const { host } = hostOf(() => ["gone"]);
    expect(() => host.call(call())).toThrow(
      "the Python process for plugins (python3) could not be started: gone",
    );
  });

  it("shows what plugins show", () => {
    const { host, logs } = hostOf(
      ready(() => [
        ["log", "warning", "careful"],
        ["log", "3", "details"],
        ["ok", null],
      ]),
    );
    host.call(call());
    expect(logs).toEqual([
      { kind: "warning", text: "careful" },
      { kind: "verbose", level: 3, text: "details" },
    ]);
  });
});
