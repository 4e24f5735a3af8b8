import { join } from "node:path";
import type { OpenSshSpec, SshProxy, SshSpec } from "../spec.ts";
import { readArguments, splitArguments } from "./arguments.ts";
import { type ConfigLine, splitWords } from "./config-file.ts";
import { applyConfig, createSettings, NeedsOpenSsh, type SshSettings } from "./settings.ts";
import { expandHome, expandTokens, type TokenValues } from "./tokens.ts";

/** A connection, as it was asked for: nothing is left out that could come from ssh's own configuration. */
export interface SshRequest {
  /** The inventory's name, for messages. */
  readonly name: string;
  /** What the command line of ssh would name. */
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly privateKeyFile: string | undefined;
  /** `undefined` leaves it to ssh's configuration. */
  readonly hostKeyChecking: boolean | undefined;
  readonly connectTimeout: number;
  /** Arguments for ssh that go before and behind all of that, as texts. */
  readonly firstArgs: string;
  readonly lastArgs: string;
  /** The program, when it is not `ssh`. */
  readonly executable: string;
  readonly pythons: readonly string[];
}

/** The surroundings in which ssh would run. */
export interface SshWorld {
  readonly home: string;
  readonly user: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The lines of a configuration file, none when there is no such file. */
  configFile(path: string): readonly ConfigLine[];
  /** Files that a pattern of an `Include` names. */
  glob(pattern: string): readonly string[];
}

/** Programs that would do nothing else than is done here. */
const PLAIN_SSH: ReadonlySet<string> = new Set(["ssh", "/usr/bin/ssh"]);
const SYSTEM_CONFIG = "/etc/ssh/ssh_config";
const KEY_FILES = ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"];
/** How deep jumps may be configured by jumps. */
const MOST_JUMPS = 8;

/**
 * Decides how a host is reached: in this process, or, when something is configured that only OpenSSH can do, by an ssh process.
 * Order of what counts: the first arguments, the request's own values, the last arguments, then ~/.ssh/config and
 * /etc/ssh/ssh_config, as in the command that Ansible's ssh connection plugin builds (plugins/connection/ssh.py).
 *
 * @throws Error when a value cannot be used.
 */
export function resolveSsh(request: SshRequest, world: SshWorld): SshSpec | OpenSshSpec {
  try {
    if (!PLAIN_SSH.has(request.executable)) throw new NeedsOpenSsh(`ssh is ${request.executable}`);
    return resolve(request, world, 0);
  } catch (error) {
    if (!(error instanceof NeedsOpenSsh)) throw error;
    return toOpenSsh(request, error.message);
  }
}

function resolve(request: SshRequest, world: SshWorld, depth: number): SshSpec {
  const settings = createSettings();
  const first = readArguments(splitArguments(request.firstArgs), settings);
  for (const [keyword, value] of ownSettings(request)) settings.add(keyword, value);
  const last = readArguments(splitArguments(request.lastArgs), settings);
  const unknown = [...first.unknown, ...last.unknown];
  if (unknown.length > 0) throw new NeedsOpenSsh(`the ssh arguments ${unknown.join(" ")}`);
  const configFile = first.configFile ?? last.configFile;
  readConfig(request, configFile, world, settings);
  refuseOthers(settings);
  return toSpec({ request, settings, world, depth, configFile });
}

/** What Ansible's ssh plugin gives ssh as `-o` (`_build_command`). */
function ownSettings(request: SshRequest): readonly (readonly [string, string])[] {
  const { port, user, privateKeyFile, hostKeyChecking } = request;
  return [
    ...(hostKeyChecking === false ? ([["stricthostkeychecking", "no"]] as const) : []),
    ...(port === undefined ? [] : ([["port", String(port)]] as const)),
    ...(privateKeyFile === undefined ? [] : ([["identityfile", privateKeyFile]] as const)),
    ...(user === undefined ? [] : ([["user", user]] as const)),
  ];
}

