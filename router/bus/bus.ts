import type { Clock, Deferred, Trace } from "../base/index.ts";
import { createDeferred, RouterError } from "../base/index.ts";
import type { Inflate } from "../frame/decode.ts";
import { createFrameDecoder } from "../frame/decode.ts";
import type { Deflate } from "../frame/encode.ts";
import { encodeMessage } from "../frame/encode.ts";
import type { Frame } from "../frame/layout.ts";
import { CONTROLLER, FLAG, HEADER_BYTES, ROOT, TYPE } from "../frame/layout.ts";
import { createAssembler } from "../message/assemble.ts";
import type { Batch, CallResult } from "../message/call.ts";
import { toBatchPayload } from "../message/call.ts";
import type { Hello, UpMessage } from "../message/message.ts";
import { readMessage } from "../message/message.ts";
import type { Payload } from "../message/payload.ts";
import { encodePayload } from "../message/payload.ts";
import type { SourceAnswer, SourceBundle } from "../message/source.ts";
import type { ByteStream, StreamEnd } from "../stream/stream.ts";
import { createAdaptiveDeflate } from "./adaptive-deflate.ts";
import { createPendingCall } from "./calls.ts";
import type { WireCounters } from "./counters.ts";
import { createTurnCounter } from "./counters.ts";
import { describeEnd } from "./describe-end.ts";
import { createOutbox } from "./flow.ts";
import { createKeepalive } from "./keepalive.ts";
import { createPending } from "./pending.ts";
import type { Route, Spawn } from "./routes.ts";
import { createRoutes } from "./routes.ts";
import type { FilePut } from "./transfer.ts";
import { createTransfer } from "./transfer.ts";
import { withSignal } from "./with-signal.ts";

/** What a bus is given; everything that touches the machine comes from outside. */
export interface BusOptions {
  /** The host's name, for messages. */
  readonly name: string;
  readonly clock: Clock;
  readonly keepaliveSeconds: number;
  readonly inflate: Inflate;
  readonly deflate: Deflate;
  /** SOURCES frames of what this link lacks of a bundle; adds what they bring to `sent`. */
  readonly sourceFrames: (bundle: SourceBundle, sent: Set<string>) => Uint8Array | undefined;
  readonly onSourceMissing: ((name: string) => SourceAnswer | undefined) | undefined;
  readonly counters: WireCounters;
  readonly trace: Trace;
  /** The bus is dead; called once. Not called after `close`. */
  readonly onFailed: (error: RouterError) => void;
}

