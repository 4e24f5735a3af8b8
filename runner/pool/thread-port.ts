import type { MessagePort } from "node:worker_threads";
import { decodeValue, encodeValue } from "./encoding.ts";
import type { ShardPort } from "./messages.ts";

/**
 * A MessagePort as a ShardPort. What is sent within one turn of the event loop travels as one message: "task 17 on these
 * 400 hosts", and 400 results, are each one post.
 */
export function threadPort<Send, Receive>(port: MessagePort): ShardPort<Send, Receive> {
  let waiting: Send[] = [];
  const flush = (): void => {
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
    onMessage(listener) {
      port.on("message", (bytes: Uint8Array) => {
        for (const message of decodeValue(bytes) as Receive[]) listener(message);
      });
    },
  };
}
