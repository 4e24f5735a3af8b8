import { encodeFrame } from "../frame/encode.ts";
import { CONTROLLER, ROOT, TYPE } from "../frame/layout.ts";
import { encodePayload } from "../message/payload.ts";

/** What runs at the other end, and how to start it. Comes from outside: the bus does not know it. */
export interface AgentPayload {
  /** The whole agent, zlib-compressed. */
  readonly archive: Uint8Array;
  /** SHA-256 of the archive, in hex. */
  readonly digest: string;
  /** The shell command that finds an interpreter and starts the first stage. */
  firstStage(pythons: readonly string[]): string;
}

/** What the root agent is told at its start. */
export interface AgentConfig {
  readonly compress: boolean;
  readonly tmp: readonly string[];
}

/** Seconds that a result may wait for others before it is sent. */
const IDLE_FLUSH = 0.05;
/** Warnings and worse. */
const LOG_LEVEL = 1;

/** What goes to a first stage before all else: the archive and the CONFIG frame. */
export function agentPreamble(agent: AgentPayload, config: AgentConfig): readonly Uint8Array[] {
  const payload = encodePayload({
    ctx: ROOT,
    compress: config.compress,
    tmp: config.tmp,
    digest: agent.digest,
    idle: IDLE_FLUSH,
    level: LOG_LEVEL,
  });
  const head = { type: TYPE.CONFIG, dst: ROOT, src: CONTROLLER, id: 0 };
  return [agent.archive, encodeFrame(head, payload)];
}
