import { describe, expect, it } from "vitest";
import { commandThrough, methodOf, toSpawn } from "./methods.ts";
import { createPromptWatcher } from "./prompts.ts";
import type { HopSpec } from "./spec.ts";
import { quoteWord, splitWords } from "./words.ts";

describe("argv", () => {
  it.each<[HopSpec, string]>([
    [{ method: "sudo", user: "root" }, "sudo -H -S -n -u root /bin/sh -c {boot}"],
    [
      { method: "sudo", user: "root", password: "x" },
      "sudo -H -S -p [sudo via skein] password: -u root /bin/sh -c {boot}",
    ],
    [
      { method: "sudo", user: "app", password: "x", flags: "-Hn --non-interactive -Sn" },
      "sudo -H -S -p [sudo via skein] password: -u app /bin/sh -c {boot}",
    ],
    [
      { method: "sudo", user: "app", exe: "/opt/my\\ sudo", flags: "" },
      "/opt/my sudo -u app /bin/sh -c {boot}",
    ],
    [{ method: "su", user: "app", flags: "-l" }, "su -l app -c {boot}"],
    [{ method: "su", user: "" }, "su root -c {boot}"],
    [{ method: "doas", user: "app" }, "doas -n -u app /bin/sh -c {boot}"],
    [{ method: "doas", user: "app", password: "x" }, "doas -u app /bin/sh -c {boot}"],
  ])("of %j", (hop, expected) => {
    expect(methodOf(hop).argv(hop, "{boot}").join(" ")).toBe(expected);
  });

  it("never holds the password", () => {
    for (const method of ["sudo", "su", "doas"] as const) {
      const spawn = toSpawn({ method, user: "root", password: "s3cret" });
      expect(JSON.stringify(spawn.payload["argv"])).not.toContain("s3cret");
      expect(spawn.title).toBe(`${method} to root`);
      expect(spawn.payload["password"]).toEqual(new TextEncoder().encode("s3cret"));
    }
  });

  it("is typed as one line, one hop inside the other", () => {
    const hops: HopSpec[] = [
      { method: "sudo", user: "root", password: "s3cret" },
      { method: "su", user: "app" },
    ];
    expect(commandThrough(hops, "id")).toBe(
      "sudo -H -S -p '[sudo via skein] password:' -u root /bin/sh -c 'su app -c id'",
    );
    expect(commandThrough([], "id")).toBe("id");
  });

  it("of an unknown method is an error that names the known ones", () => {
    const hop = { method: "constructor", user: "x" } as unknown as HopSpec;
    expect(() => toSpawn(hop)).toThrow("Use one of sudo, su, doas");
  });
});

describe("prompts and failures", () => {
  it.each<[HopSpec["method"], string]>([
    ["sudo", "[sudo via skein] password:"],
    ["su", "Password: "],
    ["su", "Passwort: "],
    ["su", "Mot de passe : "],
    ["su", "Contraseña: "],
    ["su", "密码："],
    ["doas", "doas (me@host) password: "],
  ])("%s asks %j", (method, text) => {
    expect(new RegExp(methodOf({ method, user: "x" }).prompt).test(text)).toBe(true);
  });
});

describe("createPromptWatcher", () => {
  const watch = (hasPassword: boolean) =>
    createPromptWatcher({
      marker: "MARK",
      prompt: /\[sudo\] password:/,
      failed: [["Sorry, try again\\.", "Incorrect sudo password"]],
      hasPassword,
    });
  const text = (value: string) => Buffer.from(value);

  it("answers a prompt that comes in pieces, once, and sees the start", () => {
    const watcher = watch(true);
    const verdicts = ["lecture\n[su", "do] pass", "word:"].map((piece) =>
      watcher.push("stderr", text(piece)),
    );
    expect(verdicts.map((verdict) => verdict.kind)).toEqual(["wait", "wait", "answer"]);
    expect(watcher.push("stderr", text("\n")).kind).toBe("wait");
    expect(watcher.push("stdout", text("MA")).kind).toBe("wait");
    const started = watcher.push("stdout", text("RK\nout"));
    expect(started).toEqual({ kind: "started", rest: Buffer.from("out") });
    expect(watcher.push("stderr", text("[sudo] password:")).kind).toBe("wait");
    expect(Buffer.from(watcher.stderr()).toString()).toBe("lecture\n\n");
  });

  it("knows the marker behind a terminal's line end", () => {
    const started = watch(false).push("stdout", text("MARK\r\n\u00e9"));
    expect(started).toEqual({ kind: "started", rest: Buffer.from("\u00e9") });
  });

  it.each<[string, boolean, readonly string[], string]>([
    ["a prompt without a password", false, ["[sudo] password:"], "missing"],
    ["a second prompt", true, ["[sudo] password:", "\n[sudo] password:"], "wrong"],
    [
      "a refusal before the second prompt",
      true,
      ["[sudo] password:", "\nSorry, try again.\n"],
      "failed",
    ],
    ["other words", true, ["hello"], "wait"],
  ])("%s", (_, hasPassword, pieces, expected) => {
    const watcher = watch(hasPassword);
    const kinds = pieces.map((piece) => watcher.push("stderr", text(piece)).kind);
    expect(kinds.at(-1)).toBe(expected);
  });
});

describe("words", () => {
  it.each<[string, readonly string[]]>([
    ["", []],
    ["  -H  -S ", ["-H", "-S"]],
    [`-p 'a b' "c \\"d\\" $e"`, ["-p", "a b", 'c "d" $e']],
    [`a'b'"c"d ''`, ["abcd", ""]],
    ["a\\ b", ["a b"]],
  ])("splits %j", (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  it("refuses a quote that is not closed", () => {
    expect(() => splitWords("a 'b")).toThrow("not closed");
  });

  it.each([
    ["plain/word-1.x", "plain/word-1.x"],
    ["a b", "'a b'"],
    ["it's", `'it'"'"'s'`],
    ["", "''"],
    ["$(x)", "'$(x)'"],
  ])("quotes %j", (word, quoted) => {
    expect(quoteWord(word)).toBe(quoted);
  });
});
