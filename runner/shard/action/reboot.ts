import { RouterError } from "#router";
import { type Dict, dictOf, isDict, type Value } from "../../model/value.ts";
import { decodeText } from "../decode-text.ts";
import { moduleResult } from "../module/module-result.ts";
import { isTrue, textOf } from "../values.ts";
import type { Action, ActionInput, ActionIo } from "./action.ts";

/**
 * reboot: shuts down, then tries over new connections until the boot time is another one and a command answers
 * (ansible/plugins/action/reboot.py).
 */
export const rebootAction: Action = {
  name: "reboot",
  prepare(input) {
    return {
      kind: "steps",
      async run(io) {
        const { task, flags, args } = input;
        if (io.isLocal) {
          return dictOf({
            changed: false,
            elapsed: 0,
            rebooted: false,
            failed: true,
            msg: `Running ${task.action} with local connection would reboot the control node.`,
          });
        }
        if (flags.checkMode) return dictOf({ changed: true, elapsed: 0, rebooted: true });
        const unknown = [...args.keys()].map(textOf).filter((name) => !KNOWN.has(name));
        if (unknown.length > 0) {
          return dictOf({
            changed: false,
            exception: "NoneType: None",
            failed: true,
            msg: `Invalid options for ${task.action}: ${unknown.join(",")}`,
          });
        }
        return reboot(input, io);
      },
    };
  },
};

const KNOWN: ReadonlySet<string> = new Set([
  "boot_time_command",
  "connect_timeout",
  "msg",
  "post_reboot_delay",
  "pre_reboot_delay",
  "reboot_command",
  "reboot_timeout",
  "search_paths",
  "test_command",
]);

async function reboot(input: ActionInput, io: ActionIo): Promise<Dict> {
  const options = optionsOf(input.args);
  const system = await systemOf(input, io);
  const shell = shellOf(input, io, options.timeout);
  const quick = shellOf(input, io, input.options.connection.timeout + PATIENCE);
  const bootTimeCommand = options.bootTimeCommand ?? forSystem(BOOT_TIME, system);
  let before: string;
  try {
    before = await bootTime(input, shell, bootTimeCommand);
  } catch (error) {
    if (io.signal.aborted) throw error;
    return dictOf({ failed: true, reboot: false, msg: (error as Error).message });
  }
  const command = await shutdownCommand(input, io, options, system);
  const { rc, stdout, stderr } = await shell(command).catch((error: unknown) => {
    // The connection may be gone before the command says that it worked.
    if (!isLost(error) || io.signal.aborted) throw error;
    return { rc: 0, stdout: "", stderr: "" };
  });
  const start = performance.now();
  const elapsed = (): number => Math.floor((performance.now() - start) / 1000);
  if (rc !== 0) {
    return dictOf({
      failed: true,
      rebooted: false,
      msg: `Reboot command failed. Error was: '${stdout.trim()}, ${stderr.trim()}'`,
      start: new Date().toISOString().replace("Z", "000"),
      elapsed: 0,
    });
  }
  await io.sleep(options.postDelay);
  const hasRebooted = await tryUntil(io, options, "last boot time check", async () => {
    if (options.connectTimeout !== undefined) drop(io);
    const now = await bootTime(input, quick, bootTimeCommand);
    if (now === "" || now === before) throw new Error("boot time has not changed");
  });
  const problem =
    hasRebooted ??
    (await tryUntil(io, options, "post-reboot test command", async () => {
      const tested = await shell(options.testCommand ?? forSystem(TEST, system));
      if (tested.rc !== 0) throw new Error("the test command failed");
    }));
  return problem === undefined
    ? dictOf({ changed: true, elapsed: elapsed(), rebooted: true })
    : dictOf({ elapsed: elapsed(), failed: true, msg: problem, rebooted: true });
}

interface RebootOptions {
  readonly preDelay: number;
  readonly postDelay: number;
  readonly timeout: number;
  readonly connectTimeout: number | undefined;
  readonly bootTimeCommand: string | undefined;
  readonly testCommand: string | undefined;
  readonly rebootCommand: string | undefined;
  readonly searchPaths: readonly string[];
  readonly message: string;
}

