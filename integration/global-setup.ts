import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const IMAGES = ["python311", "no-python"];

/** Builds skein, has a container engine answer, and builds the targets' images: once, before any file of tests. */
export function setup(): () => void {
  const run = String(process.pid);
  // Read by harness/target-container.ts, in the processes that run the tests.
  process.env["SKEIN_TEST_RUN"] = run;
  inherit("bash", ["-c", ". ci/lib.sh && build_when_needed"]);
  inherit("bash", ["ci/docker.sh"]);
  for (const image of IMAGES) buildImage(image);
  return () => removeContainers(run);
}

function buildImage(name: string): void {
  // The host's network, and its proxies where it has some: what reaches the package archive here reaches it there.
  const proxies = ["http_proxy", "https_proxy", "no_proxy"].flatMap((variable) =>
    process.env[variable] === undefined ? [] : ["--build-arg", variable],
  );
  const tag = `skein-test/${name}`;
  const args = ["build", "-q", "--network", "host", ...proxies, "-t", tag];
  execFileSync("docker", [...args, `integration/images/${name}`], {
    cwd: ROOT,
    env: { ...process.env, DOCKER_BUILDKIT: "0" },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** What tests that were killed left behind; the others remove their own. */
function removeContainers(run: string): void {
  const filter = `label=skein-test-run=${run}`;
  const listed = execFileSync("docker", ["ps", "-aq", "--filter", filter], { encoding: "utf8" });
  const ids = listed.split("\n").filter((id) => id !== "");
  if (ids.length > 0) execFileSync("docker", ["rm", "-f", "-v", ...ids], { stdio: "ignore" });
}

function inherit(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
}
