import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, ParsedKey } from "ssh2";
import type { SshSpec } from "./spec.ts";
import type { LoadedKey } from "./ssh-keys.ts";

/** What will be tried to log in, and what was tried, for the message when none of it was taken. */
export interface LoginPlan {
  readonly handler: AuthHandlerMiddleware;
  /** How many ways were tried so far. */
  attempts(): number;
  /** Whether the way that is being tried will probably do: no other is left, or it has done before. */
  isLikely(): boolean;
  /** The way that was tried last was accepted. */
  succeeded(): void;
  /** What was tried and what could not be, in words without secrets. */
  describe(): string;
}

/**
 * The ways to log in, in order: SSH agent, key files, password, keyboard-interactive with the
 * password. ssh2's own plan opens with a request for "none", only to learn what there is: a round
 * trip that is left out here. `proven` holds the ways that worked before in this process.
 */
export function planLogin(
  spec: SshSpec,
  keys: readonly LoadedKey[],
  proven: Set<string>,
): LoginPlan {
  const { user, password, agentSocket } = spec;
  const ways: (AnyAuthMethod & { readonly title: string })[] = [];
  if (agentSocket !== undefined) {
    ways.push({ type: "agent", username: user, agent: agentSocket, title: "ssh agent" });
  }
  for (const loaded of keys) {
    if (loaded.kind !== "key") continue;
    ways.push({
      type: "publickey",
      username: user,
      // A parsed key is taken as it is, which the types do not say.
      key: loaded.key as ParsedKey & string,
      title: loaded.path,
    });
  }
  if (password !== undefined) {
    ways.push({ type: "password", username: user, password, title: "password" });
    let asked = false;
    ways.push({
      type: "keyboard-interactive",
      username: user,
      title: "keyboard-interactive",
      prompt(_name, _instructions, _language, prompts, finish) {
        // A second round means that the answer was wrong, or asks for something else.
        finish(asked ? [] : prompts.map((prompt) => (prompt.echo === true ? "" : password)));
        asked = true;
      },
    });
  }
  const tried: string[] = [];
  const problems = keys.flatMap((key) =>
    key.kind === "problem" ? [`${key.path}: ${key.what}`] : [],
  );
  let next = 0;
  const keyOf = (title: string | undefined) => JSON.stringify([user, title]);
  return {
    attempts: () => tried.length,
    isLikely: () => next === ways.length || proven.has(keyOf(tried.at(-1))),
    succeeded() {
      if (tried.length > 0) proven.add(keyOf(tried.at(-1)));
    },
    handler(left: AuthenticationType[] | null) {
      while (next < ways.length) {
        const way = ways[next] as (typeof ways)[number];
        next += 1;
        const needed = way.type === "agent" ? "publickey" : way.type;
        if (left !== null && !left.includes(needed)) continue;
        tried.push(way.title);
        return way;
      }
      return false;
    },
    describe() {
      const parts = [
        tried.length > 0 ? `tried ${tried.join(", ")}` : "there was nothing to try",
        ...(problems.length > 0 ? [`not usable: ${problems.join("; ")}`] : []),
      ];
      return parts.join("; ");
    },
  };
}
