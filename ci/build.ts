import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { toAgentFile } from "#remote";

/*
 * dist/cli.js is what a cold start loads; dist/shard.js (templates, actions, bus, ssh2) is loaded beside it, in the main thread or in
 * workers. Packages with native parts stay outside: they resolve from node_modules.
 */
const PROGRAMS = ["bench/measure.py", "bench/link/relay.py", "bench/target/sandbox.sh"];
const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
await build({
  entryPoints: { cli: "runner/cli/main.ts", shard: "runner/shard/entry.ts" },
  outdir: "dist",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // A cold start parses all of it: white space and long names cost time. Names of classes and functions stay for stack traces.
  minify: true,
  keepNames: true,
  sourcemap: true,
  splitting: true,
  chunkNames: "chunk-[hash]",
  external: ["ssh2", "piscina", "msgpackr"],
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  define: { SKEIN_VERSION: JSON.stringify(version) },
  logLevel: "warning",
});
cpSync("runner/plugin-host/python", "dist/plugin-host", { recursive: true });
// The tools, which only `skein bench` and `skein pcap` load, and the programs that they start.
await build({
  entryPoints: { tools: "bench/tools.ts" },
  outdir: "dist",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: true,
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
for (const program of PROGRAMS) copyFileSync(program, `dist/${program.split("/").at(-1)}`);
writeFileSync("dist/agent.bin", toAgentFile("remote/agent"));
