import { describe, expect, it } from "vitest";
import { readCompare, readConform } from "./arguments.ts";

const words = (line: string): readonly string[] => line.split(" ");

describe("readCompare()", () => {
  it("takes what is behind -- for both engines", () => {
    const line = "a.yml -i one -i two -e x=1 --runs 3 -- --limit web -b";
    expect(readCompare(words(line))).toMatchObject({
      play: ["a.yml", "-e", "x=1", "--limit", "web", "-b"],
      inventories: ["one", "two"],
      runs: 3,
      sandbox: false,
      budget: [],
      line,
    });
  });

  it.each([
    ["a.yml", "no inventory is given"],
    ["-i hosts", "no playbook is given"],
    ["a.yml -i hosts --runs 0", "--runs 0: a number above 0"],
    ["a.yml -i hosts --runs 1.5", "--runs 1.5"],
    ["a.yml -i hosts --rtt 26", "give --sandbox too"],
    ["a.yml -i hosts --budget rtt=x", "--budget rtt=x"],
    ["a.yml -i hosts --bugdet rtt=1", "--bugdet"],
  ])("refuses %s", (line, message) => {
    expect(() => readCompare(words(line))).toThrow(message);
  });
});

describe("readConform()", () => {
  it.each([
    ["a.yml -i hosts", { sandbox: true, twins: [] }],
    ["a.yml -i hosts --rtt 26", { sandbox: true, link: { rtt: 26 } }],
    ["a.yml -i hosts --twin others", { sandbox: false, twins: ["others"] }],
  ])("reads %s", (line, expected) => {
    expect(readConform(words(line))).toMatchObject(expected);
  });

  it("refuses a link to hosts that are not of its own", () => {
    expect(() => readConform(words("a.yml -i hosts --twin others --rtt 26"))).toThrow("--twin");
  });
});
