/** What went over one or more links. Plain fields: they are counted up on the hottest path. */
export interface WireCounters {
  roundTrips: number;
  framesSent: number;
  framesReceived: number;
  calls: number;
}

/** Counters at zero. */
export function createCounters(): WireCounters {
  return { roundTrips: 0, framesSent: 0, framesReceived: 0, calls: 0 };
}

/** Counts round trips of one link: what is received after something was sent, once each time. */
export interface TurnCounter {
  sent(): void;
  received(): void;
}

/** Makes a {@link TurnCounter} that adds to `counters`. */
export function createTurnCounter(counters: WireCounters): TurnCounter {
  let due = 0;
  return {
    sent() {
      due = 1;
    },
    received() {
      counters.roundTrips += due;
      due = 0;
    },
  };
}
