import type { Segment } from "./segment.ts";

/** One direction of a connection. */
export interface Direction {
  readonly frames: number;
  /** Whole frames, all headers included. */
  readonly wireBytes: number;
  /** Payload as sent, what was sent again included. */
  readonly payloadBytes: number;
  /** Segments whose payload had been sent before. */
  readonly retransmissions: number;
}

/** One TCP connection. */
export interface TcpFlow {
  /** Who opened it; when that was before the capture, who spoke first in it. */
  readonly client: string;
  readonly server: string;
  readonly start: number;
  readonly end: number;
  readonly toServer: Direction;
  readonly toClient: Direction;
  /** How often the side that sends payload changed. */
  readonly directionChanges: number;
  /** How often payload for the server was followed by payload from it: a question and its answer. */
  readonly roundTrips: number;
  /** Seconds in pauses of at least `IDLE` between two frames. */
  readonly idleSeconds: number;
}

/** The flows of a capture as one figure each. */
export interface FlowTotals {
  readonly connections: number;
  readonly frames: number;
  readonly wireBytes: number;
  readonly bytesToServer: number;
  readonly bytesToClient: number;
  readonly payloadBytes: number;
  /** Of link, IP and TCP together. */
  readonly headerBytes: number;
  readonly directionChanges: number;
  readonly roundTrips: number;
  readonly retransmissions: number;
}

/** A pause of this many seconds is nobody's network: somebody was computing, or waiting. */
export const IDLE = 0.05;

/** Groups segments, which come in the order of their time, by connection. A port that is used again makes a new flow. */
export function toTcpFlows(segments: Iterable<Segment>): TcpFlow[] {
  const flows: FlowBuilder[] = [];
  const open = new Map<string, FlowBuilder>();
  for (const segment of segments) {
    const key =
      segment.source < segment.destination
        ? `${segment.source} ${segment.destination}`
        : `${segment.destination} ${segment.source}`;
    let flow = open.get(key);
    if (flow === undefined || flow.isReopenedBy(segment)) {
      flow = new FlowBuilder(segment);
      open.set(key, flow);
      flows.push(flow);
    }
    flow.add(segment);
  }
  return flows.map((flow) => flow.toFlow());
}

export function sumFlows(flows: readonly TcpFlow[]): FlowTotals {
  const sum = (read: (flow: TcpFlow) => number): number =>
    flows.reduce((total, flow) => total + read(flow), 0);
  const both = (read: (direction: Direction) => number): number =>
    sum(({ toServer, toClient }) => read(toServer) + read(toClient));
  return {
    connections: flows.length,
    frames: both(({ frames }) => frames),
    wireBytes: both(({ wireBytes }) => wireBytes),
    bytesToServer: sum(({ toServer }) => toServer.wireBytes),
    bytesToClient: sum(({ toClient }) => toClient.wireBytes),
    payloadBytes: both(({ payloadBytes }) => payloadBytes),
    headerBytes: both(({ wireBytes, payloadBytes }) => wireBytes - payloadBytes),
    directionChanges: sum(({ directionChanges }) => directionChanges),
    roundTrips: sum(({ roundTrips }) => roundTrips),
    retransmissions: both(({ retransmissions }) => retransmissions),
  };
}

class FlowBuilder {
  readonly #client: string;
  readonly #server: string;
  readonly #start: number;
  readonly #toServer = new DirectionBuilder();
  readonly #toClient = new DirectionBuilder();
  /** Sequence number of the SYN that opened it, unless the capture began later. */
  readonly #opened: number | undefined;
  #end: number;
  #speaker: string | undefined;
  #directionChanges = 0;
  #roundTrips = 0;
  #idle = 0;

  constructor(first: Segment) {
    const fromServer = first.syn && first.ack;
    this.#client = fromServer ? first.destination : first.source;
    this.#server = fromServer ? first.source : first.destination;
    this.#start = first.time;
    this.#end = first.time;
    this.#opened = first.syn && !first.ack ? first.sequence : undefined;
  }

  /** A SYN with another number than the first one is a new connection; with the same it is the first one again. */
  isReopenedBy({ syn, ack, sequence }: Segment): boolean {
    return syn && !ack && sequence !== this.#opened;
  }

  add(segment: Segment): void {
    const pause = segment.time - this.#end;
    if (pause >= IDLE) this.#idle += pause;
    this.#end = Math.max(this.#end, segment.time);
    const fromClient = segment.source === this.#client;
    const isNew = (fromClient ? this.#toServer : this.#toClient).add(segment);
    if (!isNew || this.#speaker === segment.source) return;
    if (this.#speaker !== undefined) {
      this.#directionChanges += 1;
      if (!fromClient) this.#roundTrips += 1;
    }
    this.#speaker = segment.source;
  }

  toFlow(): TcpFlow {
    return {
      client: this.#client,
      server: this.#server,
      start: this.#start,
      end: this.#end,
      toServer: this.#toServer.toDirection(),
      toClient: this.#toClient.toDirection(),
      directionChanges: this.#directionChanges,
      roundTrips: this.#roundTrips,
      idleSeconds: this.#idle,
    };
  }
}

class DirectionBuilder {
  #frames = 0;
  #wireBytes = 0;
  #payloadBytes = 0;
  #retransmissions = 0;
  /** One past the highest byte sent so far. */
  #next: number | undefined;

  /** Whether the segment brings payload that was not sent before. */
  add(segment: Segment): boolean {
    this.#frames += 1;
    this.#wireBytes += segment.wireLength;
    this.#payloadBytes += segment.payload;
    const end = (segment.sequence + segment.payload + (segment.syn || segment.fin ? 1 : 0)) >>> 0;
    const isNew = this.#next === undefined || isBehind(end, this.#next);
    // A probe of an idle peer repeats one byte; it says nothing about the network.
    const isProbe = segment.payload <= 1 && end === this.#next;
    if (isNew) this.#next = end;
    else if (segment.payload > 0 && !isProbe) this.#retransmissions += 1;
    return isNew && segment.payload > 0;
  }

  toDirection(): Direction {
    return {
      frames: this.#frames,
      wireBytes: this.#wireBytes,
      payloadBytes: this.#payloadBytes,
      retransmissions: this.#retransmissions,
    };
  }
}

/** Sequence numbers wrap: `a` is behind `b` when that way round the circle is the shorter one. */
function isBehind(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}
