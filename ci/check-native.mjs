// Does ssh2's native cipher load, in the main thread and in a worker thread? Prints the answer; exit code 1 for no.
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";

const ADDON = "ssh2/lib/protocol/crypto/build/Release/sshcrypto.node";
const require = createRequire(import.meta.url);

let path;
try {
  path = require.resolve(ADDON);
} catch {
  answer("not there", 1);
}
try {
  require(path);
} catch (error) {
  answer(`does not load: ${firstLine(error)}`, 1);
}
const worker = new Worker(`require(${JSON.stringify(path)})`, { eval: true });
worker.on("error", (error) => answer(`does not load in a worker thread: ${firstLine(error)}`, 1));
worker.on("exit", () => answer("ssh2's native cipher loads, in worker threads too", 0));

function firstLine(error) {
  return String(error.message ?? error).split("\n")[0];
}

function answer(text, code) {
  console.log(text);
  process.exit(code);
}
