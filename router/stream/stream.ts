/** How a stream ended. Exactly one of these is reported, once. */
export interface StreamEnd {
  /** Why it broke; absent when the other side simply finished. */
  readonly error?: Error;
  /** The far process's exit status, where one is known. */
  readonly exitCode?: number;
  /** The signal that killed it. */
  readonly signal?: string;
  /** The last bytes that it wrote to its standard error, as text. */
  readonly stderr: string;
}

/** Who listens to a stream. */
export interface StreamHandlers {
  onData(chunk: Uint8Array): void;
  /** Standard error as it comes; the stream keeps its tail for {@link StreamEnd} in any case. */
  onStderr?(chunk: Uint8Array): void;
  /** After `write` returned false: there is room again. */
  onDrain(): void;
  onEnd(end: StreamEnd): void;
}

/** Bytes to and from a child process, wherever it runs. */
export interface ByteStream {
  /** Starts delivery. Called once; nothing is lost before. */
  open(handlers: StreamHandlers): void;
  /** Queues bytes. False when the far side is slow: wait for `onDrain`. */
  write(chunk: Uint8Array): boolean;
  /** Stops and resumes delivery of data. */
  pause(): void;
  resume(): void;
  /** Closes the writing side when all is written. */
  end(): void;
  /** Stops now. `onEnd` follows, with `reason` when nothing else ended it first. */
  destroy(reason?: Error): void;
}
