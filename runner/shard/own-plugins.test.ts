import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createOwnPlugins } from "./own-plugins.ts";

const place = mkdtempSync(join(tmpdir(), "connections-"));
afterAll(() => rmSync(place, { recursive: true }));

function pluginAt(...path: readonly string[]): void {
  mkdirSync(join(place, ...path.slice(0, -1)), { recursive: true });
  writeFileSync(join(place, ...path), "");
}

test("a plugin beside the playbook, in a role or in a configured folder hides one of its name", () => {
  pluginAt("play", "connection_plugins", "ssh.py");
  pluginAt("play", "connection_plugins", "notes.txt");
  pluginAt("role", "connection_plugins", "docker.py");
  pluginAt("configured", "local.py");
  const folders = [join(place, "play")];
  const isHidden = createOwnPlugins("connection", () => folders, [
    join(place, "configured"),
    "/none",
  ]);
  expect(["ssh", "local", "docker", "notes"].map(isHidden)).toEqual([true, true, false, false]);
  folders.push(join(place, "role"), join(place, "none"));
  expect(isHidden("docker")).toBe(true);
});

test("plugins of another kind hide nothing", () => {
  pluginAt("both", "become_plugins", "sudo.py");
  pluginAt("both", "connection_plugins", "ssh.py");
  const isHidden = createOwnPlugins("become", () => [join(place, "both")], []);
  expect(["ssh", "sudo"].map(isHidden)).toEqual([false, true]);
});
