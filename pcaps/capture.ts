import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";

export interface CaptureOptions {
  readonly interface: string;
  /** Only TCP from or to this port. */
  readonly port: number;
  /** What runs a command where the interface is, put in front of tcpdump's argv; nothing when it is here. */
  readonly enter?: readonly string[];
  /** Instead of all of the port: a filter in libpcap's words. */
  readonly filter?: string;
  /** Where the capture goes. */
  readonly file: string;
}

export interface CaptureEnd {
  readonly captured: number;
  /** Packets that the kernel threw away because tcpdump was too slow: the figures are too low when there are any. */
  readonly dropped: number;
}

/** A tcpdump that runs. Disposing of it ends it, whatever became of it before. */
export interface Capture extends AsyncDisposable {
  readonly file: string;
  /**
   * Ends it once everything that was sent has been written.
   *
   * @throws Error when tcpdump ended badly, or does not say how much it dropped.
   */
  stop(): Promise<CaptureEnd>;
}

/** Enough for link, IPv6 and TCP headers with all options. */
const SNAP_LENGTH = 128;
/** KiB of kernel memory for packets that tcpdump has not read yet. */
const BUFFER = 32_768;
/** The file has to stand still this long before everything sent is taken to be in it. */
const SETTLE = 150;

/**
 * Starts tcpdump, and returns once it listens.
 *
 * @throws Error when there is no tcpdump, or when it may not capture.
 */
export async function startCapture(options: CaptureOptions): Promise<Capture> {
  const args = [
    ["-i", options.interface],
    ["-s", String(SNAP_LENGTH)],
    ["-B", String(BUFFER)],
    ["-w", options.file],
    // As whoever started it: the file's place need not be open to tcpdump's own account.
    process.getuid?.() === 0 ? ["-Z", "root"] : [],
    // Every packet at once to tcpdump, and to the file: nothing of the run waits in a buffer when it is stopped.
    ["--immediate-mode", "-U", "-n"],
    [options.filter ?? `tcp port ${options.port}`],
  ].flat();
  // Not longer than this process lives, however that ends.
  const mortal = ["setpriv", "--pdeathsig", "INT"];
  const argv = [...(options.enter ?? []), ...mortal, findTcpdump(), ...args];
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<number | null>((done) => {
    child.once("error", () => done(null));
    child.once("close", (code) => done(code));
  });
  const said = await untilListening(child, ended);
  return {
    file: options.file,
    stop: async () => {
      await untilSettled(options.file);
      child.kill("SIGINT");
      const code = await ended;
      return toEnd(said.text, code);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGINT");
      await ended;
    },
  };
}

/** Debian keeps it where only root's PATH looks. */
function findTcpdump(): string {
  const path = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin`;
  for (const folder of path.split(":")) {
    if (folder !== "" && existsSync(`${folder}/tcpdump`)) return `${folder}/tcpdump`;
  }
  throw new Error("there is no tcpdump on PATH: install it (Debian: apt-get install tcpdump)");
}

function untilListening(
  child: ChildProcess,
  ended: Promise<number | null>,
): Promise<{ text: string }> {
  const said = { text: "" };
  return new Promise((done, failed) => {
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      said.text += chunk;
      if (said.text.includes("listening on")) done(said);
    });
    void ended.then((code) =>
      failed(new Error(`tcpdump ended with ${code} before it listened: ${said.text.trim()}`)),
    );
  });
}

async function untilSettled(file: string): Promise<void> {
  for (let size = -1; ; ) {
    const now = (await stat(file)).size;
    if (now === size) return;
    size = now;
    await new Promise((done) => setTimeout(done, SETTLE));
  }
}

function toEnd(text: string, code: number | null): CaptureEnd {
  const captured = /(\d+) packets? captured/.exec(text)?.[1];
  const dropped = /(\d+) packets? dropped by kernel/.exec(text)?.[1];
  if (code !== 0 || captured === undefined || dropped === undefined) {
    throw new Error(`tcpdump ended with ${code}: ${text.trim()}`);
  }
  return { captured: Number(captured), dropped: Number(dropped) };
}
