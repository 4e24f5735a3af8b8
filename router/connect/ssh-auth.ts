import type { AnyAuthMethod, ParsedKey } from "ssh2";
import type { SshSpec } from "./spec.ts";
import type { AgentKeys } from "./ssh-agent.ts";
import type { LoadedKey } from "./ssh-keys.ts";

/** What will be tried to log in, and what was tried, for the message when none of it was taken. */
export interface LoginPlan {
  /** The next way, among those that the server still takes (`null`: it has not said); false: none. */
  next(left: readonly string[] | null): AnyAuthMethod | false;
  /** How many ways were tried so far. */
  attempts(): number;
  /** Whether the way that is being tried will probably do: no other is left, or it has done before. */
  isLikely(): boolean;
  /**
   * Whether to sign with the key that is being tried before the server said that it would do. Not
   * with one of many keys in an agent: it may ask its user each time.
   */
  signsAtOnce(): boolean;
  /** The way that was tried last was accepted. */
  succeeded(): void;
  /** What was tried and what could not be, in words without secrets. */
  describe(): string;
}

/** One way to log in. */
interface Way {
  readonly title: string;
  /** Account and key, for keys. A password that worked elsewhere is no reason to show it earlier. */
  readonly id: string | undefined;
  readonly method: AnyAuthMethod;
  readonly signsAtOnce: boolean;
}

/** What there is to log in with. */
export interface LoginMeans {
  readonly agent: AgentKeys | undefined;
  readonly keys: readonly LoadedKey[];
  /** Keys that worked before in this process, which are tried first. */
  readonly proven: Set<string>;
}

/**
 * The ways to log in, in order: keys that worked elsewhere, keys of the SSH agent, key files, password,
 * keyboard-interactive with the password. ssh2's own plan opens with a request for "none", only to
 * learn what there is: a round trip that is left out here.
 */
export function planLogin(spec: SshSpec, means: LoginMeans): LoginPlan {
  const { user } = spec;
  const { proven } = means;
  const worked = (way: Way) => way.id !== undefined && proven.has(way.id);
  const all = [
    ...agentWays(user, spec.identitiesOnly === true ? onlyOf(means) : means.agent),
    ...fileWays(user, means.keys),
    ...passwordWays(spec),
  ];
  const ways = [...all.filter(worked), ...all.filter((way) => !worked(way))];
  const problems = [
    ...(means.agent?.problem === undefined ? [] : [means.agent.problem]),
    ...means.keys.flatMap((key) => (key.kind === "problem" ? [`${key.path}: ${key.what}`] : [])),
  ];
  const tried: Way[] = [];
  let position = 0;
  const isProven = () => {
    const last = tried.at(-1);
    return last !== undefined && worked(last);
  };
  return {
    attempts: () => tried.length,
    isLikely: () => position === ways.length || isProven(),
    signsAtOnce: () => tried.at(-1)?.signsAtOnce === true || isProven(),
    succeeded() {
      const last = tried.at(-1);
      if (last?.id !== undefined) proven.add(last.id);
    },
    next(left) {
      while (position < ways.length) {
        const way = ways[position] as Way;
        position += 1;
        if (left !== null && !left.includes(way.method.type)) continue;
        tried.push(way);
        return way.method;
      }
      return false;
    },
    describe() {
      const parts = [
        tried.length > 0
          ? `tried ${tried.map((way) => way.title).join(", ")}`
          : "there was nothing to try",
        ...(problems.length > 0 ? [`not usable: ${problems.join("; ")}`] : []),
      ];
      return parts.join("; ");
    },
  };
}

function keyWay(user: string, key: ParsedKey, title: string, signsAtOnce: boolean): Way {
  // A parsed key is taken as it is, which the types do not say.
  const method = { type: "publickey", username: user, key: key as ParsedKey & string } as const;
  const id = JSON.stringify([user, publicOf(key)]);
  return { title, id, method, signsAtOnce };
}

function publicOf(key: ParsedKey): string {
  return key.getPublicSSH().toString("base64");
}

function agentWays(user: string, agent: AgentKeys | undefined): readonly Way[] {
  const keys = agent?.keys ?? [];
  return keys.map((key, index) => {
    const comment = key.comment === "" ? `key ${index + 1}` : key.comment;
    return keyWay(user, key, `ssh agent (${comment})`, keys.length === 1);
  });
}

/** The agent's keys that are among the files, too (ssh_config(5), IdentitiesOnly). */
function onlyOf({ agent, keys }: LoginMeans): AgentKeys | undefined {
  const named = new Set(
    keys.flatMap((loaded) =>
      loaded.kind === "key" ? [publicOf(loaded.key)] : (loaded.publicKey ?? []),
    ),
  );
  if (agent === undefined) return undefined;
  return {
    ...agent,
    keys: agent.keys.filter((key) => named.has(publicOf(key))),
  };
}

function fileWays(user: string, keys: readonly LoadedKey[]): readonly Way[] {
  return keys.flatMap((loaded) =>
    loaded.kind === "key" ? [keyWay(user, loaded.key, loaded.path, true)] : [],
  );
}

function passwordWays({ user, password }: SshSpec): readonly Way[] {
  if (password === undefined) return [];
  let asked = false;
  return [
    {
      title: "password",
      id: undefined,
      method: { type: "password", username: user, password },
      signsAtOnce: false,
    },
    {
      title: "keyboard-interactive",
      id: undefined,
      method: {
        type: "keyboard-interactive",
        username: user,
        prompt(_name, _instructions, _language, prompts, finish) {
          // A second round means that the answer was wrong, or asks for something else.
          finish(asked ? [] : prompts.map((prompt) => (prompt.echo === true ? "" : password)));
          asked = true;
        },
      },
      signsAtOnce: false,
    },
  ];
}
