import { afterEach, describe, expect, it } from "vitest";
import { createTestClock, RouterError } from "../base/index.ts";
import { createSourceBundle, sourceFrames } from "../connect/source-bundle.ts";
import { deflateFrame, inflateFrame } from "../connect/zlib.ts";
import { createFrameDecoder } from "../frame/decode.ts";
import { encodeFrame, encodeMessage } from "../frame/encode.ts";
import type { Frame } from "../frame/layout.ts";
import { FLAG, TYPE } from "../frame/layout.ts";
import { createAssembler } from "../message/assemble.ts";
import type { CallResult } from "../message/call.ts";
import type { Payload } from "../message/payload.ts";
import { decodePayload, encodePayload } from "../message/payload.ts";
import { createMemoryStream } from "../stream/memory-stream.ts";
import type { BusOptions } from "./bus.ts";
import { createBus } from "./bus.ts";
import { createCounters } from "./counters.ts";
import type { Spawn } from "./routes.ts";

interface Heard {
  readonly type: number;
  readonly dst: number;
  readonly id: number;
  readonly value: unknown;
}

const HELLO = {
  v: 1,
  python: "3.11.2",
  exe: "/usr/bin/python3",
  pid: 7,
  uid: 0,
  user: "root",
  home: "/root",
  tmp: "/tmp/x",
};

const open: { readonly pending: () => number }[] = [];

/** A bus on a memory stream, with an agent that a test plays. */
function setUp(options: Partial<BusOptions> & { readonly attach?: boolean } = {}) {
  const clock = createTestClock();
  const { stream, peer } = createMemoryStream();
  const counters = createCounters();
  const failures: RouterError[] = [];
  const bus = createBus({
    name: "web1",
    clock,
    keepaliveSeconds: 10,
    inflate: inflateFrame,
    deflate: deflateFrame,
    sourceFrames,
    onSourceMissing: undefined,
    counters,
    trace: undefined,
    onFailed: (error) => failures.push(error),
    ...options,
  });
  const heard: Heard[] = [];
  const assembler = createAssembler(inflateFrame);
  const decoder = createFrameDecoder((frame: Frame) => {
    const message = assembler.take(frame);
    if (message === undefined) return;
    const { type, dst, id, payload } = message;
    heard.push({ type, dst, id, value: payload.length > 0 ? decodePayload(payload) : null });
  });
  peer.onWrite((chunk) => decoder.push(chunk));
  if (options.attach !== false) bus.attach(stream, []);
  const say = (type: number, src: number, id: number, value: Payload, flags = 0) =>
    peer.send(encodeFrame({ type, flags, dst: 0, src, id }, encodePayload(value)));
  const result = (src: number, id: number, index: number, last = false, outcome = 0) =>
    say(
      TYPE.RESULT,
      src,
      id,
      [index, outcome, 0, Buffer.from(`r${index}`), new Uint8Array(0), {}],
      last ? FLAG.last : 0,
    );
  open.push({ pending: () => clock.pending });
  return { bus, stream, peer, clock, counters, failures, heard, say, result };
}

/** Lets microtasks run: the tick's end, where frames leave. */
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

const ascii = (text: string) => new TextEncoder().encode(text);

const command = { module: "ansible.modules.command", args: "{}" };
const batch = (count: number) => ({
  stop: false,
  calls: Array.from({ length: count }, () => command),
});
const sudo: Spawn = { key: "sudo root", title: "sudo to root", payload: { method: "sudo" } };
const su: Spawn = { key: "su app", title: "su to app", payload: { method: "su" } };
const find = (heard: readonly Heard[], type: number) => heard.find((one) => one.type === type);

afterEach(() => {
  // Whatever a test did, no timer of a settled bus may be left.
  const left = open.splice(0).map((bus) => bus.pending());
  expect(left.every((count) => count <= 1)).toBe(true);
});

