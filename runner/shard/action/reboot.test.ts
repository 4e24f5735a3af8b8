import { afterEach, describe, expect, it, vi } from "vitest";
import { RouterError } from "#router";
import { type Dict, dictOf, type Value } from "../../model/value.ts";
import type { ActionInput, ActionIo } from "./action.ts";
import { rebootAction } from "./reboot.ts";

const DEBIAN = {
  ansible_distribution: "Debian",
  ansible_distribution_version: "12.4",
  ansible_os_family: "Debian",
};

/** What a machine answers to a command line: its output, an exit status, or that it is not there. */
type Answer = string | number | "gone" | ((count: number) => string | number | "gone");

interface Machine {
  readonly facts?: Readonly<Record<string, string>>;
  /** By the beginning of the command line. */
  readonly answers?: Readonly<Record<string, Answer>>;
  readonly isLocal?: boolean;
  readonly checkMode?: boolean;
}

/** Reboots a machine that is played here, where time passes only when somebody sleeps. */
async function reboot(args: Readonly<Record<string, Value>>, machine: Machine = {}) {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.spyOn(Math, "random").mockReturnValue(0);
  const log: string[] = [];
  const counts = new Map<string, number>();
  const encode = (data: object): Buffer => Buffer.from(JSON.stringify(data));
  const answers: Readonly<Record<string, Answer>> = {
    "cat /proc": (count) => (count < 2 ? "boot-1\r\n" : "boot-2\r\n"),
    "/sbin/shutdown": "",
    whoami: "root",
    ...machine.answers,
  };
  const io = {
    isLocal: machine.isLocal === true,
    signal: new AbortController().signal,
    async batch([one]: readonly { readonly call: { module: string; args: Dict } }[]) {
      const { module, args: given } = one!.call;
      if (module === "setup") return [ran(encode({ ansible_facts: machine.facts ?? DEBIAN }))];
      const [name] = given.get("patterns") as string[];
      const paths = given.get("paths") as string[];
      log.push(`find ${name} in ${paths.join(":")}`);
      const files = name === "nowhere" ? [] : [{ path: `${paths[0]}/${name}` }];
      return [ran(encode({ changed: false, files }))];
    },
    async exec(command: string) {
      log.push(command);
      const key = Object.keys(answers).find((start) => command.startsWith(start));
      const count = counts.get(command) ?? 0;
      counts.set(command, count + 1);
      const answer = key === undefined ? 127 : answers[key]!;
      const said = typeof answer === "function" ? answer(count) : answer;
      if (said === "gone") throw new RouterError("lost", "Connection to a lost");
      const rc = typeof said === "number" ? said : 0;
      return {
        rc,
        stdout: Buffer.from(rc === 0 ? String(said) : "out"),
        stderr: Buffer.from("err"),
      };
    },
    async sleep(seconds: number) {
      // Nothing here takes long enough to be late.
      if (seconds === args["connect_timeout"]) await new Promise(() => undefined);
      if (seconds > 0) log.push(`sleep ${seconds}`);
      now += seconds * 1000;
    },
    async reset() {
      log.push("reset");
    },
  } as unknown as ActionIo;
  const input = {
    task: { action: "reboot" },
    args: dictOf(args),
    flags: { checkMode: machine.checkMode === true },
    options: { connection: { executable: "/bin/sh", timeout: 10 } },
    invoke: (module: string, given: Dict) => ({ call: { module, args: given }, sources: [] }),
  } as unknown as ActionInput;
  const prepared = rebootAction.prepare(input);
  if (prepared.kind !== "steps") throw new Error("reboot takes several steps");
  const result = await prepared.run(io);
  return { result: Object.fromEntries(result), log };
}

function ran(stdout: Buffer) {
  return { index: 0, outcome: "ran", rc: 0, stdout, stderr: Buffer.of(), extra: {} };
}

afterEach(() => vi.restoreAllMocks());

