import { describe, expect, it } from "vitest";
import { createDeferred, createTestClock } from "../base/index.ts";
import { createGate } from "./gate.ts";

const refused = new Error("refused");
const setUp = (most: number) => {
  const clock = createTestClock();
  const gate = createGate({
    most,
    clock,
    random: () => 0.5,
    isRefusal: (error) => error === refused,
  });
  return { clock, gate };
};
const turns = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("createGate", () => {
  it("lets no more through at once than its width", async () => {
    const { gate } = setUp(2);
    const ends = Array.from({ length: 5 }, () => createDeferred<void>());
    let running = 0;
    let most = 0;
    const all = ends.map((end) =>
      gate.run(async () => {
        running += 1;
        most = Math.max(most, running);
        await end.promise;
        running -= 1;
      }),
    );
    for (const end of ends) {
      await turns();
      end.resolve();
    }
    await Promise.all(all);
    expect([most, running]).toEqual([2, 0]);
  });

  it("narrows when it is refused, tries again after a pause, and widens with success", async () => {
    const { gate, clock } = setUp(8);
    const numbers: number[] = [];
    const done = gate.run(async (number) => {
      numbers.push(number);
      if (number < 3) throw refused;
      return "in";
    });
    await turns();
    expect([numbers, gate.width]).toEqual([[1], 4]);
    await clock.advance(199);
    expect(numbers).toEqual([1]);
    await clock.advance(1);
    expect([numbers, gate.width]).toEqual([[1, 2], 2]);
    await clock.advance(400);
    await expect(done).resolves.toBe("in");
    expect(gate.width).toBe(3);
  });

  it("gives up after six refusals, with the last one", async () => {
    const { gate, clock } = setUp(4);
    let tries = 0;
    const done = gate.run(async () => {
      tries += 1;
      throw refused;
    });
    done.catch(() => {});
    await clock.advance(60_000);
    await expect(done).rejects.toBe(refused);
    expect([tries, gate.width]).toEqual([6, 1]);
  });

  it("does not repeat any other failure", async () => {
    const { gate } = setUp(4);
    let tries = 0;
    await expect(
      gate.run(async () => {
        tries += 1;
        throw new Error("auth");
      }),
    ).rejects.toThrow("auth");
    expect([tries, gate.width]).toEqual([1, 4]);
  });

  it("turns those who wait away when it closes", async () => {
    const { gate } = setUp(1);
    const end = createDeferred<void>();
    const first = gate.run(() => end.promise);
    const second = gate.run(async () => {});
    gate.close();
    await expect(second).rejects.toMatchObject({ code: "closed" });
    end.resolve();
    await first;
    await expect(gate.run(async () => {})).rejects.toMatchObject({ code: "closed" });
  });
});
