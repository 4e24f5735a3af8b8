// Runs a TypeScript program of the tools (ci, bench) on Node 20, which cannot load .ts itself: bundle, then import.
import { mkdirSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const [entry, ...rest] = process.argv.slice(2);
if (entry === undefined) {
  process.stderr.write("usage: node ci/run-ts.mjs FILE.ts [arguments]\n");
  process.exit(2);
}
const outfile = resolve("node_modules/.cache/skein", `${basename(entry, ".ts")}.mjs`);
mkdirSync(resolve("node_modules/.cache/skein"), { recursive: true });
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  packages: "external",
  logLevel: "warning",
  define: { "import.meta.dirname": JSON.stringify(resolve(entry, "..")) },
});
process.argv = [process.argv[0], resolve(entry), ...rest];
await import(pathToFileURL(outfile).href);
