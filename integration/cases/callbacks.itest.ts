import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { masked } from "../harness/compare.ts";
import { type Engine, runCli } from "../harness/run-cli.ts";
import { sample } from "../harness/sample.ts";

/*
 * One playbook (callbacks/playbook.yml) under each of these callback plugins. callbacks/NAME.txt is what ansible-playbook wrote:
 * SKEIN_RECORD_CALLBACKS=1 runs it and writes them anew.
 */
const FOLDER = new URL("callbacks/", import.meta.url);
const SHOWN = [
  "ansible.posix.debug",
  "ansible.posix.json",
  "ansible.posix.jsonl",
  "ansible.posix.skippy",
  "community.general.counter_enabled",
  "community.general.diy",
  "community.general.null",
  "community.general.selective",
  "community.general.unixy",
  "community.general.yaml",
  "minimal",
  "oneline",
] as const;
const HEARD = [
  "ansible.posix.profile_roles",
  "ansible.posix.profile_tasks",
  "ansible.posix.timer",
  "community.general.log_plays",
  "community.general.say",
  "junit",
] as const;
const NAMES = [...SHOWN, ...HEARD];
const { seed, release, chosen } = sample(NAMES);
const records = process.env["SKEIN_RECORD_CALLBACKS"] === "1";

describe.concurrent("skein under a callback plugin", () => {
  it.for(NAMES)("%s", async (name) => {
    if (records) await writeFile(new URL(`${name}.txt`, FOLDER), await written("ansible", name));
    expect(await written("skein", name)).toBe(await read(`${name}.txt`));
  });
});

describe.concurrent(`ansible-playbook writes what was recorded (SKEIN_CASES_SEED=${seed})`, () => {
  it.runIf(release && !records).for(chosen)("%s", async (name) => {
    expect(await written("ansible", name)).toBe(await read(`${name}.txt`));
  });
});

function read(file: string): Promise<string> {
  return readFile(new URL(file, FOLDER), "utf8");
}

/** Standard output and the files that the plugin wrote, without what no two runs have in common. */
async function written(engine: Engine, name: string): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), "skein-callback-"));
  try {
    const { stdout } = await runCli(engine, {
      args: ["-i", "inventory", "-f", "1", "site.yml"],
      env: {
        ...(SHOWN.some((shown) => shown === name)
          ? { ANSIBLE_STDOUT_CALLBACK: name }
          : { ANSIBLE_CALLBACKS_ENABLED: name }),
        ANSIBLE_LOG_FOLDER: place,
        JUNIT_OUTPUT_DIR: place,
      },
      files: {
        inventory: "a ansible_connection=local\nb ansible_connection=local\n",
        "ansible.cfg": await read("ansible.cfg"),
        "site.yml": await read("playbook.yml"),
        "more.yml": "- debug: msg=more\n",
        "roles/r/tasks/main.yml":
          "- name: of the role\n  command: echo role\n- debug: msg=unnamed\n",
      },
      timeout: 60,
    });
    const files = (await readdir(place)).sort();
    const texts = await Promise.all(files.map((file) => readFile(join(place, file), "utf8")));
    return [stdout, ...texts].map((text) => plain(name, text)).join("== a file ==\n");
  } finally {
    await rm(place, { recursive: true });
  }
}

function plain(name: string, text: string): string {
  const shown = TIMES.reduce(
    (before, [pattern, mask]) => before.replace(pattern, mask),
    masked(text),
  );
  if (name === "community.general.log_plays") return shown.replaceAll(/\{.*\}/g, sortedKeys);
  // The longest first: nobody knows which that is.
  return name.includes("profile_")
    ? shown.replace(/(?<=^=+ *\n)[\s\S]*/m, (list) => list.split("\n").sort().join("\n"))
    : shown;
}

/** Python keeps the order in which keys came, which says nothing. */
function sortedKeys(text: string): string {
  return text
    .split(" => ")
    .map((part) => [...part].sort().join(""))
    .join(" => ");
}

const TIMES: readonly (readonly [RegExp, string])[] = [
  [/"(id|_timestamp)": ?"[^"]*"/g, '"$1": *'],
  [/"(id|_timestamp|start|end|delta)":"[^"]*"/g, '"$1":*'],
  [/&quot;(start|end|delta)&quot;: &quot;.*?&quot;/g, "&quot;$1&quot;: *"],
  [/ time(stamp)?="[^"]*"/g, " time$1=*"],
  [/^\w+day \d+ \w+ \d+ +[\d:]+ \+\d+ \([\d:.]+\) +[\d:.]+/gm, "TIME"],
  [/^\w{3} \d\d \d{4} [\d:]+/gm, "TIME"],
  [/-+ +[\d.]+s$/gm, "- TIME"],
  [/\d+ seconds$/gm, "some seconds"],
  [/\btmp[\w]{8}\b/g, "TMP"],
  [/(?:[^"&]*)\/source(?="|&quot;)/g, "*/source"],
];
