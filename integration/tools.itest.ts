import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTargets } from "./harness/target-container.ts";

const ROOT = resolve(import.meta.dirname, "..");
const CLI = join(ROOT, "dist/cli.js");
const PLAYBOOK = `
- hosts: web
  become: true
  gather_facts: false
  tasks:
    - copy: { content: "{{ words }}\\n", dest: /etc/words }
    - command: echo {{ item }}
      loop: [a, b, c]
`;
const root = process.getuid?.() === 0;
const sandboxes = root ? "" : "(skipped: copies of this machine need root)";
let place: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "skein-tools-"));
  await writeFile(join(place, "site.yml"), PLAYBOOK);
  await writeFile(join(place, "hosts.ini"), "[web]\nweb1 words=hello\n");
});
afterAll(() => rm(place, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function node(...args: readonly string[]): Promise<Ended> {
  return run(place, args);
}

function run(cwd: string, args: readonly string[]): Promise<Ended> {
  return new Promise((done) => {
    const options = { cwd, timeout: 150_000, maxBuffer: 64 << 20 };
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      done({ code, stdout, stderr });
    });
  });
}

describe("the gate", () => {
  it.skipIf(!root)(
    `fails when a budget is broken, with the figure, the threshold and the command ${sandboxes}`,
    async () => {
      const thresholds = join(place, "thresholds.json");
      const report = join(place, "gate.json");
      await writeFile(
        thresholds,
        JSON.stringify([
          { measure: "bytes", atMost: 1000 },
          { measure: "connections", atMost: 1 },
          { measure: "wall", versus: "ansible", times: 100_000 },
        ]),
      );
      const given = ["--thresholds", thresholds, "--report", report, "--scale", "0.02"];
      const { code, stderr, stdout } = await run(ROOT, [
        "ci/run-ts.mjs",
        "bench/gate.ts",
        ...given,
      ]);
      expect(code, stdout + stderr).toBe(1);
      expect(stderr).toMatch(
        /error: bytes on the wire: \d{5,} B \(at most 1000 B\); again: node ci\/run-ts\.mjs bench\/gate\.ts/,
      );
      expect(stderr).toMatch(/error: wall time: [\d.]+x less than ansible \(at least 100000x\)/);
      expect(stderr).not.toContain("TCP connections");
      expect(JSON.parse(await readFile(report, "utf8"))).toMatchObject({
        passed: [expect.stringContaining("TCP connections: 1")],
        failed: [expect.stringContaining("bytes"), expect.stringContaining("wall time")],
      });
    },
  );
});

describe("skein bench compare", () => {
  it.skipIf(!root)(`holds skein to a budget on copies of this machine ${sandboxes}`, async () => {
    const words = ["bench", "compare", "site.yml", "-i", "hosts.ini", "--sandbox", "--budget"];
    const { code, stdout, stderr } = await node(CLI, ...words, "bytes=1k,rtt=100,connections=1");
    expect(stderr).toMatch(
      /error: bytes on the wire: \d+ B \(at most 1000 B\); again: skein bench compare site.yml/,
    );
    expect(code).toBe(1);
    expect(stdout).toContain("ansible-playbook");
    expect(stdout).toMatch(/^pass {2}round trips: \d+ \(at most 100\)$/m);
    expect(existsSync("/etc/words")).toBe(false);
  });

  it.skipIf(!root)(
    "measures on the hosts of an inventory, and passes what is within budget",
    async () => {
      await using targets = await startTargets({ image: "python311", names: ["web1"] });
      const inventory = join(place, "real.ini");
      await writeFile(inventory, `${targets.inventory}words=hello\n`);
      const words = ["bench", "compare", "site.yml", "-i", inventory, "--tuned", "--budget"];
      const { code, stdout, stderr } = await node(CLI, ...words, "rtt=100,bytes=1x");
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toMatch(/^bytes on the wire +\d{5,} +\d{5,}/m);
    },
  );
});

describe("skein bench conform", () => {
  it.skipIf(!root)(`finds no difference where there is none ${sandboxes}`, async () => {
    const { code, stdout, stderr } = await node(
      CLI,
      "bench",
      "conform",
      "site.yml",
      "-i",
      "hosts.ini",
    );
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^0 differences in 4 results; \d+ changed paths; exit code 0$/m);
  });

  it("finds what differs between twins", async () => {
    await using first = await startTargets({ image: "python311", names: ["web1"] });
    await using second = await startTargets({ image: "python311", names: ["web1"] });
    const [one, other] = [join(place, "one.ini"), join(place, "other.ini")];
    await writeFile(one, `${first.inventory}words=hello\n`);
    await writeFile(other, `${second.inventory}words=goodbye\n`);
    const words = ["bench", "conform", "site.yml", "-i", one, "--twin", other];
    const { code, stdout } = await node(CLI, ...words);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /TASK \[copy\], web1: checksum\n {2}ansible: "\w{40}"\n {2}skein: {3}"\w{40}"/,
    );
    expect(stdout).toMatch(
      /the target web1: \/etc\/words\n {2}ansible: f 644 root root sha256 \w{64}\n {2}skein: {3}f 644/,
    );
    expect(stdout).toMatch(/ 1 changed paths below \/etc, /);
  });

  it("names a twin that is missing", async () => {
    const words = ["bench", "conform", "site.yml", "-i", "hosts.ini", "--twin", "web2,"];
    const { code, stderr } = await node(CLI, ...words);
    expect(code).toBe(2);
    expect(stderr).toContain("web2, has no web1");
  });
});

describe("skein pcap and bench", () => {
  it.each([
    [["pcap", "report", "none.pcap"], 1, "none.pcap"],
    [["pcap", "draw"], 2, "there is no command pcap draw"],
    [["bench", "compare", "site.yml"], 2, "no inventory is given"],
    [
      ["bench", "compare", "site.yml", "-i", "none.ini", "--sandbox"],
      2,
      "the inventory has no hosts",
    ],
  ])("%j ends with one clear error", async (words, expected, message) => {
    const { code, stderr } = await node(CLI, ...words);
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