function readConfig(
  request: SshRequest,
  only: string | undefined,
  world: SshWorld,
  settings: SshSettings,
): void {
  const query = { host: request.host, user: world.user, localUser: world.user };
  const own = join(world.home, ".ssh");
  const read = (path: string, folder: string): void => {
    const include = (line: ConfigLine): readonly (readonly ConfigLine[])[] =>
      line.words
        .flatMap((word) => {
          const given = expandHome(word, world.home);
          return world.glob(given.startsWith("/") ? given : join(folder, given));
        })
        .map((file) => world.configFile(file));
    applyConfig(world.configFile(path), query, settings, include);
  };
  if (only !== undefined) {
    if (only !== "none") read(expandHome(only, world.home), own);
    return;
  }
  read(join(own, "config"), own);
  read(SYSTEM_CONFIG, "/etc/ssh");
}

/** Settings that change where or as whom one arrives, and that are not built here. `undefined`: any value but these. */
const OTHERS: Readonly<Record<string, readonly string[] | undefined>> = {
  bindaddress: [],
  bindinterface: [],
  canonicalizehostname: ["no"],
  certificatefile: [],
  ciphers: [],
  dynamicforward: [],
  gssapidelegatecredentials: ["no"],
  hostbasedauthentication: ["no"],
  hostkeyalgorithms: [],
  kexalgorithms: [],
  knownhostscommand: ["none"],
  localforward: [],
  macs: [],
  pkcs11provider: ["none"],
  proxyusefdpass: ["no"],
  pubkeyacceptedalgorithms: [],
  remoteforward: [],
  revokedhostkeys: [],
  tunnel: ["no"],
  verifyhostkeydns: ["no"],
};

function refuseOthers(settings: SshSettings): void {
  for (const keyword of settings.keywords()) {
    const harmless = OTHERS[keyword];
    const value = settings.get(keyword) as string;
    if (harmless !== undefined && !harmless.includes(value.toLowerCase())) {
      throw new NeedsOpenSsh(`${keyword} ${value}`);
    }
  }
}

/** One resolution, half done. */
interface Resolution {
  readonly request: SshRequest;
  readonly settings: SshSettings;
  readonly world: SshWorld;
  /** How many jumps led here. */
  readonly depth: number;
  /** The only configuration file, when one was named. */
  readonly configFile: string | undefined;
}

function toSpec(resolution: Resolution): SshSpec {
  const { request, settings, world } = resolution;
  const { name, password, pythons } = request;
  const user = settings.get("user") ?? world.user;
  const port = toPort(settings.get("port") ?? "22", name);
  const before: TokenValues = { n: request.host, r: user, p: String(port), u: world.user };
  const host = expandTokens(settings.get("hostname") ?? "%h", { ...before, h: request.host });
  const tokens = { ...before, h: host, d: world.home };
  const toPath = (text: string): string =>
    expandHome(expandTokens(text, tokens, world.env), world.home);
  const toPaths = (text: string): readonly string[] => splitWords(text).map(toPath);
  const identities = settings.all("identityfile").filter((file) => file !== "none");
  const isOnly = isYes(settings.get("identitiesonly"));
  const agentSocket = agentOf(settings.get("identityagent"), world, toPath);
  const timeout = Number(settings.get("connecttimeout") ?? request.connectTimeout);
  const alias = settings.get("hostkeyalias");
  const family = settings.get("addressfamily");
  const forward = settings.get("forwardagent");
  const proxy = proxyOf(resolution, tokens);
  return {
    kind: "ssh",
    name,
    host,
    port,
    user,
    ...(password === undefined ? {} : { password }),
    privateKeys:
      settings.all("identityfile").length > 0
        ? identities.map(toPath)
        : KEY_FILES.map((file) => join(world.home, ".ssh", file)),
    ...(agentSocket === undefined ? {} : { agentSocket }),
    ...(isOnly ? { identitiesOnly: true } : {}),
    ...(isYes(forward) && agentSocket !== undefined ? { agentForward: true } : {}),
    hostKeyChecking: checkingOf(settings.get("stricthostkeychecking")),
    knownHostsFiles: [
      ...toPaths(settings.get("userknownhostsfile") ?? "~/.ssh/known_hosts ~/.ssh/known_hosts2"),
      ...toPaths(
        settings.get("globalknownhostsfile") ??
          "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",
      ),
    ].filter((file) => file !== "none"),
    ...(alias === undefined ? {} : { hostKeyAlias: alias }),
    ...(family === "inet" ? { family: 4 } : family === "inet6" ? { family: 6 } : {}),
    connectTimeout: Number.isFinite(timeout) && timeout > 0 ? timeout : request.connectTimeout,
    pythons,
    ...(proxy === undefined ? {} : { proxy }),
  };
}

