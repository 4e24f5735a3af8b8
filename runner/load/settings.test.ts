import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseIni } from "./config-file.ts";
import { loadSettings } from "./settings.ts";
import { LoadError } from "./source.ts";

const directory = mkdtempSync(join(tmpdir(), "settings-"));
afterAll(() => rmSync(directory, { recursive: true }));

function settingsOf(cfg: string, env: Record<string, string> = {}, flags = {}) {
  const file = join(directory, "ansible.cfg");
  writeFileSync(file, cfg);
  return loadSettings({
    env: { HOME: "/home/me", ANSIBLE_CONFIG: file, ...env },
    cwd: "/work/dir",
    flags,
  });
}

describe("settings", () => {
  it("are Ansible's defaults without any configuration", () => {
    const settings = loadSettings({
      env: { HOME: "/home/me", ANSIBLE_CONFIG: "/nonexistent.cfg" },
      cwd: "/nonexistent",
    });
    expect(settings.forks).toEqual({ value: 5, source: "default" });
    expect(settings.rolesPath.value).toEqual([
      "/home/me/.ansible/roles",
      "/usr/share/ansible/roles",
      "/etc/ansible/roles",
    ]);
    expect(settings.gathering.value).toBe("implicit");
    expect(settings.hostKeyChecking.value).toBe(true);
    expect(settings.colorUnreachable.value).toBe("bright red");
  });

  it("rank flag over environment over file, and say where each comes from", () => {
    const cfg =
      "[defaults]\n# comment\nforks = 10 ; inline\ntimeout=20\nremote_user: joe\nunknown = ignored\n[diff]\nalways = yes\n";
    const settings = settingsOf(cfg, { ANSIBLE_TIMEOUT: "30" }, { remoteUser: "ann" });
    expect(settings.forks).toEqual({ value: 10, source: `${join(directory, "ansible.cfg")}:3` });
    expect(settings.timeout).toEqual({ value: 30, source: "env: ANSIBLE_TIMEOUT" });
    expect(settings.remoteUser).toEqual({ value: "ann", source: "flag" });
    expect(settings.diffAlways.value).toBe(true);
  });

  it("resolve paths of the file beside the file, and those of the environment from the working directory", () => {
    const settings = settingsOf(
      "[defaults]\nroles_path = roles:~/r:$X/y\ninventory = hosts, more\n",
      { ANSIBLE_LIBRARY: "lib", X: "/x" },
    );
    expect(settings.rolesPath.value).toEqual([join(directory, "roles"), "/home/me/r", "/x/y"]);
    expect(settings.inventory.value).toEqual([join(directory, "hosts"), join(directory, "more")]);
    expect(settings.library.value).toEqual(["/work/dir/lib"]);
  });

  it("are refused where they ask for what is not built", () => {
    expect(() => settingsOf("", { ANSIBLE_PLAYBOOK_VARS_ROOT: "all" })).toThrow(
      "playbook_vars_root = all (from env: ANSIBLE_PLAYBOOK_VARS_ROOT) is not supported",
    );
  });

  it.each([
    ["[defaults]\nforks = many\n", "Invalid value for defaults.forks: 'many' is not an integer"],
    [
      "[defaults]\ngathering = sometimes\n",
      "Invalid value for defaults.gathering: 'sometimes' is none of implicit, explicit, smart",
    ],
    ["forks = 5\n", "File contains no section headers."],
  ])("refuse %j with the reason", (cfg, message) => {
    const run = () => settingsOf(cfg);
    expect(run).toThrow(LoadError);
    expect(run).toThrow(message);
    expect(run).toThrow("ansible.cfg");
  });

  it("do not come from a working directory that anybody may write", () => {
    const open = mkdtempSync(join(directory, "open-"));
    writeFileSync(join(open, "ansible.cfg"), "[defaults]\nforks = 99\n");
    const warnings: string[] = [];
    const load = () =>
      loadSettings({
        env: { HOME: "/nonexistent" },
        cwd: open,
        warn: (text) => warnings.push(text),
      });
    expect(load().forks.value).toBe(99);
    chmodSync(open, 0o777);
    expect(load().forks.value).not.toBe(99);
    expect(warnings).toEqual([expect.stringContaining("world writable directory")]);
  });
});

describe("an INI file", () => {
  it("keeps continued values, lower-cases keys, and knows lines", () => {
    const ini = parseIni("[a]\nKey = one\n  two\n; no\nother: x=y\n\n[b]\n", "f");
    expect(ini.get("a")?.get("key")).toEqual({ value: "one\ntwo", line: 2 });
    expect(ini.get("a")?.get("other")).toEqual({ value: "x=y", line: 5 });
    expect([...ini.keys()]).toEqual(["a", "b"]);
  });
});

// `ansible-doc -t callback default`.
describe("options of the default callback", () => {
  it.each([
    ["checkModeMarkers", "CHECK_MODE_MARKERS", "check_mode_markers", false, true],
    ["displayFailedStderr", "DISPLAY_FAILED_STDERR", "display_failed_stderr", false, true],
    ["displayOkHosts", "DISPLAY_OK_HOSTS", "display_ok_hosts", true, false],
    ["displaySkippedHosts", "DISPLAY_SKIPPED_HOSTS", "display_skipped_hosts", true, false],
    ["formatPretty", "CALLBACK_FORMAT_PRETTY", "callback_format_pretty", undefined, true],
    ["resultFormat", "CALLBACK_RESULT_FORMAT", "callback_result_format", "json", "yaml"],
    ["showCustomStats", "SHOW_CUSTOM_STATS", "show_custom_stats", false, true],
    ["showPerHostStart", "SHOW_PER_HOST_START", "show_per_host_start", false, true],
    [
      "showTaskPathOnFailure",
      "SHOW_TASK_PATH_ON_FAILURE",
      "show_task_path_on_failure",
      false,
      true,
    ],
    ["displayArgsToStdout", "DISPLAY_ARGS_TO_STDOUT", "display_args_to_stdout", false, true],
  ] as const)("%s: ANSIBLE_%s, %s", (name, env, ini, fallback, other) => {
    expect(settingsOf("")[name].value).toBe(fallback);
    expect(settingsOf("", { [`ANSIBLE_${env}`]: String(other) })[name].value).toBe(other);
    expect(settingsOf(`[defaults]\n${ini} = ${other}\n`)[name].value).toBe(other);
  });
});