describe("reboot", () => {
  it("shuts down, waits until the boot time is another one, and tests", async () => {
    const boots = ["boot-1", "boot-1", "gone", "gone", "boot-2"] as const;
    const { result, log } = await reboot(
      { msg: "for a test", pre_reboot_delay: 130, post_reboot_delay: 5 },
      { answers: { "cat /proc": (count) => boots[count]! } },
    );
    expect(log).toEqual([
      "cat /proc/sys/kernel/random/boot_id",
      "find shutdown in /sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin",
      '/sbin/shutdown -r 2 "for a test"',
      "sleep 5",
      "cat /proc/sys/kernel/random/boot_id",
      "sleep 1",
      "cat /proc/sys/kernel/random/boot_id",
      "reset",
      "sleep 2",
      "cat /proc/sys/kernel/random/boot_id",
      "reset",
      "sleep 4",
      "cat /proc/sys/kernel/random/boot_id",
      "whoami",
    ]);
    expect(result).toEqual({ changed: true, rebooted: true, elapsed: 12 });
  });

  it("takes a connection that ends during the shutdown for a shutdown", async () => {
    const { result } = await reboot({}, { answers: { "/sbin/shutdown": "gone" } });
    expect(result).toEqual({ changed: true, rebooted: true, elapsed: 1 });
  });

  it.each([
    [{ reboot_command: "/opt/boot now please" }, [], "/opt/boot now please"],
    [{ reboot_command: "poke", search_paths: "/a,/b" }, ["find poke in /a:/b"], "/a/poke "],
    [
      { search_paths: ["/x"] },
      ["find shutdown in /x"],
      '/x/shutdown -r 0 "Reboot initiated by Ansible"',
    ],
  ])("with %j runs the command that was asked for", async (args, found, command) => {
    const { log } = await reboot(args as Record<string, Value>, {
      answers: { "/opt": "", "/a": "", "/x": "" },
    });
    expect(log.slice(1, 2 + found.length)).toEqual([...found, command]);
  });

  it.each([
    ["Alpine", "alpine", "reboot in /sbin", "/sbin/reboot "],
    ["FreeBSD", "freebsd", "shutdown in /sbin", '/sbin/shutdown -r +90s "m"'],
    ["AIX", "aix", "shutdown in /sbin", "/sbin/shutdown -Fr"],
    ["SmartOS", "solaris", "shutdown in /sbin", '/sbin/shutdown -y -g 90 -i 6 "m"'],
  ])("knows how %s shuts down", async (name, family, find, command) => {
    const { log } = await reboot(
      { msg: "m", pre_reboot_delay: 90, search_paths: ["/sbin"], boot_time_command: "cat /proc" },
      {
        facts: {
          ansible_distribution: name,
          ansible_distribution_version: "1",
          ansible_os_family: family,
        },
        answers: { "/sbin/reboot": "", who: "x" },
      },
    );
    expect(log).toContain(`find ${find}`);
    expect(log).toContain(command);
  });

  it("gives up when the time is over, with pauses of twelve seconds at most", async () => {
    const { result, log } = await reboot(
      { reboot_timeout: 40 },
      { answers: { "cat /proc": "same" } },
    );
    expect(log.filter((line) => line.startsWith("sleep"))).toEqual(
      [1, 2, 4, 8, 12, 12, 12].map((seconds) => `sleep ${seconds}`),
    );
    expect(result).toEqual({
      failed: true,
      rebooted: true,
      elapsed: 51,
      msg: "Timed out waiting for last boot time check (timeout=40)",
    });
  });

  it("gives up when the machine is back and the test command fails", async () => {
    const { result } = await reboot({ reboot_timeout: 3, test_command: "ready" });
    expect(result["msg"]).toBe("Timed out waiting for post-reboot test command (timeout=3)");
  });

  it("makes a connection for each look when it may take only so long", async () => {
    const { log } = await reboot({ connect_timeout: 3 });
    const look = "cat /proc/sys/kernel/random/boot_id";
    expect(log.slice(3)).toEqual(["reset", look, "sleep 1", "reset", look, "whoami"]);
  });

  it("fails where the boot time cannot be had, and leaves the machine alone", async () => {
    const { result, log } = await reboot({}, { answers: { "cat /proc": 1 } });
    expect(result).toEqual({
      failed: true,
      reboot: false,
      msg: "reboot: failed to get host boot time info, rc: 1, stdout: out, stderr: err",
    });
    expect(log).toHaveLength(1);
  });

  it("fails where the command that reboots fails", async () => {
    const { result } = await reboot({}, { answers: { "/sbin/shutdown": 2 } });
    expect(result).toMatchObject({
      failed: true,
      rebooted: false,
      elapsed: 0,
      msg: "Reboot command failed. Error was: 'out, err'",
    });
  });

  it.each([
    [
      { reboot_command: "nowhere" },
      `Unable to find command "nowhere" in search paths: ['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin']`,
    ],
    [{ reboot_timeout: "soon" }, "Invalid value given for 'reboot_timeout': 'soon' is no number."],
    [
      { boot_time_command: [1] },
      "Invalid value given for 'boot_time_command': '[1]' is not a string and conversion is not allowed.",
    ],
    [
      { search_paths: new Map() },
      "'search_paths' must be a string or flat list of strings, got {}",
    ],
  ])("refuses %j", async (args, message) => {
    await expect(reboot(args as Record<string, Value>)).rejects.toThrow(message);
  });

  it("does not reboot the controller", async () => {
    const { result, log } = await reboot({}, { isLocal: true });
    expect(result).toEqual({
      changed: false,
      elapsed: 0,
      failed: true,
      msg: "Running reboot with local connection would reboot the control node.",
      rebooted: false,
    });
    expect(log).toEqual([]);
  });

  it("does nothing in check mode", async () => {
    const { result, log } = await reboot({}, { checkMode: true });
    expect(result).toEqual({ changed: true, elapsed: 0, rebooted: true });
    expect(log).toEqual([]);
  });

  it("knows its options", async () => {
    const { result } = await reboot({ delay: 1, msg: "m" });
    expect(result).toMatchObject({ failed: true, msg: "Invalid options for reboot: delay" });
  });
});
