import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { mayImport } from "./installation.ts";

const place = mkdtempSync(join(tmpdir(), "installation-"));
afterAll(() => rmSync(place, { recursive: true }));

const installation = {
  root: join(place, "own/lib/python3.11/site-packages/ansible"),
  python: join(place, "own/bin/python3"),
};
const env = { HOME: join(place, "home"), PYTHONPATH: `:${join(place, "path")}` };

test.each([
  ["beside ansible", "own/lib/python3.11/site-packages", true],
  ["below the interpreter's prefix", "own/lib64/python3.12/dist-packages", true],
  ["in PYTHONPATH", "path", true],
  ["in the user's folder", "home/.local/lib/python3.11/site-packages", true],
  ["of another prefix", "other/lib/python3.11/site-packages", false],
])("a package %s", (_, folder, expected) => {
  const name = folder.replaceAll(/\W/g, "_");
  mkdirSync(join(place, folder, name), { recursive: true });
  expect(mayImport(installation, name, env)).toBe(false);
  writeFileSync(join(place, folder, name, "__init__.py"), "");
  expect(mayImport(installation, name, env)).toBe(expected);
});
