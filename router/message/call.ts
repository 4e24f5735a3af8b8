import type { Payload } from "./payload.ts";

/** How a module's code is given and started (PROTOCOL.md, "A call"). */
export type CallStyle = "new" | "want_json" | "json_args" | "old" | "binary" | "command";

/** A file that the agent writes into the task's private folder before the run. */
export interface CallFile {
  /** The argument that is set to the file's path; "" for none. */
  readonly argument: string;
  readonly name: string;
  readonly mode: number;
  /** The bytes, or the id of a file that {@link Context.putFile} brought. */
  readonly content: Uint8Array | number;
}

/** Content to be compared and, when it differs, written, in one call. */
export interface PlaceSpec {
  readonly dest: string;
  /** File name used when `dest` is a folder. */
  readonly name: string;
  /** SHA-1 of the content, in hex. */
  readonly sha1: string;
  readonly data: Uint8Array | number;
  readonly force?: boolean;
  readonly check?: boolean;
  /** Most bytes of the old content to return; 0 for none. */
  readonly diff?: number;
  readonly follow?: boolean;
  readonly mkdirs?: boolean;
  /** What to run when the destination has the content already. */
  readonly same?: CallSpec;
  /** The argument of `same` that is set to the resolved path. */
  readonly sameArgument?: string;
}

/** One call of a batch. */
export interface CallSpec {
  /** Full name of the Python module, or name of the source entry. Unused for style `command`. */
  readonly module: string;
  readonly style?: CallStyle;
  readonly args: Uint8Array | string;
  readonly isolation?: "warm" | "fork";
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  readonly files?: readonly CallFile[];
  readonly place?: PlaceSpec;
  /** Makes the call a job of its own that outlives the batch; the result says that it started. */
  readonly job?: JobSpec;
}

/** A job: the beginning of its id, and the seconds after which it is killed. */
export interface JobSpec {
  readonly prefix: string;
  readonly seconds: number;
}

/** What became of the content of a {@link PlaceSpec}. */
export interface PlaceResult {
  readonly case: "same" | "exists" | "check" | "written";
  readonly dest: string;
  readonly exists: boolean;
  readonly dir: boolean;
  readonly old?: Uint8Array;
  readonly big: boolean;
  readonly error?: string;
}

export type CallOutcome = "ran" | "lost" | "timeout" | "cancelled" | "not-run" | "agent-error";

/** Outcomes by their number on the wire. */
export const OUTCOMES: readonly CallOutcome[] = [
  "ran",
  "lost",
  "timeout",
  "cancelled",
  "not-run",
  "agent-error",
];

/** The answer to one call. */
export interface CallResult {
  readonly index: number;
  readonly outcome: CallOutcome;
  readonly rc: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly extra: { readonly leaks?: readonly string[]; readonly place?: PlaceResult };
}

/** Calls that are worked through in order. */
export interface Batch {
  /** Stop at the first call that fails. */
  readonly stop: boolean;
  readonly calls: readonly CallSpec[];
  /** Seconds for the whole batch; what has not run by then answers `timeout`. */
  readonly deadlineSeconds?: number;
}

/** A batch as the payload of CALL. Defaults are left out: absent keys cost no bytes. */
export function toBatchPayload(batch: Batch): Payload {
  return { stop: batch.stop, calls: batch.calls.map(toCallPayload) };
}

function toCallPayload(call: CallSpec): Payload {
  const payload: Record<string, Payload> = { m: call.module };
  if (call.style !== undefined && call.style !== "new") payload["style"] = call.style;
  payload["args"] = toBytes(call.args);
  if (call.isolation !== undefined && call.isolation !== "warm") payload["iso"] = call.isolation;
  if (call.env !== undefined && Object.keys(call.env).length > 0) payload["env"] = call.env;
  if (call.timeoutSeconds !== undefined && call.timeoutSeconds > 0) {
    payload["t"] = call.timeoutSeconds;
  }
  if (call.files !== undefined && call.files.length > 0) {
    payload["files"] = call.files.map((file) => [
      file.argument,
      file.name,
      file.mode,
      file.content,
    ]);
  }
  if (call.job !== undefined) payload["job"] = [call.job.prefix, call.job.seconds];
  if (call.place !== undefined) payload["place"] = toPlacePayload(call.place);
  return payload;
}

function toPlacePayload(place: PlaceSpec): Payload {
  const payload: Record<string, Payload> = {
    dest: place.dest,
    name: place.name,
    sha1: place.sha1,
    data: place.data,
    force: place.force ?? true,
    check: place.check ?? false,
    diff: place.diff ?? 0,
    follow: place.follow ?? false,
    mkdirs: place.mkdirs ?? false,
  };
  if (place.same !== undefined) {
    payload["same"] = toCallPayload(place.same);
    payload["same_arg"] = place.sameArgument ?? "path";
  }
  return payload;
}

const encoder = new TextEncoder();

function toBytes(args: Uint8Array | string): Uint8Array {
  return typeof args === "string" ? encoder.encode(args) : args;
}
