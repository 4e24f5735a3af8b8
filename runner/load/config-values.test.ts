import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pyStr } from "../template/py-repr.ts";
import { configDefinitions, configValues } from "./config-values.ts";

const home = mkdtempSync(join(tmpdir(), "config-"));
mkdirSync(join(home, "config"));
writeFileSync(
  join(home, "config", "base.yml"),
  `HOME_DIR:
  default: ~/.ansible
  type: path
  env: [{name: T_HOME}]
PATHS:
  default: '{{ HOME_DIR ~ "/roles:/usr/share" }}'
  type: pathspec
  env: [{name: T_PATHS}]
  ini: [{key: paths, section: defaults}]
FORKS:
  default: 5
  type: integer
  env: [{name: T_OLD_FORKS, deprecated: {why: old}}, {name: T_FORKS}]
  ini: [{key: forks, section: defaults}]
LIST:
  default: [a, b]
  type: list
  ini: [{key: list, section: other}]
IGNORED:
  default: "{{(REJECT_EXTS + ('.x', ))}}"
  type: list
FLAG:
  default: false
  type: bool
  ini: [{key: flag, section: defaults}]
RATE:
  default: 0.1
  type: float
NAME:
  default: null
  ini: [{key: name, section: defaults}]
_PRIVATE:
  default: 1
`,
);
const cfg = join(home, "ansible.cfg");
writeFileSync(
  cfg,
  '[defaults]\nforks = 7\npaths = r1:../r2\nflag = yes\nname = "bob"\n[other]\nlist = x, "y"\n',
);

function dump(env: Readonly<Record<string, string>>, file?: string): Record<string, string> {
  const values = configValues({
    root: home,
    env: { HOME: "/home/me", ANSIBLE_CONFIG: "/nonexistent", ...env },
    cwd: "/",
    file,
    warn: () => {},
  });
  return Object.fromEntries(
    values.map(({ name, origin, value }) => [
      name,
      `${origin.replace(cfg, "CFG")} ${pyStr(value)}`,
    ]),
  );
}

describe("settings and where they come from", () => {
  test("are the defaults, rendered with each other, when nothing is said", () => {
    expect(dump({})).toEqual({
      CONFIG_FILE: " None",
      FLAG: "default False",
      FORKS: "default 5",
      HOME_DIR: "default /home/me/.ansible",
      IGNORED: "default ('.pyc', '.pyo', '.swp', '.bak', '~', '.rpm', '.md', '.txt', '.rst', '.x')",
      LIST: "default ['a', 'b']",
      NAME: "default None",
      PATHS: "default ['/home/me/.ansible/roles', '/usr/share']",
      RATE: "default 0.1",
    });
  });

  test("come from the file, with paths that start beside it", () => {
    expect(dump({}, cfg)).toMatchObject({
      CONFIG_FILE: ` ${cfg}`,
      FLAG: "CFG True",
      FORKS: "CFG 7",
      LIST: "CFG ['x', 'y']",
      NAME: "CFG bob",
      PATHS: `CFG ['${home}/r1', '${join(home, "../r2")}']`,
    });
  });

  test.each([
    [{ T_FORKS: "9" }, "FORKS", "env: T_FORKS 9"],
    [{ T_OLD_FORKS: "8" }, "FORKS", "env: T_OLD_FORKS 8"],
    [{ T_OLD_FORKS: "8", T_FORKS: "9" }, "FORKS", "env: T_FORKS 9"],
    // An empty variable counts for text only.
    [{ T_FORKS: "" }, "FORKS", "default 5"],
    [{ T_HOME: "/x" }, "PATHS", "CFG "],
  ])("come from the environment first: %j", (env, name, value) => {
    expect(dump(env, cfg)[name]).toContain(value);
  });

  test("must be of their type", () => {
    expect(() => dump({ T_FORKS: "many" })).toThrow(
      "FORKS (from env: T_FORKS): invalid literal for int() with base 10: 'many'",
    );
  });

  test("say who deprecates what", () => {
    const text = JSON.stringify([...configDefinitions(home)], (_key, value: unknown) =>
      value instanceof Map ? Object.fromEntries(value) : value,
    );
    expect(text).toContain('{"why":"old","collection_name":"ansible.builtin"}');
    expect(text).not.toContain("_PRIVATE");
  });
});
