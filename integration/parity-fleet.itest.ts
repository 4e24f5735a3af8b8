import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toMaskedText, toStatuses } from "./harness/compare.ts";
import { fileTree } from "./harness/file-tree.ts";
import { type Run, runReference, toRun } from "./harness/reference-ansible.ts";
import { type CliOptions, type Engine, runCli } from "./harness/run-cli.ts";
import { startTargets, type Targets } from "./harness/target-container.ts";

const PLAYBOOK = resolve(import.meta.dirname, "../examples/fleet/site.yml");
/** Everything that the playbook writes to, and where its accounts end up. */
const FOLDERS = [
  "/srv",
  "/etc/fleet.d",
  "/home",
  "/etc/passwd",
  "/etc/group",
  "/etc/subuid",
  "/tmp",
  "/var/tmp",
];

/** One engine, its own machines, and what it did to them. */
interface Side extends Run {
  readonly trees: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

async function runFleet(engine: Engine, targets: Targets, flags: readonly string[]): Promise<Side> {
  const fetched = `fleet_fetched=${join(targets.directory, "fetched")}`;
  const options: CliOptions = {
    args: ["-i", "hosts.ini", PLAYBOOK, "-e", fetched, ...flags],
    files: { "hosts.ini": targets.inventory },
    timeout: 240,
  };
  const outcome =
    engine === "ansible" ? await runReference(options) : await runCli(engine, options);
  const trees = await Promise.all(
    targets.all.map(async (target) => [target.name, await fileTree(target, FOLDERS)] as const),
  );
  return { ...toRun(outcome), trees: Object.fromEntries(trees) };
}

describe("examples/fleet under skein and under ansible-playbook, on twin machines", () => {
  const sets: Targets[] = [];
  let skein: Side;
  let ansible: Side;

  beforeAll(async () => {
    const names = ["web1", "web2"];
    for (let twin = 0; twin < 2; twin++) {
      sets.push(await startTargets({ image: "python311", names }));
    }
    ansible = await runFleet("ansible", sets[0]!, []);
    skein = await runFleet("skein", sets[1]!, []);
  });

  afterAll(async () => {
    for (const set of sets) await set[Symbol.asyncDispose]();
  });

  it("is a play worth comparing: many tasks, on both machines, without failure", () => {
    const tasks = ansible.output.sections.filter(({ banner }) => banner.startsWith("TASK"));
    expect(tasks.length, ansible.stdout + ansible.stderr).toBeGreaterThan(40);
    expect(Object.keys(ansible.output.recap)).toEqual(["web1", "web2"]);
    expect(ansible.exitCode).toBe(0);
  });

  it("ends with the same exit code", () => {
    expect(skein.exitCode, skein.stdout + skein.stderr).toBe(ansible.exitCode);
  });

  it("has the same status for each task, host and loop item", () => {
    expect(toStatuses(skein.output)).toEqual(toStatuses(ansible.output));
  });

  it("has the same recap", () => {
    expect(skein.output.recap).toEqual(ansible.output.recap);
  });

  it("prints the same text, but for times", () => {
    expect(toMaskedText(skein.output)).toBe(toMaskedText(ansible.output));
  });

  it("warns of the same things", () => {
    expect(warnings(skein.stderr)).toEqual(warnings(ansible.stderr));
  });

  it("leaves the same files, owners, modes and contents behind", () => {
    expect(skein.trees).toEqual(ansible.trees);
  });

  // On machines that are set up by now: only what is wrong above may differ before the run.
  it.each([
    ["shows the same with --check --diff, and changes nothing", ["--check", "--diff"]],
    [
      "does the same with --tags and --skip-tags",
      ["--tags", "base,config,files", "--skip-tags", "control"],
    ],
    // One fork: of two workers' loops, Ansible may print one's difference between the other's and its result.
    ["shows the same with --diff -v when it runs again", ["--diff", "-v", "--forks", "1"]],
  ])(
    "%s",
    async (_title, flags) => {
      const reference = await runFleet("ansible", sets[0]!, flags);
      const own = await runFleet("skein", sets[1]!, flags);
      expect.soft(toStatuses(own.output), own.stderr).toEqual(toStatuses(reference.output));
      expect.soft(toMaskedText(own.output)).toBe(toMaskedText(reference.output));
      expect.soft(own.exitCode).toBe(reference.exitCode);
      expect.soft(own.output.recap).toEqual(reference.output.recap);
      expect(own.trees).toEqual(reference.trees);
    },
    300_000,
  );
});

/** One warning each, unfolded. Of a remote_tmp that had to be made skein has nothing to say: it does not make one to run a module. */
function warnings(stderr: string): readonly string[] {
  return stderr
    .split(/^(?=\[)/m)
    .map((text) => text.replaceAll("\n", " ").trim())
    .filter((text) => text !== "" && !text.includes("remote_tmp"))
    .sort();
}
