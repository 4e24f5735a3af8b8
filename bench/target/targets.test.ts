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
      await targets.renew();
      expect(await ssh(targets, `ls ${mark} 2>&1 || true`)).toContain("No such file");
    },
  );

  it.skipIf(missing !== "")(`says why it does not start ${missing}`, async () => {
    const directory = join(root, "none", "\n");
    await expect(startTargets({ directory, hosts: 1 })).rejects.toThrow(/sshd ended|config/);
  });
});
