import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createConnection } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { createLink, type Link, linkText } from "./link.ts";

const run = promisify(execFile);
const missing =
  process.getuid?.() !== 0
    ? "(skipped: a link needs root)"
    : existsSync("/dev/net/tun")
      ? ""
      : "(skipped: there is no /dev/net/tun)";
const PORT = 4321;

/** Sends this many bytes once somebody connects, and tells nothing before it listens. */
const SENDER = `import socket, sys
server = socket.create_server(("0.0.0.0", ${PORT}))
print("ready", flush=True)
server.accept()[0].sendall(bytes(int(sys.argv[1])))`;

async function secondsFor(link: Link, bytes: number): Promise<number> {
  const [program, ...rest] = link.enter;
  const sender = spawn(program!, [...rest, "/usr/bin/python3", "-c", SENDER, String(bytes)]);
  try {
    await new Promise((done) => sender.stdout.once("data", done));
    const begin = performance.now();
    await new Promise<void>((done, failed) => {
      const socket = createConnection({ host: link.addresses(1)[0]!, port: PORT });
      socket.on("error", failed).on("end", done).resume();
    });
    return (performance.now() - begin) / 1000;
  } finally {
    sender.kill("SIGKILL");
  }
}

describe("createLink()", () => {
  it.skipIf(missing !== "").each([5, 60])(
    `takes as long there and back as asked: %d ms ${missing}`,
    async (rtt) => {
      await using link = await createLink({ rtt });
      expect(link.measuredRtt).toBeGreaterThanOrEqual(rtt);
      expect(link.measuredRtt).toBeLessThan(1.5 * rtt + 10);
    },
  );

  it.skipIf(missing !== "")(`lets no more through than its rate ${missing}`, async () => {
    await using link = await createLink({ rtt: 2, rate: 8 });
    // 8 Mbit/s: a million bytes a second, headers included.
    const seconds = await secondsFor(link, 500_000);
    expect(seconds).toBeGreaterThan(0.45);
  });

  it.skipIf(missing !== "")(`is gone when disposed of, with its device ${missing}`, async () => {
    const link = await createLink({ rtt: 1 });
    const other = await createLink({ rtt: 1 });
    expect(other.device).not.toBe(link.device);
    const devices = async (): Promise<string> => (await run("ip", ["-o", "link"])).stdout;
    expect(await devices()).toContain(`${link.device}:`);
    await link[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    expect(await devices()).not.toContain(`${link.device}:`);
  });

  it.skipIf(missing !== "")(
    `has as many hosts as asked, all at its far end ${missing}`,
    async () => {
      await using link = await createLink({ rtt: 1 });
      const addresses = link.addresses(300);
      expect(new Set(addresses).size).toBe(300);
      const far = addresses.at(-1)!;
      const refused = await new Promise((done) => {
        createConnection({ host: far, port: 9 }).once("error", (error: NodeJS.ErrnoException) =>
          done(error.code),
        );
      });
      expect(refused).toBe("ECONNREFUSED");
      expect(() => link.addresses(4001)).toThrow("4000 addresses");
    },
  );
});

describe("linkText()", () => {
  it.each([
    [{ rtt: 26 }, 26.44, "26 ms asked, 26.4 ms measured"],
    [{ rtt: 370, rate: 10 }, 371, "370 ms asked, 371.0 ms measured, at most 10 Mbit/s"],
  ])("says what was asked and measured: %j", (asked, measured, text) => {
    expect(linkText(asked, measured)).toBe(text);
  });
});
