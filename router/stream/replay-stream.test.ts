import { describe, expect, it } from "vitest";
import { createMemoryStream } from "./memory-stream.ts";
import { createReplayStream } from "./replay-stream.ts";
import type { StreamEnd } from "./stream.ts";

function setUp() {
  const stream = createReplayStream();
  const data: string[] = [];
  const ends: StreamEnd[] = [];
  let drains = 0;
  const listen = () =>
    stream.open({
      onData: (chunk) => data.push(Buffer.from(chunk).toString()),
      onDrain: () => {
        drains += 1;
      },
      onEnd: (end) => ends.push(end),
    });
  return { stream, data, ends, listen, drains: () => drains };
}
const text = (value: string) => Buffer.from(value);

describe("createReplayStream", () => {
  it("tells another far end all that was written, and hears only that one", async () => {
    const { stream, data, ends, listen } = setUp();
    const first = createMemoryStream();
    const second = createMemoryStream();
    listen();
    stream.use(first.stream);
    stream.write(text("one "));
    stream.write(text("two"));
    stream.end();
    stream.use(second.stream);
    stream.confirm();
    first.peer.send(text("ghost"));
    first.peer.finish({ exitCode: 1 });
    second.peer.send(text("answer"));
    expect(second.peer.take().toString()).toBe("one two");
    expect([second.peer.ended, data, ends]).toEqual([true, ["answer"], []]);
    second.peer.finish({ exitCode: 0 });
    expect(ends).toEqual([{ exitCode: 0, stderr: "" }]);
  });

  it("holds writers back once it keeps much, until the far end is confirmed", () => {
    const { stream, listen, drains } = setUp();
    const { stream: inner, peer } = createMemoryStream();
    listen();
    stream.use(inner);
    expect(stream.write(Buffer.alloc(1024 * 1024))).toBe(true);
    expect(stream.write(Buffer.alloc(1))).toBe(false);
    peer.setFull(false);
    expect(drains()).toBe(0);
    stream.confirm();
    expect(drains()).toBe(1);
    expect(stream.write(Buffer.alloc(5_000_000))).toBe(true);
  });

  it("that fails tells it once, also to one who listens later", () => {
    const { stream, ends, listen } = setUp();
    stream.fail(new Error("login refused"));
    listen();
    stream.fail(new Error("again"));
    stream.write(text("into the void"));
    expect(ends.map((end) => end.error?.message)).toEqual(["login refused"]);
    const late = createMemoryStream();
    stream.use(late.stream);
    expect(late.peer.destroyed).toBe(true);
  });

  it("passes what comes before anybody listens", () => {
    const { stream, data, listen } = setUp();
    const { stream: inner, peer } = createMemoryStream();
    stream.use(inner);
    peer.send(text("early"));
    listen();
    expect(data).toEqual(["early"]);
  });

  it("destroyed without a far end tells why", () => {
    const { stream, ends, listen } = setUp();
    listen();
    stream.destroy(new Error("enough"));
    expect(ends[0]?.error?.message).toBe("enough");
  });
});
