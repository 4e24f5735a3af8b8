import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** Builds skein before any file of tests, where its sources are newer than what was built. */
export function setup(): void {
  execFileSync("bash", ["-c", ". ci/lib.sh && build_when_needed"], {
    cwd: resolve(import.meta.dirname, "../.."),
    stdio: ["ignore", "inherit", "inherit"],
  });
}
