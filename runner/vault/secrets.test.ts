import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { seal } from "./cipher.ts";
import { formatEnvelope } from "./envelope.ts";
import { readSecrets, type SecretSources } from "./secrets.ts";

const home = mkdtempSync(join(tmpdir(), "secrets-"));
const put = (name: string, text: string, mode = 0o600): void => {
  writeFileSync(join(home, name), text);
  chmodSync(join(home, name), mode);
};
put("one", "  first \n");
put("empty", "\n");
put("locked", formatEnvelope(seal(Buffer.from("inner\n"), Buffer.from("first")), undefined));
put("script.sh", '#!/bin/sh\necho "said $#"\n', 0o700);
put(
  "ring-client.sh",
  '#!/bin/sh\n[ "$2" = dev ] || { echo none >&2; exit 2; }\necho "$1 $2"\n',
  0o700,
);
put("fails", "#!/bin/sh\nexit 3\n", 0o700);

function read(sources: Partial<SecretSources>, answer?: string) {
  const warnings: string[] = [];
  const prompts: string[] = [];
  const all = { ids: [], passwordFiles: [], ask: false, defaultId: "default", matchId: false };
  const result = async (): Promise<string[]> => {
    const { secrets } = await readSecrets(
      { ...all, ...sources },
      {
        askSecret: (prompt) => {
          prompts.push(prompt);
          return Promise.resolve(answer);
        },
        warn: (text) => warnings.push(text.replaceAll(home, "")),
        expand: (path) => resolve(home, path),
      },
    );
    return secrets.map(({ id, password }) => `${id}=${Buffer.from(password).toString()}`);
  };
  return { result, warnings, prompts };
}

describe("readSecrets()", () => {
  test.each([
    ["a file, without the space around", { passwordFiles: ["one"] }, ["default=first"]],
    ["a labelled file", { ids: ["dev@one"] }, ["dev=first"]],
    ["a script, which is given no argument", { ids: ["dev@script.sh"] }, ["dev=said 0"]],
    [
      "a client script, which is told the label",
      { ids: ["dev@ring-client.sh"] },
      ["dev=--vault-id dev"],
    ],
    ["ids before files", { ids: ["a@one"], passwordFiles: ["one"] }, ["a=first", "default=first"]],
    [
      "a password file encrypted with an earlier one",
      { ids: ["one", "b@locked"] },
      ["default=first", "b=inner"],
    ],
  ] as const)("reads %s", async (_title, sources, expected) => {
    expect(await read(sources).result()).toEqual(expected);
  });

  test.each([
    [{ ids: ["nowhere"] }, "(None): The vault password file /nowhere was not found"],
    [
      { passwordFiles: ["empty"] },
      "(default): Invalid vault password was provided from file (/empty)",
    ],
    [{ ids: ["x@ring-client.sh"] }, "did not find a secret for vault-id=x: none"],
    [{ ids: ["x@fails"] }, "Vault password script /fails returned non-zero (3): None"],
    [{ ids: ["locked"] }, "Attempting to decrypt but no vault secrets found"],
  ] as const satisfies readonly (readonly [Partial<SecretSources>, string])[])(
    "%j is a warning, and an error when nothing else is there",
    async (sources, words) => {
      const alone = read(sources);
      await expect(alone.result()).rejects.toThrow(/./);
      expect(alone.warnings[0]).toContain(words);
      const { ids: given = [] }: Partial<SecretSources> = sources;
      const ids = given.filter((id) => id !== "locked");
      const beside = read({ ...sources, ids: [...ids, "ok@one"] });
      expect(await beside.result()).toEqual(["ok=first"]);
    },
  );

  test("prompts name the label unless --ask-vault-password asks", async () => {
    const both = read({ ids: ["dev@prompt"], ask: true }, " typed ");
    expect(await both.result()).toEqual(["dev=typed", "default=typed"]);
    expect(both.prompts).toEqual(["Vault password (dev): ", "Vault password: "]);
  });

  test.each([
    ["", "Invalid vault password was provided"],
    [undefined, "EOFError (ctrl-d) on prompt for (default)"],
  ])("the answer %j ends the run", async (answer, message) => {
    await expect(read({ ask: true }, answer).result()).rejects.toThrow(message);
  });
});
