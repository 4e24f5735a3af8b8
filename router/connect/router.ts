import type { Clock, Trace } from "../base/index.ts";
import { RouterError, systemClock } from "../base/index.ts";
import type { WireCounters } from "../bus/counters.ts";
import { createCounters } from "../bus/counters.ts";
import type { SourceAnswer } from "../message/source.ts";
import type { AgentPayload } from "./agent.ts";
import { createCommandTransport } from "./command.ts";
import { createGate } from "./gate.ts";
import type { Link, OwnedLink } from "./link.ts";
import { createLink } from "./link.ts";
import { createOpenSshTransport } from "./openssh.ts";
import type { LinkSpec } from "./spec.ts";
import type { SshConnector } from "./ssh.ts";
import { isRefusal } from "./ssh-errors.ts";

export interface RouterOptions {
  readonly agent: AgentPayload;
  readonly clock?: Clock;
  /** Most connections that are set up at once; default 32. Fewer when an sshd refuses. */
  readonly connectConcurrency?: number;
  /** Compress what agents send; default true. */
  readonly compress?: boolean;
  /** Candidates for the agents' temp folders, best first. */
  readonly tmp?: readonly string[];
  /** Seconds of silence, while something is under way, after which a host is asked; default 20. */
  readonly keepaliveSeconds?: number;
  /** Called when an agent asks for a module that was not sent. */
  readonly onSourceMissing?: (name: string) => SourceAnswer | undefined;
  /** Takes what happens on the bus, frame by frame. */
  readonly trace?: Trace;
}

/** Totals over all links, closed ones included. */
export interface WireStats extends Readonly<WireCounters> {
  readonly links: number;
  /** At the SSH socket where there is one, else at the agent's pipes. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** The bus of one process or worker thread. */
export interface Router {
  /** One host's link. It connects at its first use. @throws RouterError `closed`. */
  link(spec: LinkSpec): Link;
  stats(): WireStats;
  /** Finishes what is under way on all links, then ends them. */
  close(): Promise<void>;
  /** Stops now. */
  destroy(reason: string): Promise<void>;
}

const TMP = ["~/.ansible/tmp", "/var/tmp", "/tmp"];

/** Makes a {@link Router}. */
export function createRouter(options: RouterOptions): Router {
  const clock = options.clock ?? systemClock;
  const counters = createCounters();
  const links: OwnedLink[] = [];
  const gate = createGate({
    most: Math.max(1, options.connectConcurrency ?? 32),
    clock,
    random: Math.random,
    isRefusal,
  });
  let ssh: Promise<SshConnector> | undefined;
  const { trace } = options;
  let closed = false;

  const dial = async (spec: LinkSpec, signal: AbortSignal) => {
    if (spec.kind === "local") return createCommandTransport(["/bin/sh", "-c"], spec.cwd);
    if (spec.kind === "command") return createCommandTransport(spec.argv);
    if (spec.kind === "openssh") {
      trace?.({
        kind: "log",
        link: spec.name,
        level: 1,
        text: `an ssh process is used because of: ${spec.why}`,
      });
      return createOpenSshTransport(spec);
    }
    // Loading it costs more than all the rest of the bus: a run on this machine alone does without.
    ssh ??= import("./ssh.ts").then((module) => module.createSshConnector(clock));
    const connector = await ssh;
    return gate.run(async (attempt) => {
      trace?.({ kind: "connect", link: spec.name, attempt });
      const start = clock.now();
      const transport = await connector.connect(spec, signal);
      trace?.({ kind: "connected", link: spec.name, milliseconds: clock.now() - start });
      return transport;
    });
  };
  const environment = {
    agent: options.agent,
    clock,
    compress: options.compress ?? true,
    tmp: options.tmp ?? TMP,
    keepaliveSeconds: options.keepaliveSeconds ?? 20,
    onSourceMissing: options.onSourceMissing,
    trace,
    counters,
    dial,
  };
  return {
    link(spec) {
      if (closed) throw new RouterError("closed", "The router is closed.");
      const link = createLink(spec, environment);
      links.push(link);
      return link;
    },
    stats() {
      let bytesSent = 0;
      let bytesReceived = 0;
      for (const link of links) {
        const { sent, received } = link.bytes();
        bytesSent += sent;
        bytesReceived += received;
      }
      return { ...counters, links: links.length, bytesSent, bytesReceived };
    },
    async close() {
      closed = true;
      await Promise.allSettled(links.map((link) => link.close()));
      gate.close();
    },
    async destroy(reason) {
      closed = true;
      gate.close();
      await Promise.allSettled(links.map((link) => link.destroy(reason)));
    },
  };
}