/** @throws Error for values of the wrong kind. */
function optionsOf(args: Dict): RebootOptions {
  const number = (name: string): number | undefined => {
    const value = args.get(name);
    if (value === undefined || value === null) return undefined;
    const seconds =
      typeof value === "boolean" ? Number(value) : Number(textOf(value).trim() || "x");
    if (Number.isNaN(seconds))
      throw new Error(`Invalid value given for '${name}': '${textOf(value)}' is no number.`);
    return Math.max(0, Math.trunc(seconds));
  };
  const text = (name: string): string | undefined => {
    const value = args.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") {
      throw new Error(
        `Invalid value given for '${name}': '${textOf(value)}' is not a string and conversion is not allowed.`,
      );
    }
    return value;
  };
  return {
    preDelay: number("pre_reboot_delay") ?? 0,
    postDelay: number("post_reboot_delay") ?? 0,
    timeout: number("reboot_timeout") ?? 600,
    connectTimeout: number("connect_timeout") || undefined,
    bootTimeCommand: text("boot_time_command") || undefined,
    testCommand: text("test_command"),
    rebootCommand: text("reboot_command"),
    searchPaths: searchPathsOf(args.get("search_paths")),
    message: textOf(args.get("msg") ?? "Reboot initiated by Ansible"),
  };
}

/** @throws Error for what is neither text nor a list. */
function searchPathsOf(value: Value | undefined): readonly string[] {
  if (value === undefined || value === null)
    return ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"];
  if (Array.isArray(value)) return value.map(textOf);
  if (isDict(value))
    throw new Error(
      `'search_paths' must be a string or flat list of strings, got ${textOf(value)}`,
    );
  return textOf(value).split(",");
}

/** Names under which commands are known, the most telling one first. */
type System = readonly string[];

/** @throws Error when facts do not tell, RouterError when the host cannot be asked. */
async function systemOf(input: ActionInput, io: ActionIo): Promise<System> {
  const setup = input.invoke("setup", new Map<Value, Value>([["gather_subset", ["min"]]]));
  const [answer] = await io.batch([setup], true);
  const data = moduleResult(answer!);
  if (isTrue(data.get("failed"))) {
    const [out, err] = ["module_stdout", "module_stderr"].map((key) =>
      textOf(data.get(key) ?? "").trim(),
    );
    throw new Error(`Failed to determine system distribution. ${out}, ${err}`);
  }
  const facts = data.get("ansible_facts");
  const fact = (name: string): string => {
    const value = isDict(facts) ? facts.get(name) : undefined;
    if (value === undefined)
      throw new Error(`Failed to get distribution information. Missing "${name}" in output.`);
    return textOf(value).toLowerCase();
  };
  const name = fact("ansible_distribution");
  const version = fact("ansible_distribution_version").split(".")[0] ?? "";
  return [name + version, name, fact("ansible_os_family")];
}

type BySystem = { readonly [name: string]: string } & { readonly default: string };

const BOOT_TIME: BySystem = {
  default: "cat /proc/sys/kernel/random/boot_id",
  freebsd: "/sbin/sysctl kern.boottime",
  openbsd: "/sbin/sysctl kern.boottime",
  macosx: "who -b",
  solaris: "who -b",
  sunos: "who -b",
  vmkernel: "grep booted /var/log/vmksummary.log | tail -n 1",
  aix: "who -b",
};
const SHUTDOWN: BySystem = { default: "shutdown", alpine: "reboot", vmkernel: "reboot" };
/** MIN and SEC are the delay, MSG is the message. */
const SHUTDOWN_ARGUMENTS: BySystem = {
  default: '-r MIN "MSG"',
  alpine: "",
  void: '-r +MIN "MSG"',
  freebsd: '-r +SECs "MSG"',
  macosx: '-r +MIN "MSG"',
  openbsd: '-r +MIN "MSG"',
  solaris: '-y -g SEC -i 6 "MSG"',
  sunos: '-y -g SEC -i 6 "MSG"',
  vmkernel: "-d SEC",
  aix: "-Fr",
};
const TEST: BySystem = { default: "whoami", solaris: "who", vmkernel: "who" };

function forSystem(table: BySystem, system: System): string {
  const known = system.find((name) => Object.hasOwn(table, name));
  return (known === undefined ? undefined : table[known]) ?? table.default;
}