function proxyOf(resolution: Resolution, tokens: TokenValues): SshProxy | undefined {
  const { settings } = resolution;
  // Whichever is named first counts; a jump and a command do not add up (ssh_config(5), ProxyJump).
  for (const keyword of settings.keywords()) {
    if (keyword === "proxycommand") {
      const command = settings.get("proxycommand") as string;
      if (command === "none") return undefined;
      return { kind: "command", command: expandTokens(command, tokens) };
    }
    if (keyword === "proxyjump") {
      const jumps = settings.get("proxyjump") as string;
      if (jumps === "none") return undefined;
      return { kind: "jump", via: jumpsOf(expandTokens(jumps, tokens), resolution) };
    }
  }
  return undefined;
}

/** The last of the jumps, reached through those before it. Each is configured by ssh's files alone. */
function jumpsOf(list: string, resolution: Resolution): SshSpec {
  const { request, world, depth, configFile } = resolution;
  if (depth >= MOST_JUMPS)
    throw new Error(`${request.name}: more than ${MOST_JUMPS} jumps: ProxyJump leads in a circle`);
  let via: SshSpec | undefined;
  for (const jump of list.split(",")) {
    const match = /^(?:ssh:\/\/)?(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?\/?$/.exec(jump.trim());
    const host = match?.[2]?.replace(/^\[(.*)\]$/, "$1");
    if (match === null || host === undefined || host === "") {
      throw new Error(`${request.name}: ProxyJump '${jump}' is not [user@]host[:port]`);
    }
    const spec: SshSpec = resolve(
      {
        name: host,
        host,
        user: match[1],
        port: match[3] === undefined ? undefined : toPort(match[3], request.name),
        password: undefined,
        privateKeyFile: undefined,
        hostKeyChecking: undefined,
        connectTimeout: request.connectTimeout,
        // The file is for them, too (ssh(1), -J).
        firstArgs: configFile === undefined ? "" : `-F '${configFile}'`,
        lastArgs: via === undefined ? "" : "-o ProxyJump=none",
        executable: "ssh",
        pythons: [],
      },
      world,
      depth + 1,
    );
    via = via === undefined ? spec : { ...spec, proxy: { kind: "jump", via } };
  }
  return via as SshSpec;
}

function toPort(text: string, name: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`${name}: the port '${text}' is not a number from 1 to 65535`);
  return port;
}

function agentOf(
  given: string | undefined,
  world: SshWorld,
  toPath: (text: string) => string,
): string | undefined {
  const socket = world.env["SSH_AUTH_SOCK"];
  if (given === undefined || given === "SSH_AUTH_SOCK") return socket;
  if (given === "none") return undefined;
  return given.startsWith("$") && !given.startsWith("${")
    ? world.env[given.slice(1)]
    : toPath(given);
}

function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(yes|true)$/i.test(value);
}

/** Nobody can be asked, so that "ask", the default, refuses what it does not know. */
function checkingOf(value: string | undefined): boolean | "accept-new" {
  const word = value?.toLowerCase();
  if (word === "accept-new") return "accept-new";
  return !(word === "no" || word === "off" || word === "false");
}

/** The ssh command that Ansible would run, up to the command for the host. */
function toOpenSsh(request: SshRequest, why: string): OpenSshSpec {
  const { name, host, password, pythons, executable } = request;
  if (password !== undefined) {
    throw new Error(
      `${name}: a password cannot be given to an ssh process, which this connection needs because of: ${why}. Use a key, or take that setting away.`,
    );
  }
  return {
    kind: "openssh",
    name,
    why,
    argv: [
      executable,
      ...splitArguments(request.firstArgs),
      ...ownSettings(request).flatMap(([keyword, value]) => ["-o", `${keyword}="${value}"`]),
      "-o",
      "BatchMode=yes",
      "-o",
      `ConnectTimeout=${request.connectTimeout}`,
      ...splitArguments(request.lastArgs),
    ],
    host,
    pythons,
  };
}