describe("a call", () => {
  it("delivers results in order and ends with the last", async () => {
    const { bus, heard, result, counters } = setUp();
    const results: CallResult[] = [];
    const done = bus.call([], batch(2), (one) => results.push(one));
    await tick();
    const { id, dst } = find(heard, TYPE.CALL) as Heard;
    expect(dst).toBe(1);
    result(1, id, 0);
    result(1, id, 1, true);
    await done;
    expect(
      results.map((one) => [one.index, one.outcome, Buffer.from(one.stdout).toString()]),
    ).toEqual([
      [0, "ran", "r0"],
      [1, "ran", "r1"],
    ]);
    expect(counters).toEqual({ roundTrips: 1, framesSent: 1, framesReceived: 2, calls: 2 });
  });

  it("leaves with its SPAWN and SOURCES in one write, behind the agent's own bytes", async () => {
    const { bus, stream, peer, heard } = setUp({ attach: false });
    const bundle = createSourceBundle([
      { name: "a", isPackage: false, source: Buffer.from("x = 1"), path: "a.py" },
    ]);
    bus.sources([bundle]);
    const done = bus.call([sudo, su], batch(1), () => {});
    await tick();
    expect(peer.writes).toBe(0);
    bus.attach(stream, [
      encodeFrame({ type: TYPE.CONFIG, dst: 1, src: 0, id: 0 }, encodePayload({})),
    ]);
    await tick();
    expect(peer.writes).toBe(1);
    expect(heard.map((one) => [one.type, one.dst])).toEqual([
      [TYPE.CONFIG, 1],
      [TYPE.SOURCES, 1],
      [TYPE.SPAWN, 1],
      [TYPE.SPAWN, 2],
      [TYPE.CALL, 3],
    ]);
    expect(heard[2]?.value).toEqual({ ctx: 2, method: "sudo" });
    bus.fail(new RouterError("closed", "enough"));
    await expect(done).rejects.toThrow("enough");
  });

  it("uses a context that is there, and sends sources once", async () => {
    const { bus, heard } = setUp();
    const module = { name: "a", isPackage: false, source: Buffer.from("x"), path: "a" };
    const other = { name: "b", isPackage: true, source: Buffer.from("y"), path: "b" };
    bus.sources([createSourceBundle([module])]);
    bus.sources([createSourceBundle([module]), createSourceBundle([module, other])]);
    bus.call([sudo], batch(1), () => {}).catch(() => {});
    bus.call([sudo], batch(1), () => {}).catch(() => {});
    await tick();
    const sources = heard.filter((one) => one.type === TYPE.SOURCES);
    expect(sources.map((one) => one.value)).toEqual([
      { modules: [["a", 0, ascii("x"), "a"]] },
      { modules: [["b", 1, ascii("y"), "b"]] },
    ]);
    expect(heard.filter((one) => one.type === TYPE.SPAWN)).toHaveLength(1);
    bus.fail(new RouterError("closed", "enough"));
  });

  it("of nothing ends at once and sends nothing", async () => {
    const { bus, peer } = setUp();
    await bus.call([], batch(0), () => {});
    await tick();
    expect(peer.writes).toBe(0);
  });

  it("keeps delivered results and rejects when the link is lost", async () => {
    const { bus, heard, result, peer, failures } = setUp();
    const results: CallResult[] = [];
    const done = bus.call([], batch(2), (one) => results.push(one));
    await tick();
    result(1, (find(heard, TYPE.CALL) as Heard).id, 0);
    peer.finish({ exitCode: 137, stderr: "Killed\n" });
    await expect(done).rejects.toMatchObject({
      code: "lost",
      message: "Connection to web1 lost: the agent exited with status 137: Killed",
    });
    expect(results).toHaveLength(1);
    expect(failures.map((error) => error.code)).toEqual(["lost"]);
    await expect(bus.call([], batch(1), () => {})).rejects.toMatchObject({ code: "lost" });
  });

  it("ends with its listener's own error, and the link lives on", async () => {
    const { bus, heard, result } = setUp();
    const done = bus.call([], batch(2), () => {
      throw new TypeError("listener");
    });
    await tick();
    const { id } = find(heard, TYPE.CALL) as Heard;
    result(1, id, 0);
    await expect(done).rejects.toThrow("listener");
    await tick();
    expect(find(heard, TYPE.CANCEL)).toMatchObject({ id });
    result(1, id, 1, true, 3);
    expect(bus.failed).toBeUndefined();
  });
});

