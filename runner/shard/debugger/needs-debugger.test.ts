import { describe, expect, it } from "vitest";
import type { Task } from "../../model/play.ts";
import type { Status } from "../../model/result.ts";
import { createEnvironment, MISSING } from "../../template/environment.ts";
import { createScope, type VarScope } from "../../vars/scope.ts";
import type { TaskEnv } from "../task-env.ts";
import { checkDebugger, needsDebugger } from "./needs-debugger.ts";

const environment = createEnvironment();
const scope: VarScope = createScope({
  environment,
  layers: [{ vars: new Map([["wish", "on_failed"]]), final: false }],
  magic: () => MISSING,
  magicNames: [],
  context: { searchPaths: [], cwd: "/" },
});

interface Setting {
  readonly enabled?: boolean;
  readonly ignoreErrors?: boolean;
  readonly strategy?: string;
}

function envWith({ enabled = false, ignoreErrors = true, strategy = "linear" }: Setting): TaskEnv {
  return {
    environment,
    options: { debugger: { enabled, ignoreErrors } },
    play: { play: { strategy } },
  } as unknown as TaskEnv;
}

const taskWith = (wish: string | boolean | undefined): Task =>
  ({
    origin: { file: "site.yml", line: 1, column: 1 },
    ...(wish === undefined ? {} : { debugger: wish }),
  }) as Task;

const RESULTS: Readonly<Record<string, readonly [Status, boolean]>> = {
  ok: ["ok", false],
  skipped: ["skipped", false],
  failed: ["failed", false],
  ignored: ["failed", true],
  unreachable: ["unreachable", false],
};

function opensFor(setting: Setting, wish: string | boolean | undefined): readonly string[] {
  return Object.keys(RESULTS).filter((name) => {
    const [status, ignored] = RESULTS[name]!;
    return needsDebugger(envWith(setting), taskWith(wish), scope, status, ignored);
  });
}

const ALL = Object.keys(RESULTS);

// What `needs_debugger` of ansible-core 2.14 says to the same.
describe("the debugger opens", () => {
  it.each<[wish: string | boolean | undefined, off: readonly string[], on: readonly string[]]>([
    [undefined, [], ["failed", "unreachable"]],
    [false, [], ["failed", "unreachable"]],
    ["always", ALL, ALL],
    ["never", [], []],
    ["on_failed", ["failed"], ["failed", "unreachable"]],
    ["on_unreachable", ["unreachable"], ["failed", "unreachable"]],
    ["on_skipped", ["skipped"], ["skipped", "failed", "unreachable"]],
    ["{{ wish }}", ["failed"], ["failed", "unreachable"]],
    ["{{ nowhere }}", [], ["failed", "unreachable"]],
  ])("with debugger %j: on its own for %j, where it is enabled for %j", (wish, off, on) => {
    expect(opensFor({}, wish)).toEqual(off);
    expect(opensFor({ enabled: true }, wish)).toEqual(on);
    expect(opensFor({ strategy: "debug" }, wish)).toEqual(on);
  });

  it("for errors that are ignored where the settings say so", () => {
    const setting = { enabled: true, ignoreErrors: false };
    expect(opensFor(setting, undefined)).toEqual(["failed", "ignored", "unreachable"]);
    expect(opensFor({ ignoreErrors: false }, "on_failed")).toEqual(["failed", "ignored"]);
  });
});

describe("the keyword", () => {
  it("fails the task when it is, or gives, no word for the debugger", () => {
    const check = (wish: string): void => checkDebugger(envWith({}), taskWith(wish), scope);
    expect(() => check("{{ wish ~ '!' }}")).toThrow(
      "'on_failed!' is not a valid value for debugger",
    );
    expect(() => check("sometimes")).toThrow("'sometimes' is not a valid value for debugger");
    expect(() => check("{{ wish }}")).not.toThrow();
  });
});
