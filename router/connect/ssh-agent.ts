import type { ParsedKey } from "ssh2";
import { createAgent } from "./ssh2.ts";

/** The keys in an SSH agent, or why there are none. */
export interface AgentKeys {
  readonly keys: readonly ParsedKey[];
  readonly problem?: string;
}

/** Signs with a key that never leaves its agent. */
export type AgentSigner = (
  data: Buffer,
  hash: "sha1" | "sha256" | "sha512" | undefined,
) => Promise<Buffer>;

const signers = new WeakMap<object, AgentSigner>();

/** The signer of a key that {@link listAgentKeys} gave; `undefined` for a key from a file. */
export function agentSignerOf(key: object): AgentSigner | undefined {
  return signers.get(key);
}

/**
 * Asks an agent for its keys. They are given as private keys, which ssh2 takes one by one: its own
 * way of using an agent asks the server about each key before it signs.
 */
export function listAgentKeys(socketPath: string): Promise<AgentKeys> {
  const agent = createAgent(socketPath);
  return new Promise((resolve) => {
    agent.getIdentities((error, found) => {
      if (error != null || found === undefined) {
        const why = (error as NodeJS.ErrnoException | undefined)?.code ?? "no answer";
        resolve({ keys: [], problem: `ssh agent ${socketPath}: ${why}` });
        return;
      }
      const keys = (found as ParsedKey[]).map((publicKey) => {
        const key = Object.create(publicKey, { isPrivateKey: { value: () => true } }) as ParsedKey;
        signers.set(key, (data, hash) => {
          const options = hash === undefined ? {} : { hash };
          return new Promise((signed, failed) => {
            agent.sign(publicKey, data, options, (problem, signature) => {
              if (signature === undefined) failed(problem ?? new Error("the agent did not sign"));
              else signed(signature);
            });
          });
        });
        return key;
      });
      resolve({ keys });
    });
  });
}