describe("cancelling", () => {
  it("asks the agent, delivers what it answers, and rejects", async () => {
    const { bus, heard, result, clock } = setUp();
    const controller = new AbortController();
    const results: CallResult[] = [];
    const done = bus.call([], batch(2), (one) => results.push(one), controller.signal);
    await tick();
    const { id } = find(heard, TYPE.CALL) as Heard;
    controller.abort();
    await tick();
    expect(find(heard, TYPE.CANCEL)).toMatchObject({ id, dst: 1 });
    result(1, id, 0, false, 3);
    result(1, id, 1, true, 3);
    await expect(done).rejects.toMatchObject({ code: "cancelled" });
    expect(results.map((one) => one.outcome)).toEqual(["cancelled", "cancelled"]);
    await clock.advance(60_000);
    expect(bus.failed).toBeUndefined();
  });

  it("does not wait for ever for an agent that does not answer, and takes its late answer", async () => {
    const { bus, heard, result, clock, say } = setUp();
    const controller = new AbortController();
    const done = bus.call([], batch(1), () => {}, controller.signal);
    done.catch(() => {});
    await tick();
    controller.abort();
    await clock.advance(9_000);
    say(TYPE.PONG, 1, 1, null);
    await clock.advance(1_000);
    await expect(done).rejects.toMatchObject({ code: "cancelled" });
    result(1, (find(heard, TYPE.CALL) as Heard).id, 0, true, 3);
    expect(bus.failed).toBeUndefined();
    // It was the only late answer that was due.
    result(1, (find(heard, TYPE.CALL) as Heard).id, 0, true, 3);
    expect(bus.failed).toMatchObject({ code: "corrupt" });
  });

  it("leaves nothing that a close would wait for", async () => {
    const { bus, heard, clock, peer } = setUp();
    const controller = new AbortController();
    const call = bus.call([], batch(1), () => {}, controller.signal);
    const put = bus.putFile(
      [],
      (async function* () {
        yield new Uint8Array(3_000_000);
      })(),
      { signal: controller.signal },
    );
    const settled = Promise.allSettled([call, put]);
    await tick();
    controller.abort();
    await clock.advance(10_000);
    expect((await settled).map((one) => one.status)).toEqual(["rejected", "rejected"]);
    expect(heard.filter((one) => one.type === TYPE.CANCEL)).toHaveLength(2);
    const closing = bus.close();
    await tick();
    expect(find(heard, TYPE.BYE)).toBeDefined();
    peer.finish({ exitCode: 0 });
    await closing;
  });

  it("before the start sends nothing", async () => {
    const { bus, peer } = setUp();
    await expect(bus.call([], batch(1), () => {}, AbortSignal.abort())).rejects.toMatchObject({
      code: "cancelled",
    });
    await tick();
    expect(peer.writes).toBe(0);
  });

  it("by a batch's deadline turns what had not run into timeouts", async () => {
    const { bus, heard, result, clock } = setUp();
    const results: CallResult[] = [];
    const done = bus.call([], { ...batch(2), deadlineSeconds: 5 }, (one) => results.push(one));
    await tick();
    const { id } = find(heard, TYPE.CALL) as Heard;
    result(1, id, 0);
    await clock.advance(5_000);
    await tick();
    expect(find(heard, TYPE.CANCEL)).toMatchObject({ id });
    result(1, id, 1, true, 3);
    await done;
    expect(results.map((one) => one.outcome)).toEqual(["ran", "timeout"]);
  });
});

describe("contexts", () => {
  it("say hello", async () => {
    const { bus, say } = setUp();
    const hello = bus.hello([]);
    say(TYPE.HELLO, 1, 0, HELLO);
    await expect(hello).resolves.toMatchObject({ python: "3.11.2", user: "root" });
    await expect(bus.hello([])).resolves.toMatchObject({ pid: 7 });
  });

  it("that cannot be started fail their calls with the reason, and are tried again under a new id", async () => {
    const { bus, heard, say, result } = setUp();
    const first = bus.call([sudo, su], batch(1), () => {});
    const hello = bus.hello([sudo]);
    hello.catch(() => {});
    first.catch(() => {});
    await tick();
    say(TYPE.ROUTE_REMOVED, 1, 0, [2, "become-password-wrong", "Incorrect sudo password"]);
    await expect(first).rejects.toMatchObject({
      code: "become-password-wrong",
      message: "web1: sudo to root: Incorrect sudo password",
    });
    await expect(hello).rejects.toMatchObject({ code: "become-password-wrong" });
    // What the parent says about those behind it comes too late, and is no crime.
    say(TYPE.ROUTE_REMOVED, 1, 0, [3, "lost", "gone with it"]);
    const again = bus.call([sudo], batch(1), () => {});
    await tick();
    const spawns = heard.filter((one) => one.type === TYPE.SPAWN);
    expect(spawns.map((one) => (one.value as { ctx: number }).ctx)).toEqual([2, 3, 4]);
    const call = heard.at(-1) as Heard;
    expect([call.type, call.dst]).toEqual([TYPE.CALL, 4]);
    result(4, call.id, 0, true);
    await again;
    expect(bus.failed).toBeUndefined();
  });

  it("may still be heard after they were removed", async () => {
    const { bus, say, result, heard } = setUp();
    const done = bus.call([sudo], batch(1), () => {});
    done.catch(() => {});
    await tick();
    say(TYPE.ROUTE_REMOVED, 1, 0, [2, "lost", "killed"]);
    await expect(done).rejects.toMatchObject({ code: "lost" });
    result(2, (find(heard, TYPE.CALL) as Heard).id, 0, true);
    expect(bus.failed).toBeUndefined();
  });
});

