import { describe, expect, it } from "vitest";
import {
  createDeferred,
  createFifo,
  createScope,
  createTestClock,
  RouterError,
  systemClock,
} from "./index.ts";

describe("createFifo", () => {
  it("hands items out in the order they came, across many refills", () => {
    const fifo = createFifo<number>();
    const out: number[] = [];
    let next = 0;
    for (let round = 0; round < 50; round += 1) {
      for (let i = 0; i < 7; i += 1) fifo.push(next++);
      for (let i = 0; i < 6; i += 1) out.push(fifo.shift() as number);
    }
    expect(fifo.size).toBe(50);
    expect(fifo.peek()).toBe(300);
    out.push(...fifo.drain());
    expect(out).toEqual(Array.from({ length: 350 }, (_, i) => i));
    expect(fifo.shift()).toBeUndefined();
    expect(fifo.size).toBe(0);
  });
});

describe("createDeferred", () => {
  it("keeps the first settlement", async () => {
    const deferred = createDeferred<number>();
    expect(deferred.settled).toBe(false);
    deferred.resolve(1);
    deferred.reject(new Error("late"));
    expect(deferred.settled).toBe(true);
    await expect(deferred.promise).resolves.toBe(1);
  });
});

describe("createTestClock", () => {
  it("runs timers in the order they fall due, also those set by timers", async () => {
    const clock = createTestClock();
    const ran: string[] = [];
    clock.setTimer(20, () => ran.push(`b ${clock.now()}`));
    clock.setTimer(10, () => {
      ran.push(`a ${clock.now()}`);
      clock.setTimer(5, () => ran.push(`c ${clock.now()}`));
    });
    const cancelled = clock.setTimer(1, () => ran.push("never"));
    cancelled.cancel();
    await clock.advance(15);
    expect(ran).toEqual(["a 10", "c 15"]);
    expect(clock.pending).toBe(1);
    await clock.advance(5);
    expect(ran).toEqual(["a 10", "c 15", "b 20"]);
    expect(clock.pending).toBe(0);
  });
});

describe("systemClock", () => {
  it("runs a timer and lets one be cancelled", async () => {
    const ran: number[] = [];
    systemClock.setTimer(1, () => ran.push(1)).cancel();
    const before = systemClock.now();
    await new Promise<void>(
      (resolve) => systemClock.setTimer(2, resolve) && setTimeout(() => {}, 5),
    );
    expect(systemClock.now()).toBeGreaterThan(before);
    expect(ran).toEqual([]);
  });
});

describe("createScope", () => {
  it("gives back in reverse order, once", async () => {
    const scope = createScope();
    const order: string[] = [];
    scope.add(() => void order.push("first"));
    scope.add(async () => {
      await Promise.resolve();
      order.push("second");
    });
    await Promise.all([scope.close(), scope.close()]);
    expect(order).toEqual(["second", "first"]);
    expect(scope.closed).toBe(true);
  });

  it("gives back at once what is added after the close", async () => {
    const scope = createScope();
    await scope.close();
    let disposed = false;
    scope.add(() => {
      disposed = true;
    });
    await Promise.resolve();
    expect(disposed).toBe(true);
  });

  it("runs every disposer and tells all errors", async () => {
    const scope = createScope();
    let ran = false;
    scope.add(() => {
      ran = true;
    });
    scope.add(() => {
      throw new Error("one");
    });
    await expect(scope.close()).rejects.toThrow("one");
    expect(ran).toBe(true);
    const both = createScope();
    for (const text of ["a", "b"]) {
      both.add(() => {
        throw new Error(text);
      });
    }
    await expect(both.close()).rejects.toBeInstanceOf(AggregateError);
  });
});

describe("RouterError.from", () => {
  it("leaves a RouterError as it is and wraps anything else with its cause", () => {
    const error = new RouterError("auth", "no");
    expect(RouterError.from(error)).toBe(error);
    const cause = new TypeError("odd");
    const wrapped = RouterError.from(cause, "agent");
    expect(wrapped).toMatchObject({ code: "agent", message: "odd", cause });
    expect(RouterError.from("text").message).toBe("text");
  });
});

describe("the machine's clock", () => {
  it("keeps the process alive for timers that work in progress waits for, and for no others", () => {
    const pending = () =>
      process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = pending();
    const idle = systemClock.setTimer(60_000, () => {});
    expect(pending()).toBe(before);
    const awake = systemClock.setTimer(60_000, () => {}, "awake");
    expect(pending()).toBe(before + 1);
    for (const timer of [idle, awake]) timer.cancel();
  });
});
