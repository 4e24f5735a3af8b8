import { describe, expect, it } from "vitest";
import { toTree } from "../target/tree.ts";
import { changesOf } from "./target-trees.ts";

const LISTING = [
  "/etc/motd\tf 644 root root ",
  "/etc/link\tl 777 root root motd",
  "/home/web/.ansible/tmp\td 700 web web ",
  "/etc/motd\tsha256 abc",
  "-- end of the listing",
].join("\r\n");

describe("what is on a target", () => {
  it("is a line of words for each path, without what engines leave behind", () => {
    expect(toTree(LISTING)).toEqual({
      "/etc/motd": "f 644 root root sha256 abc",
      "/etc/link": "l 777 root root motd",
    });
  });

  it("has changed where it is new, other than before, or gone", () => {
    const before = { same: "f", other: "f 644", gone: "d" };
    const after = { same: "f", other: "f 600", fresh: "l" };
    expect(changesOf(before, after)).toEqual({ other: "f 600", gone: "deleted", fresh: "l" });
  });
});
