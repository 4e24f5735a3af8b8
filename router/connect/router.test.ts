import { afterEach, describe, expect, it } from "vitest";
import { encodeFrame } from "../frame/encode.ts";
import { TYPE } from "../frame/layout.ts";
import { encodePayload } from "../message/payload.ts";
import type { AgentPayload } from "./agent.ts";
import type { Router, RouterOptions } from "./router.ts";
import { createRouter } from "./router.ts";

const HELLO = encodeFrame(
  { type: TYPE.HELLO, dst: 0, src: 1, id: 0 },
  encodePayload({
    v: 1,
    python: "3.9",
    exe: "/p",
    pid: 1,
    uid: 0,
    user: "u",
    home: "/",
    tmp: "/t",
  }),
);

/** An agent that is a shell command: the first stage is all there is. */
function shellAgent(command: string): AgentPayload {
  return { archive: new Uint8Array(0), digest: "00", firstStage: () => command };
}
const octal = [...HELLO].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
const greet = `printf 'SKEIN-BOOT\\n${octal}'`;

const routers: Router[] = [];
afterEach(async () => {
  await Promise.all(routers.splice(0).map((router) => router.destroy("the test is over")));
});

function setUp(command: string, options: Partial<RouterOptions> = {}) {
  const router = createRouter({ agent: shellAgent(command), compress: false, ...options });
  routers.push(router);
  const link = router.link({ kind: "local", name: "here", pythons: ["python3"] });
  return { router, link };
}

describe("a local link", () => {
  it("starts the agent at its first use, once, and ends with close", async () => {
    const { router, link } = setUp(`${greet}; cat >/dev/null`);
    expect(router.stats()).toMatchObject({ links: 1, bytesSent: 0, framesReceived: 0 });
    expect(link.context()).toBe(link.context([]));
    await expect(link.context().hello()).resolves.toMatchObject({ python: "3.9" });
    await link.context().hello();
    const stats = router.stats();
    expect(stats).toMatchObject({ framesReceived: 1, roundTrips: 1 });
    expect(stats.bytesReceived).toBe(11 + HELLO.length);
    await router.close();
    await expect(link.context().hello()).rejects.toMatchObject({ code: "closed" });
    expect(() => router.link({ kind: "local", name: "x", pythons: [] })).toThrow("closed");
    expect(router.stats().bytesReceived).toBe(stats.bytesReceived);
  });

  it("without Python says so, and still runs commands", async () => {
    const { link } = setUp("echo SKEIN-NOPYTHON; exit 127");
    await expect(link.context().hello()).rejects.toMatchObject({ code: "no-python" });
    const result = await link.exec("cat; echo err >&2; exit 3", { stdin: Buffer.from("in") });
    expect([result.rc, result.stdout.toString(), result.stderr.toString()]).toEqual([
      3,
      "in",
      "err\n",
    ]);
    await expect(link.context().hello()).rejects.toMatchObject({ code: "no-python" });
  });

  it("stays failed until it is reset", async () => {
    const { link } = setUp(`${greet}; exit 9`);
    const call = link.context().call({ stop: false, calls: [{ module: "m", args: "" }] }, () => {});
    await expect(call).rejects.toMatchObject({
      code: "lost",
      message: "Connection to here lost: the agent exited with status 9",
    });
    await expect(link.exec("true")).rejects.toMatchObject({ code: "lost" });
    await link.reset();
    await expect(link.exec("true")).resolves.toMatchObject({ rc: 0 });
  });

  it("destroyed ends what runs, with the reason", async () => {
    const { link } = setUp(`${greet}; sleep 60`);
    await link.context().hello();
    const call = link.context().call({ stop: false, calls: [{ module: "m", args: "" }] }, () => {});
    await link.destroy("Ctrl-C");
    await link.destroy("again");
    await expect(call).rejects.toMatchObject({ code: "closed", message: /Ctrl-C/ });
  });
});

describe("exec", () => {
  it("stops at its time limit, its output limit and its signal", async () => {
    const { link } = setUp("exit 1");
    await expect(link.exec("sleep 60", { timeoutSeconds: 0.05 })).rejects.toMatchObject({
      code: "cancelled",
      message: "A command on here did not finish within 0.05 s.",
    });
    await expect(link.exec("yes", { maxOutput: 1000 })).rejects.toMatchObject({ code: "limit" });
    const controller = new AbortController();
    const running = link.exec("sleep 60", { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    await expect(link.exec("true", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("reports a killed command as a shell would", async () => {
    const { link } = setUp("exit 1");
    await expect(link.exec("kill -9 $$")).resolves.toMatchObject({ rc: 137 });
  });

  /** A stand-in for sudo: asks on standard error, reads one line, runs the last argument. */
  const stub = (password: string) =>
    `sh -c 'for last; do :; done; printf "[sudo via skein] password:" >&2; read -r p; if [ "$p" = ${password} ]; then echo >&2; exec sh -c "$last"; fi; echo "Sorry, try again." >&2; exit 1' sudo`;
  const become = (password: string | undefined) => ({
    method: "sudo" as const,
    user: "root",
    exe: stub("right"),
    ...(password === undefined ? {} : { password }),
  });

  it("becomes another user with a password, and gives the command its own input", async () => {
    const { link } = setUp("exit 1");
    const result = await link.exec("cat; echo e >&2; exit 4", {
      become: become("right"),
      stdin: Buffer.from("input"),
    });
    expect([result.rc, result.stdout.toString()]).toEqual([4, "input"]);
    expect(result.stderr.toString()).toBe("e\n");
  });

  it.each([
    ["wrong", "become-password-wrong", "here: Incorrect sudo password"],
    [undefined, "become-password-missing", "here: Missing sudo password"],
  ])("reports a password that is %s", async (password, code, message) => {
    const { link } = setUp("exit 1");
    await expect(link.exec("true", { become: become(password) })).rejects.toMatchObject({
      code,
      message,
    });
  });

  it("reports a becoming program that ends before the command", async () => {
    const { link } = setUp("exit 1");
    const hop = {
      method: "sudo" as const,
      user: "root",
      exe: "sh -c 'echo no such user >&2; exit 5'",
    };
    await expect(link.exec("true", { become: hop })).rejects.toMatchObject({
      code: "become-failed",
      message: "here: sudo ended with status 5 before the command started: no such user",
    });
  });
});

describe("a link over a command", () => {
  it("has the command's far end run what it is given, and no terminal", async () => {
    const router = createRouter({ agent: shellAgent(greet), compress: false });
    routers.push(router);
    const argv = ["/usr/bin/env", "WHERE=there", "/bin/sh", "-c"] as const;
    const link = router.link({ kind: "command", name: "h", argv, pythons: [] });
    const { stdout, rc } = await link.exec('echo "$WHERE"; test -t 0', { pty: true });
    expect(Buffer.from(stdout).toString()).toBe("there\n");
    expect(rc).toBe(1);
    expect((await link.context().hello()).user).toBe("u");
  });

  it("is lost with what the command said when it leads nowhere", async () => {
    const router = createRouter({ agent: shellAgent(greet), compress: false });
    routers.push(router);
    const argv = ["/bin/sh", "-c", "echo no such container >&2; exit 1"] as const;
    const link = router.link({ kind: "command", name: "h", argv, pythons: [] });
    await expect(link.context().hello()).rejects.toThrow("no such container");
  });
});
