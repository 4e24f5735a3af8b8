import { type ChildProcess, spawn } from "node:child_process";
import { createConnection } from "node:net";
import { programFile } from "../programs.ts";

/** What a link between controller and target is asked to be like. */
export interface LinkAsk {
  /** Milliseconds there and back. */
  readonly rtt: number;
  /** Mbit/s in each direction; as fast as it goes when not given. */
  readonly rate?: number;
}

/** A network of its own behind a link with latency. Gone, namespace and all, when disposed of, and when this process dies. */
export interface Link extends AsyncDisposable {
  readonly asked: LinkAsk;
  /** Median milliseconds of a question and its answer, measured before anything else ran. */
  readonly measuredRtt: number;
  /** The device's name, on both sides. */
  readonly device: string;
  /** What runs a command on the target's side: put in front of its argv. */
  readonly enter: readonly string[];
  /** Addresses of the target's side: any number of hosts up to 4,000. */
  addresses(hosts: number): readonly string[];
}

export interface LinkOptions extends LinkAsk {
  /** A process whose network namespace becomes the far side: a container's first process. A new namespace by default. */
  readonly join?: number;
}

/** Questions for one measurement of the latency. */
const PROBES = 9;
/** Nobody listens here; the refusal comes after one round trip, before any program is woken. */
const CLOSED_PORT = 9;
const MOST_HOSTS = 4000;

/**
 * Makes a link at the IP level: packets of both directions wait half of `rtt` each in a relay between two TUN devices.
 *
 * @throws Error when this machine does not allow it (root, /dev/net/tun), or when what is measured is far from what was asked.
 */
export async function createLink(options: LinkOptions): Promise<Link> {
  const { rtt, rate, join } = options;
  const asked = { rtt, ...(rate === undefined ? {} : { rate }) };
  const settings = {
    delay: rtt / 2000,
    rate: rate === undefined ? 0 : (rate * 1e6) / 8,
    join: join ?? 0,
  };
  const program = programFile("link/relay.py");
  const child = spawn("/usr/bin/python3", [program, JSON.stringify(settings)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const ended = new Promise<void>((done) => {
    child.once("error", () => done());
    child.once("close", () => done());
  });
  const stop = async (): Promise<void> => {
    child.stdin.on("error", () => {});
    child.stdin.end();
    await ended;
  };
  try {
    const { device, first } = await untilReady(child);
    const measuredRtt = await measureRtt(first);
    if (measuredRtt < rtt - 1 || measuredRtt > 1.5 * rtt + 10) {
      throw new Error(
        `the link has a round trip of ${measuredRtt.toFixed(1)} ms where ${rtt} ms were asked: is the machine overloaded?`,
      );
    }
    return {
      asked,
      measuredRtt,
      device,
      enter: ["nsenter", `--net=/proc/${child.pid}/ns/net`, "--"],
      addresses: (hosts) => toAddresses(first, hosts),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** `26 ms asked, 26.4 ms measured`. */
export function linkText({ rtt, rate }: LinkAsk, measuredRtt: number): string {
  const limit = rate === undefined ? "" : `, at most ${rate} Mbit/s`;
  return `${rtt} ms asked, ${measuredRtt.toFixed(1)} ms measured${limit}`;
}

interface Ready {
  readonly device: string;
  readonly first: string;
}

function untilReady(child: ChildProcess): Promise<Ready> {
  let said = "";
  let complaint = "";
  return new Promise((done, failed) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const line = said.split("\n")[0]!;
      if (said.includes("\n")) done(JSON.parse(line) as Ready);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (complaint.length < 4000) complaint += text;
    });
    child.once("error", failed);
    child.once("close", (code) =>
      failed(new Error(`no link can be made (${code}): ${complaint.trim()}`)),
    );
  });
}

async function measureRtt(address: string): Promise<number> {
  const times: number[] = [];
  for (let probe = 0; probe < PROBES; probe++) times.push(await probeOnce(address));
  return times.toSorted((a, b) => a - b)[PROBES >> 1]!;
}

function probeOnce(host: string): Promise<number> {
  return new Promise((done, failed) => {
    const begin = performance.now();
    const socket = createConnection({ host, port: CLOSED_PORT, timeout: 10_000 });
    const finish = (): void => {
      socket.destroy();
      done(performance.now() - begin);
    };
    socket.once("connect", finish);
    socket.once("timeout", () => {
      socket.destroy();
      failed(new Error(`${host} does not answer over the link within 10 seconds`));
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") finish();
      else failed(error);
    });
  });
}

function toAddresses(first: string, hosts: number): readonly string[] {
  if (hosts > MOST_HOSTS) throw new Error(`a link has ${MOST_HOSTS} addresses, not ${hosts}`);
  const [a, b, c] = first.split(".").map(Number);
  return Array.from(
    { length: hosts },
    (_, index) => `${a}.${b}.${c! + Math.floor(index / 250)}.${(index % 250) + 1}`,
  );
}