describe("sources", () => {
  it("that were not sent are answered from the installation, or with nothing", async () => {
    const asked: string[] = [];
    const { say, heard } = setUp({
      onSourceMissing(name) {
        asked.push(name);
        return name === "a"
          ? { isPackage: true, source: Buffer.from("1"), path: "a/__init__.py" }
          : undefined;
      },
    });
    say(TYPE.SOURCE_MISSING, 1, 11, ["a"]);
    say(TYPE.SOURCE_MISSING, 1, 12, ["b"]);
    await tick();
    expect(asked).toEqual(["a", "b"]);
    expect(heard.map((one) => [one.type, one.id, one.value])).toEqual([
      [TYPE.SOURCE, 11, ["a", 1, ascii("1"), "a/__init__.py"]],
      [TYPE.SOURCE, 12, ["b", 0, null, ""]],
    ]);
  });
});

describe("a file", () => {
  async function* pieces(sizes: readonly number[]) {
    for (const size of sizes) yield new Uint8Array(size).fill(1);
  }
  const chunks = (heard: readonly Heard[]) =>
    heard.filter((one) => one.type === TYPE.FILE_CHUNK) as (Heard & {
      value: [number, Uint8Array, boolean];
    })[];

  it("goes out no further than 1 MiB beyond its credit", async () => {
    const { bus, heard, say } = setUp();
    const progress: number[] = [];
    const size = 3 * 1024 * 1024;
    const put = bus.putFile([], pieces([size]), { onProgress: (bytes) => progress.push(bytes) });
    await tick();
    const sent = () =>
      chunks(heard).reduce((sum, one) => sum + (one.value[1] as Uint8Array).length, 0);
    expect(sent()).toBe(1024 * 1024);
    const { id } = chunks(heard)[0] as Heard;
    say(TYPE.FILE_CREDIT, 1, id, [512 * 1024]);
    await tick();
    expect(sent()).toBe(1536 * 1024);
    say(TYPE.FILE_CREDIT, 1, id, [1536 * 1024]);
    await tick();
    say(TYPE.FILE_CREDIT, 1, id, [2560 * 1024]);
    await tick();
    expect(sent()).toBe(size);
    expect(chunks(heard).map((one) => one.value[2])).toEqual([
      ...Array.from({ length: 23 }, () => false),
      true,
    ]);
    say(TYPE.FILE_DONE, 1, id, ["/tmp/f", size, "ab", null]);
    await expect(put).resolves.toEqual({ id, path: "/tmp/f", size, sha1: "ab" });
    expect(progress).toEqual([512 * 1024, 1536 * 1024, 2560 * 1024]);
  });

  it("without content is one empty chunk", async () => {
    const { bus, heard, say } = setUp();
    const put = bus.putFile([], pieces([]));
    await tick();
    expect(chunks(heard).map((one) => one.value)).toEqual([[0, ascii(""), true]]);
    say(TYPE.FILE_DONE, 1, (chunks(heard)[0] as Heard).id, ["/tmp/f", 0, "da", null]);
    await expect(put).resolves.toMatchObject({ size: 0 });
  });

  it("that the target cannot take rejects with the reason", async () => {
    const { bus, heard, say } = setUp();
    const put = bus.putFile([], pieces([10]));
    await tick();
    say(TYPE.FILE_DONE, 1, (chunks(heard)[0] as Heard).id, ["", 0, "", "No space left on device"]);
    await expect(put).rejects.toMatchObject({
      code: "agent",
      message: "web1 could not take a file: No space left on device",
    });
  });

  it("whose source breaks is cancelled at the target too", async () => {
    const { bus, heard } = setUp();
    async function* broken() {
      yield new Uint8Array(5);
      throw new Error("disk on fire");
    }
    await expect(bus.putFile([], broken())).rejects.toThrow("disk on fire");
    await tick();
    expect(find(heard, TYPE.CANCEL)).toBeDefined();
  });
});

