/** The door of the bus: bytes to agents and back. It knows neither Ansible nor what the agent holds. */

// A router and its links.
export type { RouterErrorCode, Trace, TraceEvent } from "./base/index.ts";
export { RouterError } from "./base/index.ts";
export type { PutFileOptions } from "./bus/bus.ts";
export type { FilePut } from "./bus/transfer.ts";
export type { AgentPayload } from "./connect/agent.ts";
export type { SshRequest, SshWorld } from "./connect/config/resolve-ssh.ts";
export { resolveSsh } from "./connect/config/resolve-ssh.ts";
export { createSshWorld } from "./connect/config/ssh-world.ts";
export type { Context } from "./connect/context.ts";
export type { ExecOptions, ExecResult } from "./connect/exec.ts";
export type { Link } from "./connect/link.ts";
export { commandThrough } from "./connect/methods.ts";
export type { Router, RouterOptions, WireStats } from "./connect/router.ts";
export { createRouter } from "./connect/router.ts";
export { createSourceBundle } from "./connect/source-bundle.ts";
export type { HopSpec, LinkSpec, LocalSpec, SshSpec } from "./connect/spec.ts";
// What is called, and what comes back.
export type {
  Batch,
  CallFile,
  CallOutcome,
  CallResult,
  CallSpec,
  CallStyle,
  JobSpec,
  PlaceResult,
  PlaceSpec,
} from "./message/call.ts";
export type { Hello } from "./message/message.ts";
export type { SourceAnswer, SourceBundle, SourceModule } from "./message/source.ts";
