import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { startTargets, type Targets } from "./targets.ts";

const run = promisify(execFile);
const missing =
  process.getuid?.() !== 0
    ? "(skipped: needs root)"
    : existsSync("/usr/sbin/sshd")
      ? ""
      : "(skipped: there is no sshd)";
const root = mkdtempSync(join(tmpdir(), "skein-targets-"));
afterAll(() => rmSync(root, { recursive: true }));

async function ssh(targets: Targets, command: string, host = 0): Promise<string> {
  const options = ["BatchMode=yes", "IdentitiesOnly=yes"].flatMap((option) => ["-o", option]);
  const known = ["-o", `UserKnownHostsFile=${targets.knownHostsFile}`];
  const where = ["-i", targets.keyFile, "-p", String(targets.port), "-l", targets.user];
  const { stdout } = await run("ssh", [
    ...["-F", "/dev/null", ...options, ...known, ...where],
    ...[targets.addresses[host]!, command],
  ]);
  return stdout;
}

describe("startTargets()", () => {
  it.skipIf(missing !== "")(
    `gives a copy of the machine that forgets what was done to it ${missing}`,
    async () => {
      const mark = `/etc/skein-mark-${process.pid}`;
      await using targets = await startTargets({ directory: root, hosts: 2, disposable: true });
      expect(await ssh(targets, `sudo touch ${mark}; id -un; sudo id -un; ls ${mark}`, 1)).toBe(
        `bench\nroot\n${mark}\n`,
      );
      expect(existsSync(mark)).toBe(false);
      await ssh(
        targets,
        "mkdir -m 700 /tmp/new; echo hello > '/tmp/new/a file'; sudo rm /etc/debian_version",
      );
      const sum = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
      const changes = await targets.changes();
      const [, uid] = changes["/tmp/new"]!.match(/^d 700 (\d+) /)!;
      expect(changes).toEqual(
        expect.objectContaining({
          [mark]: expect.stringMatching(/^f 644 0 0 sha256 e3b0c442/),
          "/tmp/new/a file": `f 644 ${uid} ${uid} sha256 ${sum}`,
          "/etc/debian_version": "deleted",
        }),
      );
      // What it takes to be a target is not what was done to it, nor is a folder on the way to it.
      expect(Object.keys(changes)).not.toContain("/etc");
      await targets.renew();
      expect(await ssh(targets, `ls ${mark} 2>&1 || true`)).toContain("No such file");
    },
  );

  it.skipIf(missing !== "")(`says why it does not start ${missing}`, async () => {
    const directory = join(root, "none", "\n");
    await expect(startTargets({ directory, hosts: 1 })).rejects.toThrow(/sshd ended|config/);
  });
});