describe("a peer that breaks the protocol", () => {
  const hostile: readonly [string, string, (t: ReturnType<typeof setUp>, call: Heard) => void][] = [
    ["answers a call that was not sent", "corrupt", (t, call) => t.result(1, call.id + 1, 0, true)],
    ["answers out of order", "corrupt", (t, call) => t.result(1, call.id, 1)],
    ["ends a batch too early", "corrupt", (t, call) => t.result(1, call.id, 0, true)],
    ["speaks as a context that never was", "corrupt", (t) => t.result(9, 1, 0)],
    [
      "says HELLO twice",
      "corrupt",
      (t) => {
        t.say(TYPE.HELLO, 1, 0, HELLO);
        t.say(TYPE.HELLO, 1, 0, HELLO);
      },
    ],
    ["removes itself", "corrupt", (t) => t.say(TYPE.ROUTE_REMOVED, 1, 0, [1, "lost", "x"])],
    [
      "removes what never was",
      "corrupt",
      (t) => t.say(TYPE.ROUTE_REMOVED, 1, 0, [70, "lost", "x"]),
    ],
    ["gives credit for no transfer", "corrupt", (t) => t.say(TYPE.FILE_CREDIT, 1, 1, [1])],
    ["sends a controller's message", "corrupt", (t) => t.say(TYPE.CALL, 1, 1, {})],
    [
      "sends output that nobody asked for",
      "corrupt",
      (t) => t.say(TYPE.EXEC_OUTPUT, 1, 1, [1, new Uint8Array(1)]),
    ],
    [
      "begins a message that nobody asked for",
      "corrupt",
      (t) =>
        t.peer.send(
          encodeFrame(
            { type: TYPE.LOG, flags: FLAG.more, dst: 0, src: 1, id: 0 },
            new Uint8Array(9),
          ),
        ),
    ],
    ["writes text", "corrupt", (t) => t.peer.send(Buffer.from("Segmentation fault\n"))],
    [
      "addresses another context",
      "corrupt",
      (t) =>
        t.peer.send(encodeFrame({ type: TYPE.PONG, dst: 3, src: 1, id: 0 }, encodePayload(null))),
    ],
    [
      "announces a frame that is too large",
      "limit",
      (t) => t.peer.send(Buffer.from("5e1a09000040000100000001000000ff", "hex")),
    ],
    [
      "asks as a child for sources",
      "corrupt",
      (t) => {
        t.bus.hello([sudo]).catch(() => {});
        t.say(TYPE.SOURCE_MISSING, 2, 1, ["x"]);
      },
    ],
  ];

  it.each(hostile)("%s: the link is destroyed (%s)", async (_, code, attack) => {
    const setup = setUp();
    const done = setup.bus.call([], batch(2), () => {});
    done.catch(() => {});
    await tick();
    attack(setup, find(setup.heard, TYPE.CALL) as Heard);
    await expect(done).rejects.toMatchObject({ code });
    expect(setup.peer.destroyed).toBe(true);
    expect(setup.failures).toHaveLength(1);
    expect(setup.failures[0]?.message).toMatch(/^Connection to web1 dropped: /);
  });

  it("reports credit beyond what was sent, and a size that is not", async () => {
    for (const attack of ["credit", "size"] as const) {
      const setup = setUp();
      const put = setup.bus.putFile(
        [],
        (async function* () {
          yield new Uint8Array(10);
        })(),
      );
      put.catch(() => {});
      await tick();
      const { id } = find(setup.heard, TYPE.FILE_CHUNK) as Heard;
      if (attack === "credit") setup.say(TYPE.FILE_CREDIT, 1, id, [11]);
      else setup.say(TYPE.FILE_DONE, 1, id, ["/f", 9, "", null]);
      await expect(put).rejects.toMatchObject({ code: "corrupt" });
    }
  });

  it("cannot make its RESULT longer than it is", async () => {
    const { bus, heard, peer } = setUp();
    const results: CallResult[] = [];
    const done = bus.call([], batch(1), (one) => results.push(one));
    await tick();
    const { id } = find(heard, TYPE.CALL) as Heard;
    const payload = encodePayload([0, 0, 0, new Uint8Array(2_500_000), new Uint8Array(0), {}]);
    const head = { type: TYPE.RESULT, flags: FLAG.last, dst: 0, src: 1, id };
    for (const frame of encodeMessage(head, payload)) peer.send(frame);
    await done;
    expect(results[0]?.stdout).toHaveLength(2_500_000);
  });
});

