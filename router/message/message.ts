import type { RouterErrorCode } from "../base/index.ts";
import { RouterError } from "../base/index.ts";
import { PROTOCOL_VERSION, TYPE } from "../frame/layout.ts";
import type { RawMessage } from "./assemble.ts";
import type { CallOutcome, CallResult, PlaceResult } from "./call.ts";
import { OUTCOMES } from "./call.ts";
import { decodePayload } from "./payload.ts";

/** What an agent says about itself. */
export interface Hello {
  /** Version text, "3.11.2". */
  readonly python: string;
  /** Path of the interpreter. */
  readonly exe: string;
  readonly pid: number;
  readonly uid: number;
  readonly user: string;
  readonly home: string;
  /** The agent's private temp folder. */
  readonly tmp: string;
}

/** Why a child context is gone. */
export type RouteCode = Extract<
  RouterErrorCode,
  "become-password-wrong" | "become-password-missing" | "become-failed" | "become-timeout" | "lost"
>;

/** Everything that an agent may send to the controller. */
export type UpMessage =
  | { readonly kind: "hello"; readonly src: number; readonly hello: Hello }
  | {
      readonly kind: "route-removed";
      readonly src: number;
      readonly child: number;
      readonly code: RouteCode;
      readonly message: string;
    }
  | {
      readonly kind: "source-missing";
      readonly src: number;
      readonly id: number;
      readonly name: string;
    }
  | {
      readonly kind: "result";
      readonly src: number;
      readonly id: number;
      readonly last: boolean;
      readonly result: CallResult;
    }
  | { readonly kind: "log"; readonly src: number; readonly level: number; readonly text: string }
  | {
      readonly kind: "file-credit";
      readonly src: number;
      readonly id: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "file-done";
      readonly src: number;
      readonly id: number;
      readonly path: string;
      readonly size: number;
      readonly sha1: string;
      readonly error: string | undefined;
    }
  | { readonly kind: "pong"; readonly src: number; readonly id: number }
  | {
      readonly kind: "exec-output";
      readonly src: number;
      readonly id: number;
      readonly stream: 1 | 2;
      readonly bytes: Uint8Array;
    };

/**
 * Decodes a message from an agent and checks its shape field by field: a target is not trusted.
 * @throws RouterError `corrupt` or `limit`.
 */
export function readMessage(raw: RawMessage): UpMessage {
  const read = READERS[raw.type];
  if (read === undefined) throw wrong(raw.type, "is not a message that an agent sends");
  return read(raw, raw.payload.length === 0 ? null : decodePayload(raw.payload));
}

type Reader = (raw: RawMessage, value: unknown) => UpMessage;

const READERS: Readonly<Record<number, Reader | undefined>> = {
  // map: v, python, exe, pid, uid, user, home, tmp
  [TYPE.HELLO]: (raw, value) => {
    const map = toMap(raw.type, value);
    if (map["v"] !== PROTOCOL_VERSION) {
      throw wrong(raw.type, `has version ${String(map["v"])} instead of ${PROTOCOL_VERSION}`);
    }
    const text = (key: string) => toText(raw.type, map[key]);
    const count = (key: string) => toInteger(raw.type, map[key]);
    const hello: Hello = {
      python: text("python"),
      exe: text("exe"),
      pid: count("pid"),
      uid: count("uid"),
      user: text("user"),
      home: text("home"),
      tmp: text("tmp"),
    };
    return { kind: "hello", src: raw.src, hello };
  },
  // list: child id, code, message
  [TYPE.ROUTE_REMOVED]: (raw, value) => {
    const [child, code, message] = toList(raw.type, value, 3);
    return {
      kind: "route-removed",
      src: raw.src,
      child: toInteger(raw.type, child),
      code: toRouteCode(raw.type, code),
      message: toText(raw.type, message),
    };
  },
  // list: full name
  [TYPE.SOURCE_MISSING]: (raw, value) => {
    const [name] = toList(raw.type, value, 1);
    return { kind: "source-missing", src: raw.src, id: raw.id, name: toText(raw.type, name) };
  },
  // list: index, outcome, rc, stdout, stderr, extra
  [TYPE.RESULT]: (raw, value) => {
    const [index, outcome, rc, stdout, stderr, extra] = toList(raw.type, value, 6);
    const result: CallResult = {
      index: toInteger(raw.type, index),
      outcome: toOutcome(raw.type, outcome),
      rc: toInteger(raw.type, rc),
      stdout: toBytes(raw.type, stdout),
      stderr: toBytes(raw.type, stderr),
      extra: toExtra(raw.type, extra),
    };
    return { kind: "result", src: raw.src, id: raw.id, last: raw.last, result };
  },
  // list: level, text
  [TYPE.LOG]: (raw, value) => {
    const [level, text] = toList(raw.type, value, 2);
    return {
      kind: "log",
      src: raw.src,
      level: toInteger(raw.type, level),
      text: toText(raw.type, text),
    };
  },
  // list: bytes consumed so far
  [TYPE.FILE_CREDIT]: (raw, value) => {
    const [bytes] = toList(raw.type, value, 1);
    return { kind: "file-credit", src: raw.src, id: raw.id, bytes: toInteger(raw.type, bytes) };
  },
  // list: path, size, sha1, error or nil
  [TYPE.FILE_DONE]: (raw, value) => {
    const [path, size, sha1, error] = toList(raw.type, value, 4);
    const failed = error !== null;
    return {
      kind: "file-done",
      src: raw.src,
      id: raw.id,
      path: failed && path === null ? "" : toText(raw.type, path),
      size: failed && size === null ? 0 : toInteger(raw.type, size),
      sha1: failed && sha1 === null ? "" : toText(raw.type, sha1),
      error: failed ? toText(raw.type, error) : undefined,
    };
  },
  // nil
  [TYPE.PONG]: (raw) => ({ kind: "pong", src: raw.src, id: raw.id }),
  // list: stream, bytes
  [TYPE.EXEC_OUTPUT]: (raw, value) => {
    const [stream, bytes] = toList(raw.type, value, 2);
    if (stream !== 1 && stream !== 2) throw wrong(raw.type, "names a stream other than 1 and 2");
    return {
      kind: "exec-output",
      src: raw.src,
      id: raw.id,
      stream,
      bytes: toBytes(raw.type, bytes),
    };
  },
};

