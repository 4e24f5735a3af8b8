import { expect, it } from "vitest";
import { createRequests } from "./requests.ts";

it("hands each answer to the question it belongs to", async () => {
  const requests = createRequests();
  const sent: number[] = [];
  const first = requests.ask<string>((request) => sent.push(request));
  const second = requests.ask<string>((request) => sent.push(request));
  requests.answer(sent[1]!, "two");
  requests.answer(sent[0]!, "one");
  expect(await Promise.all([first, second])).toEqual(["one", "two"]);
});

it("throws the error that comes instead of an answer", async () => {
  const requests = createRequests();
  const asked = requests.ask((request) => requests.answer(request, undefined, "no such group"));
  await expect(asked).rejects.toThrow("no such group");
});

it("drops an answer that nobody waits for", () => {
  expect(() => createRequests().answer(7, "late")).not.toThrow();
});
