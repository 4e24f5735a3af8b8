import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PyFloat } from "../model/value.ts";
import { choose, seededChance, shuffleItems, systemChance } from "./py-random.ts";

const sha512 = (data: Uint8Array) => createHash("sha512").update(data).digest("hex");

// What Python gives for seeds and limits of all kinds stands in testdata/expected/chance.json.
describe("seeded chance", () => {
  it("gives the same figures for the same seed, and others for another", () => {
    const draw = (seed: unknown) => {
      const chance = seededChance(seed, sha512);
      return Array.from({ length: 700 }, () => chance.below(1_000_000));
    };
    expect(draw("a")).toEqual(draw("a"));
    expect(draw("a")).not.toEqual(draw("b"));
    expect(draw(true)).toEqual(draw(1));
    expect(draw(-5)).toEqual(draw(5n));
    expect(draw(new PyFloat(2))).toEqual(draw(2));
  });

  it.each([[1], [2], [3], [2 ** 31], [2 ** 32], [2 ** 40 + 1], [2n ** 70n]])(
    "stays below %s",
    (limit) => {
      const chance = seededChance(7, sha512);
      for (let turn = 0; turn < 200; turn++) {
        const drawn = chance.below(limit);
        expect(drawn >= 0 && drawn < limit).toBe(true);
      }
    },
  );

  it("refuses what is no seed as Python does", () => {
    expect(() => seededChance([1], sha512)).toThrow("The only supported seed types are");
  });

  it("shuffles without losing an item", () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const shuffled = [...items];
    shuffleItems(seededChance("s", sha512), shuffled);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.sort((a, b) => a - b)).toEqual(items);
  });
});

describe("chance of the system", () => {
  it("follows its source, for big limits too", () => {
    const low = systemChance(() => 0);
    const high = systemChance(() => 1 - 2 ** -48);
    expect(choose(low, ["a", "b", "c"])).toBe("a");
    expect(choose(high, ["a", "b", "c"])).toBe("c");
    expect(low.below(2n ** 80n)).toBe(0);
    expect(high.below(2n ** 80n)).toBeLessThan(2n ** 80n);
  });
});
