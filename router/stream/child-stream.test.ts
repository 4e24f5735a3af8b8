import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { createChildStream } from "./child-stream.ts";
import type { ByteStream, StreamEnd } from "./stream.ts";
import { createTail } from "./tail.ts";

const ended: Promise<StreamEnd>[] = [];

function run(script: string) {
  const stream = createChildStream({ argv: ["/bin/sh", "-c", script] });
  return { stream, ...listen(stream) };
}

function listen(stream: ByteStream) {
  const data: Uint8Array[] = [];
  const end = new Promise<StreamEnd>((resolve) => {
    stream.open({ onData: (chunk) => data.push(chunk), onDrain: () => {}, onEnd: resolve });
  });
  ended.push(end);
  return { end, text: () => Buffer.concat(data).toString() };
}

afterAll(async () => {
  // No child of this suite is left: each told its end.
  await Promise.all(ended);
});

describe("createChildStream", () => {
  it("carries bytes both ways and tells the exit status and the last of standard error", async () => {
    const { stream, end, text } = run("cat; echo oops >&2; exit 3");
    stream.write(Buffer.from("hello"));
    stream.end();
    expect(await end).toEqual({ exitCode: 3, stderr: "oops\n" });
    expect(text()).toBe("hello");
  });

  it("tells what killed the child", async () => {
    expect(await run("kill -TERM $$").end).toMatchObject({ signal: "SIGTERM" });
  });

  it("kills the whole group when it is destroyed, and tells why", async () => {
    const { stream, end, text } = run("sleep 300 & echo $!; wait");
    while (text() === "") await new Promise((resolve) => setTimeout(resolve, 5));
    const grandchild = Number(text());
    stream.destroy(new Error("enough"));
    expect((await end).error?.message).toBe("enough");
    await expect.poll(() => isAlive(grandchild)).toBe(false);
    stream.destroy();
    stream.write(Buffer.from("into the void"));
  });

  it("ends although a grandchild keeps the pipe open", async () => {
    const { end } = run("sleep 2 & exit 4");
    expect(await end).toMatchObject({ exitCode: 4 });
  });

  it("tells of a program that cannot be started", async () => {
    const stream = createChildStream({ argv: ["/nonexistent/program"] });
    expect((await listen(stream).end).error?.message).toContain("ENOENT");
  });

  it("survives a child that does not read", async () => {
    const { stream, end } = run("exec <&-; exit 0");
    for (let i = 0; i < 50; i += 1) stream.write(Buffer.alloc(100_000));
    expect(await end).toMatchObject({ exitCode: 0 });
  });
});

function isAlive(pid: number): boolean {
  try {
    // A dead process that nobody has waited for yet still has an entry.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("createTail", () => {
  it("keeps the last 4 KiB, whatever the pieces", () => {
    const tail = createTail();
    for (let i = 0; i < 1000; i += 1) tail.push(Buffer.from(`line ${i}\n`));
    expect(tail.text()).toHaveLength(4096);
    expect(tail.text().endsWith("line 998\nline 999\n")).toBe(true);
    tail.push(Buffer.alloc(10_000, 0x7a));
    expect(tail.text()).toBe("z".repeat(4096));
  });
});
