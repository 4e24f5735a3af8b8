import type { Clock, Timer } from "../base/index.ts";

/** Finds a peer that has died without a word. */
export interface Keepalive {
  /** Something was heard. */
  heard(): void;
  /** Something is under way: watch from now on, until nothing is. */
  watch(): void;
  stop(): void;
}

export interface KeepaliveOptions {
  readonly clock: Clock;
  readonly milliseconds: number;
  /** Whether an answer of any kind is due. An idle link is left in peace. */
  readonly isBusy: () => boolean;
  readonly ping: () => void;
  readonly dead: (silentMilliseconds: number) => void;
}

/** Pings that may stay unanswered. */
const MOST_MISSED = 3;

/** Makes a {@link Keepalive}: one timer per link, and none while nothing is under way. */
export function createKeepalive(options: KeepaliveOptions): Keepalive {
  const { clock, milliseconds, isBusy, ping, dead } = options;
  let last = clock.now();
  let missed = 0;
  let timer: Timer | undefined;
  let stopped = false;

  const arm = (wait: number) => {
    timer = clock.setTimer(wait, check);
  };
  const check = () => {
    timer = undefined;
    if (stopped || !isBusy()) return;
    const silent = clock.now() - last;
    if (silent < milliseconds) {
      arm(milliseconds - silent);
      return;
    }
    if (missed >= MOST_MISSED) {
      dead(silent);
      return;
    }
    missed += 1;
    ping();
    arm(milliseconds);
  };
  return {
    heard() {
      last = clock.now();
      missed = 0;
    },
    watch() {
      if (timer !== undefined || stopped || milliseconds <= 0) return;
      // Silence before this moment was nobody's fault.
      last = clock.now();
      missed = 0;
      arm(milliseconds);
    },
    stop() {
      stopped = true;
      timer?.cancel();
      timer = undefined;
    },
  };
}
