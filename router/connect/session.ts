import type { Clock, Trace } from "../base/index.ts";
import { RouterError } from "../base/index.ts";
import type { Bus } from "../bus/bus.ts";
import { createBus } from "../bus/bus.ts";
import type { WireCounters } from "../bus/counters.ts";
import type { SourceAnswer } from "../message/source.ts";
import type { ByteCount } from "../stream/counting-stream.ts";
import { countBytes } from "../stream/counting-stream.ts";
import type { AgentPayload } from "./agent.ts";
import { agentPreamble } from "./agent.ts";
import { createFramedStream } from "./handshake.ts";
import { sourceFrames } from "./source-bundle.ts";
import type { LinkSpec } from "./spec.ts";
import type { Transport } from "./transport.ts";
import { deflateFrame, inflateFrame } from "./zlib.ts";

/** What all links of a router share. */
export interface LinkEnvironment {
  readonly agent: AgentPayload;
  readonly clock: Clock;
  readonly compress: boolean;
  readonly tmp: readonly string[];
  readonly keepaliveSeconds: number;
  readonly onSourceMissing: ((name: string) => SourceAnswer | undefined) | undefined;
  readonly trace: Trace;
  readonly counters: WireCounters;
  readonly dial: (spec: LinkSpec, signal: AbortSignal) => Promise<Transport>;
}

/** One connection of a link and the bus on it, from the first use to its end. */
export interface Session {
  readonly failure: RouterError | undefined;
  /** Bytes so far. */
  bytes(): Readonly<ByteCount>;
  transport(): Promise<Transport>;
  /** The bus; it is usable at once, whatever is still to be connected. */
  bus(): Bus;
  close(): Promise<void>;
  destroy(error: RouterError): void;
}

/** Makes a {@link Session}. Nothing happens before something is asked of it. */
export function createSession(spec: LinkSpec, environment: LinkEnvironment): Session {
  const { agent, clock, compress, tmp, counters, trace } = environment;
  const count: ByteCount = { sent: 0, received: 0 };
  let failure: RouterError | undefined;
  let dialling: Promise<Transport> | undefined;
  let transport: Transport | undefined;
  let bus: Bus | undefined;
  let closing: Promise<void> | undefined;
  const abandon = new AbortController();

  const destroy = (error: RouterError) => {
    if (failure !== undefined) return;
    failure = error;
    bus?.fail(error);
    abandon.abort(error);
    transport?.destroy(error);
  };
  const dial = async () => {
    try {
      const dialled = await environment.dial(spec, abandon.signal);
      if (failure !== undefined) {
        dialled.destroy(failure);
        throw failure;
      }
      transport = dialled;
      return dialled;
    } catch (thrown) {
      const error = RouterError.from(thrown, "unreachable");
      destroy(error);
      throw error;
    }
  };
  const connected = () => {
    dialling ??= dial();
    return dialling;
  };
  const startAgent = async (on: Bus) => {
    const { name, pythons } = spec;
    try {
      const dialled = await connected();
      const raw = await dialled.start(agent.firstStage(pythons));
      const counted = dialled.wire === undefined ? countBytes(raw, count) : raw;
      const stream = createFramedStream(counted, { name, pythons, compress });
      on.attach(stream, agentPreamble(agent, { compress, tmp }));
    } catch (thrown) {
      on.fail(RouterError.from(thrown));
    }
  };
  return {
    get failure() {
      return failure;
    },
    bytes: () => transport?.wire ?? count,
    transport: connected,
    bus() {
      if (bus === undefined) {
        bus = createBus({
          name: spec.name,
          clock,
          keepaliveSeconds: environment.keepaliveSeconds,
          inflate: inflateFrame,
          deflate: deflateFrame,
          sourceFrames,
          onSourceMissing: environment.onSourceMissing,
          counters,
          trace,
          // Without Python the connection still serves commands.
          onFailed: (error) => {
            if (error.code !== "no-python") destroy(error);
          },
        });
        void startAgent(bus);
      }
      return bus;
    },
    close() {
      closing ??= (async () => {
        await bus?.close();
        // What is still being connected is connected first: somebody waits for it.
        await dialling?.then(
          (dialled) => dialled.end(),
          () => {},
        );
        failure ??= new RouterError("closed", `The connection to ${spec.name} is closed.`);
      })();
      return closing;
    },
    destroy,
  };
}
