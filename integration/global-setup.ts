import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
/** The releases of Debian that images of targets are made from. */
const SUITES = ["bookworm", "bullseye", "trixie"];
const IMAGES = ["python311", "no-python", "python27", "python39", "python313"];

/** Builds skein, has a container engine answer, and builds the targets' images: once, before any file of tests. */
export function setup(): () => void {
  const run = String(process.pid);
  // Read by harness/target-container.ts, in the processes that run the tests.
  process.env["SKEIN_TEST_RUN"] = run;
  inherit("bash", ["-c", ". ci/lib.sh && build_when_needed"]);
  inherit("bash", ["ci/docker.sh", ...SUITES]);
  removeAbandoned();
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

/** What tests that were killed left behind; the others remove their own. Networks go when nothing is in them. */
function removeContainers(run: string): void {
  const filter = ["--filter", `label=skein-test-run=${run}`];
  const containers = lines("docker", ["ps", "-aq", ...filter]);
  if (containers.length > 0) quietly("docker", ["rm", "-f", "-v", ...containers]);
  const networks = lines("docker", ["network", "ls", "-q", ...filter]);
  if (networks.length > 0) quietly("docker", ["network", "rm", ...networks]);
}

/** A run that was killed itself removed nothing: its number is that of a process that is gone. */
function removeAbandoned(): void {
  const format = '{{.Label "skein-test-run"}}';
  const label = ["--filter", "label=skein-test-run", "--format", format];
  const listed = [
    ...lines("docker", ["ps", "-a", ...label]),
    ...lines("docker", ["network", "ls", ...label]),
  ];
  for (const run of new Set(listed)) {
    if (/^\d+$/.test(run) && !existsSync(`/proc/${run}`)) removeContainers(run);
  }
}

function lines(command: string, args: readonly string[]): readonly string[] {
  const text = execFileSync(command, args, { encoding: "utf8" });
  return text.split("\n").filter((line) => line !== "");
}

function quietly(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: "ignore" });
}

function inherit(command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
}
