import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { isEncrypted, VaultError } from "./envelope.ts";
import { decryptWith, type Keyring, type Secret } from "./keyring.ts";

/** Where the secrets of a run come from. */
export interface SecretSources {
  /** `label@source` or `source`: a file, a script, or `prompt`; configured ones first. */
  readonly ids: readonly string[];
  readonly passwordFiles: readonly string[];
  readonly ask: boolean;
  /** The label of a source that has none. */
  readonly defaultId: string;
  readonly matchId: boolean;
}

/** What reading secrets needs of the world. */
export interface SecretTools {
  /** Asks with echo off; undefined at the end of input. */
  readonly askSecret: (prompt: string) => Promise<string | undefined>;
  readonly warn: (text: string) => void;
  /** The absolute path of a source as given. */
  readonly expand: (path: string) => string;
}

/**
 * Reads all secrets, each source once, in the order in which they are tried. A source that cannot be used is
 * a warning while another one can (`CLI.setup_vault_secrets` of `cli/__init__.py`).
 *
 * @throws VaultError when sources are given and none of them has a secret, and for a prompt without answer.
 */
export async function readSecrets(sources: SecretSources, tools: SecretTools): Promise<Keyring> {
  const { defaultId, matchId } = sources;
  const given = [
    ...sources.ids,
    ...sources.passwordFiles.map((file) => `${defaultId}@${file}`),
    ...(sources.ask ? [`${defaultId}@${PLAIN_PROMPT}`] : []),
  ];
  const secrets: Secret[] = [];
  let problem: VaultError | undefined;
  for (const each of given) {
    const at = each.indexOf("@");
    const label = at === -1 ? undefined : each.slice(0, at);
    const source = each.slice(at + 1);
    const id = label === undefined || label === "" ? defaultId : label;
    if (source === "prompt" || source === PLAIN_PROMPT) {
      secrets.push({ id, password: await askFor(id, label, source, tools) });
      continue;
    }
    let step = "Error getting vault password file";
    try {
      const file = tools.expand(source);
      if (!existsSync(file)) throw new VaultError(`The vault password file ${file} was not found`);
      step = "Error in vault password file loading";
      // What was read so far may decrypt the next password file.
      secrets.push({ id, password: read(file, label, { secrets, defaultId, matchId }) });
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      tools.warn(`${step} (${label ?? "None"}): ${error.message}`);
      problem = error;
    }
  }
  if (problem !== undefined && secrets.length === 0) throw problem;
  return { secrets, defaultId, matchId };
}

/** The source that --ask-vault-password stands for: its prompt names no label. */
const PLAIN_PROMPT = "prompt_ask_vault_pass";

async function askFor(
  id: string,
  label: string | undefined,
  source: string,
  { askSecret, warn }: SecretTools,
): Promise<Uint8Array> {
  const answer = await askSecret(
    source === "prompt" ? `Vault password (${id}): ` : "Vault password: ",
  );
  const detail =
    answer === undefined
      ? `EOFError (ctrl-d) on prompt for (${id})`
      : answer === ""
        ? "Invalid vault password was provided"
        : undefined;
  if (answer !== undefined && detail === undefined) return Buffer.from(answer.trim(), "utf8");
  warn(`Error in vault password prompt (${label ?? "None"}): ${detail}`);
  throw new VaultError(detail);
}

function read(file: string, label: string | undefined, keyring: Keyring): Uint8Array {
  const isScript = mayRun(file);
  const password = isScript ? fromScript(file, label) : fromFile(file, keyring);
  if (password.length === 0) {
    const kind = isScript ? "script" : "file";
    throw new VaultError(`Invalid vault password was provided from ${kind} (${file})`);
  }
  return password;
}

function fromFile(file: string, keyring: Keyring): Uint8Array {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (cause) {
    throw new VaultError(`Could not read vault password file ${file}: ${reasonOf(cause)}`, {
      cause,
    });
  }
  const stripped = trimmed(content, SPACES);
  if (!isEncrypted(stripped)) return stripped;
  return trimmed(decryptWith(keyring, stripped.toString("latin1"), file), NEWLINES);
}

/** The password is what the script prints; one called `...-client` is told the label. */
function fromScript(file: string, label: string | undefined): Uint8Array {
  const isClient = file.slice(0, file.length - extname(file).length).endsWith("-client");
  const words = isClient ? "client script" : "script";
  const args = isClient && label !== undefined && label !== "" ? ["--vault-id", label] : [];
  // A plain script may ask on the terminal, so its errors go there too.
  const done = spawnSync(file, args, {
    stdio: ["inherit", "pipe", isClient ? "pipe" : "inherit"],
    maxBuffer: 1 << 20,
  });
  if (done.error !== undefined) {
    throw new VaultError(
      `Problem running vault password ${words} ${file} (${reasonOf(done.error)}). If this is not a script, remove the executable bit from the file.`,
      { cause: done.error },
    );
  }
  const status = done.status ?? -1;
  if (status !== 0) {
    const errors = isClient ? done.stderr.toString("utf8").trim() : "None";
    const name = label ?? "None";
    throw new VaultError(
      !isClient
        ? `Vault password script ${file} returned non-zero (${status}): ${errors}`
        : status === 2
          ? `Vault password client script ${file} did not find a secret for vault-id=${name}: ${errors}`
          : `Vault password client script ${file} returned non-zero (${status}) when getting secret for vault-id=${name}: ${errors}`,
    );
  }
  return trimmed(done.stdout, NEWLINES);
}

const SPACES: ReadonlySet<number> = new Set(Buffer.from(" \t\n\r\v\f"));
const NEWLINES: ReadonlySet<number> = new Set(Buffer.from("\r\n"));

function trimmed(data: Buffer, drop: ReadonlySet<number>): Buffer {
  let start = 0;
  let end = data.length;
  while (start < end && drop.has(data[start]!)) start++;
  while (end > start && drop.has(data[end - 1]!)) end--;
  return data.subarray(start, end);
}

function reasonOf(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const words: Readonly<Record<string, string>> = {
    EACCES: "Permission denied",
    ENOENT: "No such file or directory",
    ENOEXEC: "Exec format error",
    EISDIR: "Is a directory",
  };
  const text = words[code ?? ""];
  return text === undefined ? message : `[Errno ${Math.abs(errno ?? 0)}] ${text}`;
}

function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