/** The command line that reboots. @throws Error when the target has no such command. */
async function shutdownCommand(
  input: ActionInput,
  io: ActionIo,
  { rebootCommand, preDelay, message, searchPaths }: RebootOptions,
  system: System,
): Promise<string> {
  const [own, ...ownArguments] = rebootCommand?.split(" ") ?? [];
  const name = own ?? forSystem(SHUTDOWN, system);
  const rest =
    own === undefined
      ? forSystem(SHUTDOWN_ARGUMENTS, system).replace(/MIN|SEC|MSG/g, (word) =>
          word === "MSG" ? message : String(word === "MIN" ? Math.floor(preDelay / 60) : preDelay),
        )
      : ownArguments.join(" ");
  if (name.startsWith("/")) return `${name} ${rest}`;
  const find = input.invoke(
    "find",
    new Map<Value, Value>([
      ["paths", [...searchPaths]],
      ["patterns", [name]],
      ["file_type", "any"],
    ]),
  );
  const [answer] = await io.batch([find], true);
  const files = moduleResult(answer!).get("files");
  const first = Array.isArray(files) ? files[0] : undefined;
  if (!isDict(first)) {
    const paths = searchPaths.map((path) => `'${path}'`).join(", ");
    throw new Error(`Unable to find command "${name}" in search paths: [${paths}]`);
  }
  return `${textOf(first.get("path") ?? name)} ${rest}`;
}

interface Said {
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Shell = (command: string) => Promise<Said>;

/** Runs commands without the agent. None waits for ever for a host that has gone without a word. */
function shellOf({ options }: ActionInput, io: ActionIo, limit: number): Shell {
  return async (command) => {
    const said = await io.exec(command, options.connection.executable, limit);
    return { rc: said.rc, stdout: decodeText(said.stdout), stderr: decodeText(said.stderr) };
  };
}

/** Seconds that the boot time may take once there is a connection. */
const PATIENCE = 50;

/** @throws Error when the command fails. */
async function bootTime({ task }: ActionInput, shell: Shell, command: string): Promise<string> {
  const { rc, stdout, stderr } = await shell(command);
  if (rc === 0) return stdout.trim();
  throw new Error(
    `${task.action}: failed to get host boot time info, rc: ${rc}, stdout: ${stdout}, stderr: ${stderr}`,
  );
}

/** Most seconds between two attempts, but for a part of one that is left to chance. */
const LONGEST_PAUSE = 12;

/** Tries until it works, less and less often. @returns what to say when the time is over. */
async function tryUntil(
  io: ActionIo,
  { timeout, connectTimeout }: RebootOptions,
  what: string,
  attempt: () => Promise<void>,
): Promise<string | undefined> {
  const end = performance.now() + timeout * 1000;
  for (let fails = 0; performance.now() < end; fails++) {
    try {
      await within(io, connectTimeout, attempt());
      return undefined;
    } catch (error) {
      if (io.signal.aborted) throw error;
      if (isLost(error)) drop(io);
      await io.sleep(Math.min(2 ** fails, LONGEST_PAUSE) + Math.random());
    }
  }
  return `Timed out waiting for ${what} (timeout=${timeout})`;
}

/** @throws RouterError when it takes too long. */
async function within(
  io: ActionIo,
  seconds: number | undefined,
  attempt: Promise<void>,
): Promise<void> {
  if (seconds === undefined) return attempt;
  const late = io.sleep(seconds).then(() => {
    throw new RouterError("connect-timeout", `no answer within ${seconds} s`);
  });
  // Whichever is second says nothing any more.
  attempt.catch(() => undefined);
  late.catch(() => undefined);
  return Promise.race([attempt, late]);
}

/** The connection is made anew by the next command. What the old one still has to say is not waited for: its host is going down. */
function drop(io: ActionIo): void {
  io.reset().catch(() => undefined);
}

/** Whether the host could not be reached, or went away. */
function isLost(error: unknown): boolean {
  return error instanceof RouterError && LOST.has(error.code);
}

const LOST: ReadonlySet<RouterError["code"]> = new Set([
  "unreachable",
  "auth",
  "connect-timeout",
  "lost",
  "corrupt",
  "closed",
  "cancelled",
  "agent",
]);
