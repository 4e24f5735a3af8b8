import type { Bus, PutFileOptions } from "../bus/bus.ts";
import type { Spawn } from "../bus/routes.ts";
import type { FilePut } from "../bus/transfer.ts";
import type { Batch, CallResult } from "../message/call.ts";
import type { Hello } from "../message/message.ts";
import type { SourceBundle } from "../message/source.ts";

/** One interpreter for one account on one host. It is started by its first use. */
export interface Context {
  /** What the agent says about itself. @throws RouterError when it cannot be started. */
  hello(signal?: AbortSignal): Promise<Hello>;
  /**
   * Sends sources, once per link: modules that it has already are skipped.
   * @throws RouterError when the link has failed.
   */
  sources(bundles: readonly SourceBundle[]): void;
  /**
   * Sends a batch. `onResult` is called in order as results come. All frames that are needed leave in
   * one write.
   * @throws RouterError when the link or the context dies; results delivered before stay delivered.
   */
  call(batch: Batch, onResult: (result: CallResult) => void, signal?: AbortSignal): Promise<void>;
  /** Streams a file to the account under credit. @throws RouterError as `call`. */
  putFile(source: AsyncIterable<Uint8Array>, options?: PutFileOptions): Promise<FilePut>;
}

/** A context as a path of hops on whatever bus its link has at the moment. */
export function createContext(path: readonly Spawn[], bus: () => Bus): Context {
  return {
    hello: async (signal) => bus().hello(path, signal),
    sources: (bundles) => bus().sources(bundles),
    call: async (batch, onResult, signal) => bus().call(path, batch, onResult, signal),
    putFile: async (source, options) => bus().putFile(path, source, options),
  };
}
