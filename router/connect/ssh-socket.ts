import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { createTail } from "../stream/tail.ts";

/** What carries an SSH connection: a TCP socket, or something like it. */
export interface SshSocket {
  readonly stream: Duplex;
  sent(): number;
  received(): number;
  /** What it says of its own about its end, when that helps. */
  complaint(): string;
}

/** A TCP connection that is on its way. */
export function connectTcp(host: string, port: number, family: 4 | 6 | undefined): SshSocket {
  const socket = createSshSocket();
  socket.connect({ host, port, ...(family === undefined ? {} : { family }) });
  return {
    stream: socket,
    sent: () => socket.bytesWritten,
    received: () => socket.bytesRead,
    complaint: () => "",
  };
}

/** The standard streams of a command that a shell runs on this machine (ssh_config(5), ProxyCommand). Ended with its stream. */
export function connectCommand(command: string): SshSocket {
  // A group of its own: an interrupt at the terminal is for us to handle.
  const child = spawn("/bin/sh", ["-c", `exec ${command}`], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const tail = createTail();
  child.stderr.on("data", (chunk: Uint8Array) => tail.push(chunk)).on("error", () => {});
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin }) as Duplex;
  child.on("error", (error) => stream.destroy(error));
  child.on("exit", () => setImmediate(() => stream.push(null)));
  stream.on("close", () => killGroup(child));
  return counted(stream, () => tail.text().trim());
}

/** A TCP connection that an SSH server makes from where it is. @throws Error when the server does not. */
export function connectThrough(client: Client, host: string, port: number): Promise<SshSocket> {
  return new Promise((done, failed) => {
    client.forwardOut("127.0.0.1", 0, host, port, (error, channel) => {
      if (error) failed(error);
      else done(counted(channel, () => ""));
    });
  });
}

/** Counts what passes, without listening: a listener would begin the flow before anybody reads. */
function counted(stream: Duplex, complaint: () => string): SshSocket {
  let sent = 0;
  let received = 0;
  const push = stream.push.bind(stream);
  stream.push = (chunk: Uint8Array | null, encoding?: BufferEncoding) => {
    received += chunk?.length ?? 0;
    return push(chunk, encoding);
  };
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]) => {
    sent += (args[0] as Uint8Array).length;
    return write(...args);
  };
  return { stream, sent: () => sent, received: () => received, complaint };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGTERM");
  } catch {
    // It is gone already.
  }
}

/**
 * A socket whose writes of one turn leave together: ssh2 writes every packet by itself, and TCP_NODELAY
 * would make a segment of each.
 */
function createSshSocket(): Socket {
  const socket = new Socket();
  socket.setNoDelay(true);
  let corked = false;
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    if (!corked && !socket.connecting) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
  return socket;
}
