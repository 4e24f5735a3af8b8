import type { MessagePort } from "node:worker_threads";
import { decodeValue, encodeValue } from "./encoding.ts";
import type { ShardPort } from "./messages.ts";

/** A ShardPort that can be ended: what was sent before still arrives. */
export interface ThreadPort<Send, Receive> extends ShardPort<Send, Receive> {
  close(): void;
}

/**
 * A MessagePort as a ShardPort. What is sent within one turn of the event loop travels as one message: "task 17 on these
 * 400 hosts", and 400 results, are each one post.
 */
export function threadPort<Send, Receive>(port: MessagePort): ThreadPort<Send, Receive> {
  let waiting: Send[] = [];
  const flush = (): void => {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    const bytes = encodeValue(batch);
    port.postMessage(bytes, [bytes.buffer as ArrayBuffer]);
  };
  return {
    send(message) {
      waiting.push(message);
      if (waiting.length === 1) setImmediate(flush);
    },
    close() {
      flush();
      port.close();
    },
    onMessage(listener) {
      port.on("message", (bytes: Uint8Array) => {
        for (const message of decodeValue(bytes) as Receive[]) listener(message);
      });
    },
  };
}