function wrong(type: number, what: string): RouterError {
  const name = Object.entries(TYPE).find(([, value]) => value === type)?.[0] ?? `type ${type}`;
  return new RouterError("corrupt", `a ${name} message ${what}`);
}

function toMap(type: number, value: unknown): Readonly<Record<string, unknown>> {
  const isMap =
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array);
  if (!isMap) throw wrong(type, "is not a map");
  return value as Readonly<Record<string, unknown>>;
}

function toList(type: number, value: unknown, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) {
    throw wrong(type, `is not a list of ${length}`);
  }
  return value;
}

function toText(type: number, value: unknown): string {
  if (typeof value !== "string") throw wrong(type, "lacks text where text must be");
  return value;
}

function toInteger(type: number, value: unknown): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) {
    throw wrong(type, "lacks an integer where one must be");
  }
  return number;
}

function toBytes(type: number, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrong(type, "lacks bytes where bytes must be");
  return value;
}

function toBoolean(type: number, value: unknown): boolean {
  if (typeof value !== "boolean") throw wrong(type, "lacks true or false where one must be");
  return value;
}

function toOutcome(type: number, value: unknown): CallOutcome {
  const outcome = OUTCOMES[toInteger(type, value)];
  if (outcome === undefined) throw wrong(type, `has the unknown outcome ${String(value)}`);
  return outcome;
}

const ROUTE_CODES: readonly RouteCode[] = [
  "become-password-wrong",
  "become-password-missing",
  "become-failed",
  "become-timeout",
  "lost",
];

function toRouteCode(type: number, value: unknown): RouteCode {
  const code = ROUTE_CODES.find((known) => known === value);
  if (code === undefined) throw wrong(type, `has the unknown code ${JSON.stringify(value)}`);
  return code;
}

const NO_EXTRA: CallResult["extra"] = {};

function toExtra(type: number, value: unknown): CallResult["extra"] {
  const map = toMap(type, value);
  const leaks = map["leaks"];
  const place = map["place"];
  if (leaks === undefined && place === undefined) return NO_EXTRA;
  return {
    ...(leaks === undefined ? {} : { leaks: toTexts(type, leaks) }),
    ...(place === undefined ? {} : { place: toPlaceResult(type, toMap(type, place)) }),
  };
}

function toTexts(type: number, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw wrong(type, "lacks a list where one must be");
  return value.map((item) => toText(type, item));
}

const PLACE_CASES = ["same", "exists", "check", "written"] as const;

function toPlaceResult(type: number, map: Readonly<Record<string, unknown>>): PlaceResult {
  const found = PLACE_CASES.find((known) => known === map["case"]);
  const error = map["error"] ?? undefined;
  // A destination that cannot be looked at has no case: the error is what counts.
  if (found === undefined && error === undefined) {
    throw wrong(type, "has a place without a known case");
  }
  const old = map["old"] ?? undefined;
  return {
    case: found ?? "exists",
    dest: toText(type, map["dest"]),
    exists: toBoolean(type, map["exists"] ?? false),
    dir: toBoolean(type, map["dir"] ?? false),
    big: toBoolean(type, map["big"] ?? false),
    ...(old === undefined ? {} : { old: toBytes(type, old) }),
    ...(error === undefined ? {} : { error: toText(type, error) }),
  };
}