describe("keepalive", () => {
  it("asks a silent host and gives it up after three unanswered pings", async () => {
    const { bus, heard, clock } = setUp();
    const done = bus.call([], batch(1), () => {});
    done.catch(() => {});
    await clock.advance(30_000);
    expect(heard.filter((one) => one.type === TYPE.PING)).toHaveLength(3);
    expect(bus.failed).toBeUndefined();
    await clock.advance(10_000);
    await expect(done).rejects.toMatchObject({
      code: "lost",
      message: "Connection to web1 lost: nothing was heard for 40 s.",
    });
  });

  it("is content with any sign of life", async () => {
    const { bus, heard, clock, say, result } = setUp();
    const done = bus.call([], batch(1), () => {});
    for (let turn = 0; turn < 10; turn += 1) {
      await clock.advance(10_000);
      say(TYPE.PONG, 1, 1, null);
    }
    result(1, (find(heard, TYPE.CALL) as Heard).id, 0, true);
    await done;
  });

  it("leaves an idle link in peace", async () => {
    const { clock, heard, bus } = setUp();
    await clock.advance(600_000);
    expect(heard).toEqual([]);
    expect(bus.failed).toBeUndefined();
    expect(clock.pending).toBe(0);
  });
});

describe("close and fail", () => {
  it("close waits for what is under way, says BYE, and waits for the end", async () => {
    const { bus, heard, result, peer, clock } = setUp();
    const done = bus.call([], batch(1), () => {});
    await tick();
    let closed = false;
    const closing = bus.close().then(() => {
      closed = true;
    });
    await tick();
    expect(find(heard, TYPE.BYE)).toBeUndefined();
    await expect(bus.call([], batch(1), () => {})).rejects.toMatchObject({ code: "closed" });
    result(1, (find(heard, TYPE.CALL) as Heard).id, 0, true);
    await done;
    await tick();
    expect(find(heard, TYPE.BYE)).toBeDefined();
    expect([peer.ended, closed]).toEqual([true, false]);
    peer.finish({ exitCode: 0 });
    await closing;
    await bus.close();
    expect(clock.pending).toBeLessThanOrEqual(1);
  });

  it("close does not wait for ever for an agent that stays", async () => {
    const { bus, peer, clock, failures } = setUp();
    const closing = bus.close();
    await clock.advance(5_000);
    await closing;
    expect(peer.destroyed).toBe(true);
    expect(failures).toEqual([]);
  });

  it("close before there was a stream ends at once", async () => {
    const { bus } = setUp({ attach: false });
    await bus.close();
    await expect(bus.hello([])).rejects.toMatchObject({ code: "closed" });
  });

  it("fail settles every waiter, once", async () => {
    const { bus, failures, peer } = setUp();
    const waiters = [
      bus.call([], batch(1), () => {}),
      bus.hello([sudo]),
      bus.putFile([], (async function* () {})()),
    ];
    await tick();
    bus.fail(new RouterError("cancelled", "Ctrl-C"));
    bus.fail(new RouterError("lost", "later"));
    const settled = await Promise.allSettled(waiters);
    expect(settled.map((one) => one.status === "rejected" && one.reason.message)).toEqual([
      "Ctrl-C",
      "Ctrl-C",
      "Ctrl-C",
    ]);
    expect(failures).toHaveLength(1);
    expect(peer.destroyed).toBe(true);
  });
});

describe("backpressure", () => {
  it("holds frames while the stream is full, and joins them when it has room", async () => {
    const { bus, peer, heard } = setUp();
    peer.setFull(true);
    bus.call([], batch(1), () => {}).catch(() => {});
    await tick();
    expect(peer.writes).toBe(1);
    bus.call([], batch(1), () => {}).catch(() => {});
    await tick();
    bus.call([], batch(1), () => {}).catch(() => {});
    await tick();
    expect(peer.writes).toBe(1);
    peer.setFull(false);
    expect(peer.writes).toBe(2);
    expect(heard.filter((one) => one.type === TYPE.CALL)).toHaveLength(3);
    bus.fail(new RouterError("closed", "enough"));
  });
});
