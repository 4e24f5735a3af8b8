import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programFile } from "./program.ts";

/** The two ends of a running host as its client uses them. Both calls block. */
export interface HostChannel {
  /** @throws HostGone when nobody listens any more */
  send(bytes: Uint8Array): void;
  /** Exactly that many bytes. @throws HostGone when the host ends before it wrote them */
  receive(size: number): Buffer;
  /** Ends the host at once. */
  close(): void;
  /** Lets the host end by itself: it sees that nobody will ask any more. */
  end(): void;
}

/** The host has ended. */
export class HostGone extends Error {}

/**
 * Starts the plugin host, with blocking pipes: templates are rendered synchronously, and a blocking read is the one way of
 * waiting that costs next to nothing. The pipes are named ones for a moment, since that is how Node can make blocking
 * pipes. That the host does not block for ever is its own business: it lets the kernel end it (see python/main.py).
 *
 * @throws Error that says what could not be started
 */
export function startPython(python: string): HostChannel {
  const folder = mkdtempSync(join(tmpdir(), "skein-"));
  const open: number[] = [];
  try {
    const [requests, answers] = [join(folder, "requests"), join(folder, "answers")];
    const made = spawnSync("mkfifo", ["-m", "600", requests, answers], { encoding: "utf8" });
    if (made.status !== 0)
      throw new Error(`mkfifo failed: ${made.stderr ?? made.error?.message ?? ""}`.trim());
    const pipe = (path: string): readonly [number, number] => {
      // Opened for both first: opening one end waits for the other.
      const both = openSync(path, constants.O_RDWR);
      open.push(both);
      const [read, write] = [openSync(path, "r"), openSync(path, "w")];
      open.push(read, write);
      return [read, write];
    };
    const [requestsOut, requestsIn] = pipe(requests);
    const [answersOut, answersIn] = pipe(answers);
    const child = spawn(python, [programFile("main.py"), "3", "4"], {
      stdio: ["ignore", "inherit", "inherit", requestsOut, answersIn],
    });
    child.on("error", () => undefined);
    child.unref();
    const mine = [requestsIn, answersOut];
    for (const fd of open) if (!mine.includes(fd)) closeSync(fd);
    open.length = 0;
    if (child.pid === undefined) {
      for (const fd of mine) closeSync(fd);
      throw new Error(`the interpreter ${python} cannot be started`);
    }
    return createChannel(child, requestsIn, answersOut);
  } finally {
    for (const fd of open) closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  }
}

function createChannel(child: ChildProcess, out: number, into: number): HostChannel {
  let isOpen = true;
  function end(): void {
    if (!isOpen) return;
    isOpen = false;
    closeSync(out);
    closeSync(into);
  }
  return {
    send(bytes) {
      if (!isOpen) throw new HostGone("the plugin host has ended");
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(out, bytes, at);
      } catch (error) {
        throw new HostGone("the plugin host has ended", { cause: error });
      }
    },
    receive(size) {
      if (!isOpen) throw new HostGone("the plugin host has ended");
      const buffer = Buffer.allocUnsafeSlow(size);
      for (let at = 0; at < size; ) {
        const count = readSync(into, buffer, at, size - at, null);
        if (count === 0) throw new HostGone("the plugin host has ended");
        at += count;
      }
      return buffer;
    },
    close() {
      end();
      child.kill("SIGKILL");
    },
    end,
  };
}