export interface PutFileOptions {
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** One link's traffic, from the first frame to BYE. It may be used before there is a stream. */
export interface Bus {
  readonly failed: RouterError | undefined;
  /** Gives the stream; `first` goes out before all that is queued, in the same write. */
  attach(stream: ByteStream, first: readonly Uint8Array[]): void;
  hello(path: readonly Spawn[], signal?: AbortSignal): Promise<Hello>;
  sources(bundles: readonly SourceBundle[]): void;
  call(
    path: readonly Spawn[],
    batch: Batch,
    onResult: (result: CallResult) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  putFile(
    path: readonly Spawn[],
    source: AsyncIterable<Uint8Array>,
    options?: PutFileOptions,
  ): Promise<FilePut>;
  /** Waits for what is under way, says BYE, waits for the end of the stream. */
  close(): Promise<void>;
  /** Stops now: everything under way rejects with `error`. */
  fail(error: RouterError): void;
}

/** How long the agent may take to leave after BYE. */
const LEAVE_GRACE = 5_000;

/**
 * Makes a {@link Bus}.
 *
 *     open --close()--> closing --BYE, end of stream--> ended
 *       \------------------\--- error, fail() --------> failed (every waiter rejected, once)
 */
export function createBus(options: BusOptions): Bus {
  return new BusImpl(options);
}

class BusImpl implements Bus {
  failed: RouterError | undefined;
  readonly #options: BusOptions;
  readonly #routes = createRoutes();
  readonly #pending = createPending(() => this.#finish());
  readonly #sentSources = new Set<string>();
  readonly #assembler;
  readonly #decoder;
  readonly #outbox;
  readonly #keepalive;
  readonly #ended: Deferred<void> = createDeferred();
  #waitingHello = 0;
  #stream: ByteStream | undefined;
  #lastId = 0;
  readonly #turns;
  #closing: Promise<void> | undefined;
  #idle: Deferred<void> | undefined;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#assembler = createAssembler(options.inflate);
    this.#decoder = createFrameDecoder((frame) => this.#takeFrame(frame));
    this.#turns = createTurnCounter(options.counters);
    this.#outbox = createOutbox(() => this.#turns.sent());
    this.#keepalive = createKeepalive({
      clock: options.clock,
      milliseconds: options.keepaliveSeconds * 1000,
      isBusy: () => this.#isBusy(),
      ping: () => this.#send(TYPE.PING, ROOT, this.#nextId(), null),
      dead: (silent) =>
        this.fail(
          new RouterError(
            "lost",
            `Connection to ${options.name} lost: nothing was heard for ${Math.round(silent / 1000)} s.`,
          ),
        ),
    });
  }

  attach(stream: ByteStream, first: readonly Uint8Array[]): void {
    if (this.failed !== undefined) {
      stream.destroy();
      return;
    }
    this.#stream = stream;
    this.#outbox.attach(stream, first);
    stream.open({
      onData: (chunk) => this.#takeChunk(chunk),
      onDrain: () => this.#outbox.drained(),
      onEnd: (end) => this.#takeEnd(end),
    });
    if (this.#isBusy()) this.#keepalive.watch();
  }

  async hello(path: readonly Spawn[], signal?: AbortSignal): Promise<Hello> {
    this.#checkOpen();
    if (signal?.aborted === true) throw cancelled(`Waiting for ${this.#options.name}`, signal);
    const { hello } = this.#reach(path);
    this.#waitingHello += 1;
    this.#begin();
    try {
      return await withSignal(hello.promise, signal, this.#options.name);
    } finally {
      this.#waitingHello -= 1;
      this.#finish();
    }
  }

  sources(bundles: readonly SourceBundle[]): void {
    this.#checkOpen();
    for (const bundle of bundles) {
      const frames = this.#options.sourceFrames(bundle, this.#sentSources);
      if (frames === undefined) continue;
      this.#options.counters.framesSent += 1;
      this.#outbox.send(frames);
    }
  }

  async call(
    path: readonly Spawn[],
    batch: Batch,
    onResult: (result: CallResult) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    this.#checkOpen();
    if (batch.calls.length === 0) return;
    if (signal?.aborted === true) {
      throw cancelled(`The call to ${this.#options.name}`, signal);
    }
    const context = this.#reach(path).id;
    const id = this.#nextId();
    const payload = encodePayload(toBatchPayload(batch));
    const frames = encodeMessage(
      { type: TYPE.CALL, dst: context, src: CONTROLLER, id },
      payload,
      this.#options.deflate,
    );
    const pending = createPendingCall({
      id,
      context,
      name: this.#options.name,
      count: batch.calls.length,
      clock: this.#options.clock,
      onResult,
      deadlineSeconds: batch.deadlineSeconds,
      signal,
      cancel: () => this.#send(TYPE.CANCEL, context, id, null),
      onDone: () => this.#pending.remove(id),
      onAbandoned: () => this.#pending.abandon(id, context),
    });
    this.#pending.addCall(pending);
    this.#options.counters.calls += batch.calls.length;
    this.#sendFrames(TYPE.CALL, frames);
    this.#begin();
    await pending.promise;
  }

  async putFile(
    path: readonly Spawn[],
    source: AsyncIterable<Uint8Array>,
    { onProgress, signal }: PutFileOptions = {},
  ): Promise<FilePut> {
    this.#checkOpen();
    if (signal?.aborted === true) {
      throw cancelled(`The file transfer to ${this.#options.name}`, signal);
    }
    const context = this.#reach(path).id;
    const id = this.#nextId();
    const deflate = createAdaptiveDeflate(this.#options.deflate);
    const transfer = createTransfer({
      id,
      context,
      name: this.#options.name,
      source,
      onProgress,
      signal,
      sendChunk: (offset, bytes, last) => {
        // Beyond 32 bits the packer would make a float of it.
        const at = offset > 0xffffffff ? BigInt(offset) : offset;
        const head = { type: TYPE.FILE_CHUNK, dst: context, src: CONTROLLER, id };
        const payload = encodePayload([at, bytes, last]);
        this.#sendFrames(TYPE.FILE_CHUNK, encodeMessage(head, payload, deflate));
      },
      cancel: () => this.#send(TYPE.CANCEL, context, id, null),
      onDone: () => this.#pending.remove(id),
      onAbandoned: () => this.#pending.abandon(id, context),
    });
    this.#pending.addTransfer(transfer);
    this.#begin();
    return transfer.promise;
  }

  close(): Promise<void> {
    if (this.#closing === undefined) this.#closing = this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#isBusy() && this.failed === undefined) {
      this.#idle = createDeferred();
      await this.#idle.promise;
    }
    const stream = this.#stream;
    if (this.failed !== undefined) return;
    if (stream === undefined) {
      this.#settleAll(closed(this.#options.name));
      return;
    }
    this.#send(TYPE.BYE, ROOT, 0, null);
    this.#outbox.flush();
    stream.end();
    const timer = this.#options.clock.setTimer(LEAVE_GRACE, () => stream.destroy());
    await this.#ended.promise;
    timer.cancel();
  }

  fail(error: RouterError): void {
    if (this.failed !== undefined) return;
    this.#settleAll(error);
    this.#stream?.destroy(error);
    this.#ended.resolve();
    this.#options.trace?.({
      kind: "lost",
      link: this.#options.name,
      code: error.code,
      message: error.message,
    });
    this.#options.onFailed(error);
  }

  /** The one exit of everything that waits on this bus. */
  #settleAll(error: RouterError): void {
    this.failed = error;
    this.#keepalive.stop();
    this.#outbox.drop();
    for (const route of this.#routes.all()) route.hello.reject(error);
    this.#pending.fail(error);
    this.#idle?.resolve();
  }

  #checkOpen(): void {
    if (this.failed !== undefined) throw this.failed;
    if (this.#closing !== undefined) throw closed(this.#options.name);
  }

  #isBusy(): boolean {
    return this.#pending.isBusy || this.#waitingHello > 0;
  }

  #begin(): void {
    if (this.#stream !== undefined) this.#keepalive.watch();
  }

  #finish(): void {
    if (this.#idle !== undefined && !this.#isBusy()) this.#idle.resolve();
  }

  #nextId(): number {
    this.#lastId = this.#lastId === 0xffffffff ? 1 : this.#lastId + 1;
    return this.#lastId;
  }

  #reach(path: readonly Spawn[]): Route {
    return this.#routes.reach(path, (parent, child, spawn) =>
      this.#send(TYPE.SPAWN, parent, 0, { ctx: child, ...spawn.payload }),
    );
  }

  #send(type: number, dst: number, id: number, value: Payload): void {
    if (this.failed !== undefined) return;
    const head = { type, dst, src: CONTROLLER, id };
    this.#sendFrames(type, encodeMessage(head, encodePayload(value), this.#options.deflate));
  }

  #sendFrames(type: number, frames: readonly Uint8Array[]): void {
    const { counters, trace, name } = this.#options;
    for (const frame of frames) {
      counters.framesSent += 1;
      trace?.({ kind: "frame-sent", link: name, type, bytes: frame.length });
      this.#outbox.send(frame);
    }
  }

  #takeChunk(chunk: Uint8Array): void {
    if (this.failed !== undefined) return;
    this.#keepalive.heard();
    this.#turns.received();
    try {
      this.#decoder.push(chunk);
    } catch (thrown) {
      const error = RouterError.from(thrown, "corrupt");
      this.fail(
        new RouterError(
          error.code,
          `Connection to ${this.#options.name} dropped: ${error.message}`,
          { cause: error },
        ),
      );
    }
  }

  #takeEnd(end: StreamEnd): void {
    const { name } = this.#options;
    if (this.#closing !== undefined && !this.#isBusy()) {
      this.#settleAll(closed(name));
      this.#ended.resolve();
      return;
    }
    this.#ended.resolve();
    this.fail(
      end.error instanceof RouterError
        ? end.error
        : new RouterError("lost", `Connection to ${name} lost: ${describeEnd(end)}`, {
            cause: end.error,
          }),
    );
  }

  #takeFrame(frame: Frame): void {
    if (this.failed !== undefined) return;
    const { counters, trace, name } = this.#options;
    counters.framesReceived += 1;
    trace?.({
      kind: "frame-received",
      link: name,
      type: frame.type,
      bytes: HEADER_BYTES + frame.payload.length,
    });
    if (frame.dst !== CONTROLLER) {
      throw new RouterError("corrupt", `a frame for context ${frame.dst} came to the controller`);
    }
    if (this.#routes.get(frame.src) === undefined) {
      // What was on its way when its context was removed.
      if (this.#routes.isGone(frame.src)) return;
      throw new RouterError("corrupt", `a frame came from context ${frame.src}, which never was`);
    }
    // A message that nobody asked for must not even be collected.
    if ((frame.flags & FLAG.more) !== 0) this.#pending.checkAsked(frame);
    const raw = this.#assembler.take(frame);
    if (raw !== undefined) this.#takeMessage(readMessage(raw));
  }

  #takeMessage(message: UpMessage): void {
    if (this.#pending.takeAbandoned(message)) return;
    switch (message.kind) {
      case "result":
        this.#pending.callOf(message).result(message.result, message.last);
        return;
      case "hello":
        this.#takeHello(message.src, message.hello);
        return;
      case "route-removed":
        this.#takeRouteRemoved(message);
        return;
      case "source-missing":
        this.#answerSource(message.src, message.id, message.name);
        return;
      case "log":
        this.#options.trace?.({
          kind: "log",
          link: this.#options.name,
          level: message.level,
          text: message.text,
        });
        return;
      case "file-credit":
        this.#pending.transferOf(message).credit(message.bytes);
        return;
      case "file-done":
        this.#pending
          .transferOf(message)
          .done(message.path, message.size, message.sha1, message.error);
        return;
      case "pong":
        return;
      case "exec-output":
        throw new RouterError("corrupt", "an EXEC_OUTPUT message, which version 1 never asks for");
      default:
        message satisfies never;
    }
  }

  #takeHello(src: number, hello: Hello): void {
    const route = this.#routes.get(src) as Route;
    if (route.hello.settled) throw new RouterError("corrupt", `context ${src} said HELLO twice`);
    this.#options.trace?.({ kind: "hello", link: this.#options.name, context: src });
    route.hello.resolve(hello);
  }

  #takeRouteRemoved(message: Extract<UpMessage, { kind: "route-removed" }>): void {
    const route = this.#routes.get(message.child);
    if (route === undefined && this.#routes.isGone(message.child)) return;
    if (route === undefined || route.parent !== message.src) {
      throw new RouterError(
        "corrupt",
        `context ${message.src} removed context ${message.child}, which is not its child`,
      );
    }
    const error = new RouterError(
      message.code,
      `${this.#options.name}: ${route.title}: ${message.message}`,
    );
    const removed = new Set<number>();
    for (const gone of this.#routes.remove(route.id)) {
      removed.add(gone.id);
      gone.hello.reject(error);
    }
    this.#pending.fail(error, (context) => removed.has(context));
  }

  #answerSource(src: number, id: number, name: string): void {
    if (src !== ROOT) {
      throw new RouterError("corrupt", `context ${src} asked the controller for a source`);
    }
    const found = this.#options.onSourceMissing?.(name);
    const answer: Payload =
      found === undefined
        ? [name, 0, null, ""]
        : [name, found.isPackage ? 1 : 0, found.source, found.path];
    this.#send(TYPE.SOURCE, ROOT, id, answer);
  }
}

function closed(name: string): RouterError {
  return new RouterError("closed", `The connection to ${name} is closed.`);
}

function cancelled(what: string, signal: AbortSignal): RouterError {
  return new RouterError("cancelled", `${what} was cancelled.`, { cause: signal.reason });
}
