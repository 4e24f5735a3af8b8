import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { createLogFile, type LogFile } from "./log-file.ts";

const directory = mkdtempSync(join(tmpdir(), "log-"));
afterAll(() => rmSync(directory, { recursive: true }));

const START = "2026-01-02 03:04:05,006 p=7 u=ann n=ansible | ";

function logTo(path: string, env: Record<string, string> = { USER: "ann" }) {
  let stderr = "";
  const log: LogFile = createLogFile({
    pid: 7,
    env,
    stderr: (text) => {
      stderr += text;
    },
    now: () => new Date(2026, 0, 2, 3, 4, 5, 6),
  });
  log.open(path);
  return { log, stderr: () => stderr };
}

// Lines as ansible-playbook 2.14 writes them, but for time, process and user.
describe("the log file", () => {
  it.each([
    ["has the time, the process and the user before a message", "ok: [h]", `${START}ok: [h]\n`],
    ["leaves out line ends before a message", "\nTASK [a] ***", `${START}TASK [a] ***\n`],
    ["keeps those inside and behind", "[WARNING]: a\nb\n", `${START}[WARNING]: a\nb\n\n`],
    ["has a line for an empty message", "", `${START}\n`],
  ])("%s", (title, message, line) => {
    const path = join(directory, title);
    const { log } = logTo(path);
    log.write(message);
    log.flush();
    expect(readFileSync(path, "utf8")).toBe(line);
  });

  it("is added to, and made readable to those whom the umask lets", () => {
    const path = join(directory, "added");
    logTo(path);
    expect(statSync(path).mode & 0o777).toBe(0o666 & ~process.umask());
    writeFileSync(path, "before\n");
    const { log } = logTo(path);
    log.write("a");
    log.write("b");
    expect(readFileSync(path, "utf8")).toBe("before\n");
    log.flush();
    log.flush();
    expect(readFileSync(path, "utf8")).toBe(`before\n${START}a\n${START}b\n`);
  });

  it("is written after a moment, and at once when much is held back", async () => {
    const path = join(directory, "batches");
    const { log } = logTo(path);
    log.write("x".repeat(70_000));
    const first = statSync(path).size;
    expect(first).toBeGreaterThan(70_000);
    log.write("more");
    await vi.waitFor(() => expect(statSync(path).size).toBeGreaterThan(first));
  });

  it("takes the user of LOGNAME before that of USER", () => {
    const path = join(directory, "user");
    const { log } = logTo(path, { USER: "ann", LOGNAME: "bob" });
    log.write("a");
    log.flush();
    expect(readFileSync(path, "utf8")).toContain(" u=bob ");
  });

  it.each([
    ["in a folder that is not there", join(directory, "no", "log")],
    ["that is a folder", directory],
  ])("is warned of when it is one %s", (_, path) => {
    const { log, stderr } = logTo(path);
    log.write("a");
    log.flush();
    expect(stderr()).toBe(
      `[WARNING]: log file at ${path} is not writeable and we cannot create it, aborting\n\n`,
    );
  });

  it("ends with one warning when the disk is full", () => {
    const { log, stderr } = logTo("/dev/full");
    log.write("a");
    log.flush();
    log.write("b");
    log.flush();
    expect(stderr()).toMatch(/^\[WARNING\]: the log ends here, it cannot be written: ENOSPC.*\n$/);
  });
});
