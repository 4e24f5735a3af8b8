import type { ParsedKey } from "ssh2";
import { describe, expect, it } from "vitest";
import type { SshSpec } from "./spec.ts";
import type { LoginMeans, LoginPlan } from "./ssh-auth.ts";
import { planLogin } from "./ssh-auth.ts";

const key = (name: string) =>
  ({ comment: name, getPublicSSH: () => Buffer.from(name) }) as unknown as ParsedKey;
const file = (name: string) => ({ kind: "key", path: `/k/${name}`, key: key(name) }) as const;

const spec: SshSpec = {
  kind: "ssh",
  host: "h",
  port: 22,
  user: "u",
  name: "web1",
  password: "s3cret",
  privateKeys: [],
  hostKeyChecking: true,
  knownHostsFiles: [],
  connectTimeout: 1,
  pythons: [],
};

function plan(means: Partial<LoginMeans>, changes: Partial<SshSpec> = {}) {
  return planLogin(
    { ...spec, ...changes },
    { agent: undefined, keys: [], proven: new Set(), ...means },
  );
}

/** Tries way after way, as a server that refuses each would have it. */
function tryAll(on: LoginPlan, left: readonly string[] | null = null): string {
  while (on.next(left) !== false) {
    // Its place in the list is told by describe().
  }
  return on.describe();
}

describe("planLogin", () => {
  it("goes from the agent's keys over key files to the password", () => {
    const agent = { keys: [key("one"), key("")] };
    expect(tryAll(plan({ agent, keys: [file("a"), file("b")] }))).toBe(
      "tried ssh agent (one), ssh agent (key 2), /k/a, /k/b, password, keyboard-interactive",
    );
  });

  it("leaves out what the server does not take", () => {
    expect(tryAll(plan({ keys: [file("a")] }), ["keyboard-interactive"])).toBe(
      "tried keyboard-interactive",
    );
  });

  it("tries first the key that worked before, for the same account, but never a password", () => {
    const proven = new Set<string>();
    const means = { keys: [file("a"), file("b")], proven };
    const first = plan(means);
    first.next([]);
    const fresh = plan(means);
    fresh.next(null);
    expect(fresh.isLikely()).toBe(false);
    fresh.next(null);
    fresh.succeeded();
    const again = plan(means);
    again.next(null);
    expect([again.describe(), again.isLikely()]).toEqual(["tried /k/b", true]);
    const other = plan(means, { user: "someone else" });
    other.next(null);
    expect(other.describe()).toBe("tried /k/a");
    const byPassword = plan({ proven: new Set() });
    byPassword.next(["password"]);
    byPassword.succeeded();
    expect(tryAll(plan({ keys: [file("a")], proven }))).toMatch(/^tried \/k\/a, password/);
  });

  it("signs at once with key files and with the only key of an agent, not with one of many", () => {
    const signs = (means: Partial<LoginMeans>) => {
      const made = plan(means);
      made.next(null);
      return made.signsAtOnce();
    };
    expect(signs({ keys: [file("a"), file("b")] })).toBe(true);
    expect(signs({ agent: { keys: [key("a")] } })).toBe(true);
    expect(signs({ agent: { keys: [key("a"), key("b")] } })).toBe(false);
  });

  it("says what could not be used", () => {
    const bad = { kind: "problem", path: "/k/x", what: "no such file" } as const;
    const agent = { keys: [], problem: "ssh agent /s: ENOENT" };
    const made = planLogin(
      { ...spec, password: undefined as unknown as string },
      { agent, keys: [bad], proven: new Set() },
    );
    expect(tryAll(made)).toBe(
      "there was nothing to try; not usable: ssh agent /s: ENOENT; /k/x: no such file",
    );
  });

  it("answers hidden questions with the password, once", () => {
    const made = plan({});
    const method = made.next(["keyboard-interactive"]);
    if (method === false || method.type !== "keyboard-interactive") {
      throw new Error("not keyboard-interactive");
    }
    const answers: unknown[] = [];
    const ask = () =>
      method.prompt(
        "",
        "",
        "",
        [
          { prompt: "Password:", echo: false },
          { prompt: "Name:", echo: true },
        ],
        (given) => answers.push(given),
      );
    ask();
    ask();
    expect(answers).toEqual([["s3cret", ""], []]);
  });
});
