import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Dict, dictOf, type Value } from "../../model/value.ts";
import type { ActionInput } from "./action.ts";
import { assembleAction } from "./assemble.ts";

const root = mkdtempSync(join(tmpdir(), "assemble-"));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, "parts");
mkdirSync(join(folder, "folder"), { recursive: true });
for (const [name, text] of [
  ["20-b", "b"],
  ["10-a", "a\n"],
  [".hidden", "hidden\n"],
  ["30-c.conf", "c\n"],
] as const)
  writeFileSync(join(folder, name), text);
symlinkSync("10-a", join(folder, "40-link"));
symlinkSync("nowhere", join(folder, "50-dangling"));

/** The content that is put at the destination, and the arguments of the copy module; or the result. */
function assemble(args: Readonly<Record<string, Value>>, checkMode = false) {
  const invoked: Dict[] = [];
  const input = {
    args: dictOf({ src: "parts", dest: "/d", remote_src: false, ...args }),
    flags: { checkMode, diff: false },
    options: { maxDiffSize: 1000 },
    task: { action: "assemble", resolvedAction: "ansible.builtin.assemble" },
    findFile: (kind: string, name: string) => {
      if (name !== "parts" && name !== "parts/10-a")
        throw new Error(`${kind}/${name} is not there`);
      return join(root, name);
    },
    invoke: (module: string, given: Dict) => {
      invoked.push(given);
      return { call: { module }, sources: [] };
    },
  } as unknown as ActionInput;
  const prepared = assembleAction.prepare(input);
  if (prepared.kind === "done") return { result: Object.fromEntries(prepared.result) };
  if (prepared.kind !== "call") throw new Error("what is small travels with the call");
  const data = prepared.call.place?.data;
  return {
    text: data instanceof Uint8Array ? Buffer.from(data).toString() : undefined,
    args: Object.fromEntries(invoked[0]!),
  };
}

// What ansible-playbook 2.14 wrote of the same fragments.
describe("assemble of fragments of the controller", () => {
  it.each([
    [{}, "hidden\na\nb\nc\na\n"],
    [{ ignore_hidden: true }, "a\nb\nc\na\n"],
    [{ regexp: "^[12]" }, "a\nb"],
    [{ regexp: "conf$" }, "c\n"],
    [{ regexp: "^x" }, ""],
    [{ regexp: "^[123]", delimiter: "---" }, "a\n---\nb\n---\nc\n"],
    [{ regexp: "^[12]", delimiter: "x\\ny" }, "a\nx\ny\nb"],
    [{ regexp: "^[12]", delimiter: "é\\x41\\101\n" }, "a\néAA\n\nb"],
  ])("with %j is %j", (args, text) => {
    expect(assemble(args as Record<string, Value>).text).toBe(text);
  });

  it("hands what it does not know itself to the copy module", () => {
    const { args } = assemble({ mode: "0600", backup: true, regexp: "x", decrypt: false });
    expect(args).toMatchObject({ dest: "/d", mode: "0600", backup: true });
    for (const own of ["regexp", "remote_src", "decrypt", "delimiter", "ignore_hidden"])
      expect(args).not.toHaveProperty(own);
  });

  it.each([
    [{ src: "parts/10-a" }, `Source (${join(root, "parts/10-a")}) is not a directory`],
    [{ src: "nothing" }, "files/nothing is not there"],
    [{ dest: null }, "src and dest are required"],
  ])("refuses %j", (args, msg) => {
    expect(assemble(args as Record<string, Value>).result).toMatchObject({ failed: true, msg });
  });

  it("is skipped in check mode, of remote fragments too", () => {
    const skipped = { skipped: true, msg: "check mode is not supported for this task." };
    expect(assemble({}, true).result).toEqual(skipped);
    expect(assemble({ remote_src: true }, true).result).toEqual(skipped);
  });
});
