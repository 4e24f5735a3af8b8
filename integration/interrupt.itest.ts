import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COMMANDS, cleanEnv, runCli, writeFiles } from "./harness/run-cli.ts";
import { startTargets, type Targets } from "./harness/target-container.ts";
import { until } from "./harness/until.ts";

const PLAYBOOK = `
- hosts: web
  gather_facts: false
  tasks:
    - name: long
      command: sleep 300
      become: true
`;
/** What ansible-playbook exits with when it was interrupted. */
const INTERRUPTED = 99;

describe("Ctrl-C", () => {
  let targets: Targets;
  beforeAll(async () => {
    targets = await startTargets({ image: "python311", names: ["web1", "web2"] });
  });
  afterAll(() => targets[Symbol.asyncDispose]());

  const processes = async (): Promise<string> =>
    (
      await Promise.all(
        targets.all.map((target) => target.exec("ps", "-eo", "args", "--no-headers")),
      )
    ).join("");
  const sleeping = async (): Promise<boolean> =>
    (await processes()).match(/^sleep 300$/gm)?.length === 2;
  /** Everything but the machine itself is gone; sshd takes a moment to see that a connection is. */
  const targetsAreQuiet = (): Promise<void> =>
    until(async () => !/python|sleep 300|sudo/.test(await processes()), {
      seconds: 10,
      otherwise: async () => `left on the targets:\n${await processes()}`,
    });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "as %s ends the run soon, and leaves no process on either side",
    async (signal) => {
      const files = { "hosts.ini": targets.inventory, "site.yml": PLAYBOOK };
      let pid = 0;
      const running = runCli("skein", {
        args: ["-i", "hosts.ini", "site.yml"],
        files,
        timeout: 90,
        onStart: (started) => {
          pid = started;
        },
      });
      await until(sleeping, { seconds: 30, otherwise: processes });
      const begin = performance.now();
      process.kill(pid, signal);
      const skein = await running;
      expect((performance.now() - begin) / 1000).toBeLessThan(8);
      expect(skein.exitCode, skein.stdout + skein.stderr).toBe(INTERRUPTED);
      expect(skein.stderr).toContain("User interrupted execution");
      expect(await session(pid)).toBe("");
      await targetsAreQuiet();
    },
  );

  it("in a terminal gives it back as it was", async () => {
    const place = await mkdtemp(join(tmpdir(), "skein-pty-"));
    try {
      await writeFiles(place, {
        "hosts.ini": targets.inventory,
        "site.yml": PLAYBOOK,
        run: [
          "#!/bin/sh",
          "trap : INT",
          "stty -g > before",
          `${COMMANDS.skein.join(" ")} -i hosts.ini site.yml`,
          "echo $? > code",
          "stty -g > after",
        ].join("\n"),
      });
      const env = { ...cleanEnv(place), TERM: "xterm" };
      const child = spawn("script", ["-qec", "./run", "/dev/null"], { cwd: place, env });
      const ended = new Promise((done) => child.once("exit", done));
      await until(sleeping, { seconds: 30, otherwise: processes });
      child.stdin.write("\x03");
      await ended;
      const read = (name: string): Promise<string> => readFile(join(place, name), "utf8");
      expect(await read("code")).toBe(`${INTERRUPTED}\n`);
      expect(await read("after")).toBe(await read("before"));
      await targetsAreQuiet();
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });
});

/** Processes of the session that a run led. */
async function session(leader: number): Promise<string> {
  const list = promisify(execFile)("ps", ["-o", "pid=,args=", "--sid", String(leader)]);
  // It exits with 1 when there is none.
  return list.then(
    ({ stdout }) => stdout,
    () => "",
  );
}
