import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { programFile } from "./program.ts";
import { HostGone } from "./python-process.ts";

/** A running action host: a Python that has all that actions need loaded, and forks for each. */
export interface ActionProcess {
  /** A line to a fork of its own. When either end closes it, the other ends as well. @throws HostGone */
  connect(): Promise<Duplex>;
  /** Lets it end by itself; forks end with their lines. */
  close(): void;
}

/**
 * Starts an action host (python/actions.py). What it is to know goes through a pipe, as there are passwords in it; the socket that it
 * listens on is in a folder that nobody else may enter.
 *
 * @param config the first message, as it travels
 * @throws Error that says why it could not be started
 */
export async function startActionProcess(
  python: string,
  config: Uint8Array,
): Promise<ActionProcess> {
  const folder = mkdtempSync(join(tmpdir(), "skein-"));
  const path = join(folder, "actions");
  const child = spawn(python, [programFile("actions.py"), path], {
    stdio: ["pipe", "inherit", "inherit", "pipe"],
  });
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  const control = child.stdin as Socket;
  const close = (): void => {
    control.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  // Whoever does not read the configuration to its end is not ready either.
  control.on("error", () => undefined);
  try {
    control.write(config);
    const said = await Promise.race([failed, textOf(child.stdio[3] as Socket)]);
    if (said !== "ready") throw new Error(said === "" ? "it ended before it was ready" : said);
  } catch (error) {
    close();
    throw error;
  }
  child.unref();
  control.unref();
  return { connect: () => connect(path), close };
}

function textOf(stream: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    stream.setEncoding("utf8");
    stream.on("data", (piece: string) => {
      if (text.length < MOST_TEXT) text += piece;
    });
    stream.on("error", () => resolve(text));
    stream.on("close", () => resolve(text));
  });
}

/** Characters of an error that are read. */
const MOST_TEXT = 64 * 1024;

function connect(path: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const refuse = (error: Error): void =>
      reject(new HostGone("the Python process for action plugins has ended", { cause: error }));
    socket.once("error", refuse);
    socket.once("connect", () => {
      socket.off("error", refuse);
      resolve(socket);
    });
  });
}
