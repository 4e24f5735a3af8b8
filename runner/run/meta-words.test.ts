import { expect, test } from "vitest";
import type { RunEvent } from "../model/event.ts";
import { inMetaWords, metaLine } from "./meta-words.ts";

test.for([
  ["end_host", false, "META: ending play for h"],
  ["end_host", true, "META: end_host conditional evaluated to False, continuing execution for h"],
  ["end_play", true, "META: end_play conditional evaluated to False, continuing play"],
  ["clear_facts", false, "META: facts cleared"],
] as const)("at -vv a meta task says what it did: %s, skipped %s", ([meta, isSkipped, text]) => {
  expect(metaLine(meta, "h", isSkipped)).toMatchObject({ level: 2, text });
});

test("a meta action that does not exist says nothing", () => {
  expect(metaLine("nonsense", "h", false)).toBeUndefined();
});

test("a skipped meta task's result gives its own reason, where results are shown", () => {
  const skipped: RunEvent = {
    kind: "result",
    loop: false,
    host: "h",
    delegate: undefined,
    status: "skipped",
    action: "meta",
    data: new Map([["changed", false]]),
    ignoreErrors: false,
  };
  const reason = "end_play conditional evaluated to False, continuing play";
  expect(inMetaWords(skipped, "end_play")).toMatchObject({
    data: new Map<string, unknown>([
      ["msg", "end_play"],
      ["skipped", true],
      ["skip_reason", reason],
    ]),
  });
  expect(inMetaWords({ ...skipped, data: undefined }, "end_play")).toMatchObject({
    data: undefined,
  });
});
