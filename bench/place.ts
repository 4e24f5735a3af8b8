import { cp, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DEBIAN_MITOGEN } from "./runners.ts";

/** Where a benchmark works: removed when disposed of. */
export interface Place extends AsyncDisposable {
  readonly directory: string;
  /** skein's cli.js, in a copy of `dist` that no build changes while runs are measured. */
  readonly cli: string;
  /** The directory that has `ansible_mitogen` in it. */
  readonly mitogen: string;
  /** A directory for one run. */
  runDirectory(): Promise<string>;
}

/** @throws Error when skein was not built. */
export async function createPlace(mitogen: string = DEBIAN_MITOGEN): Promise<Place> {
  const dist = resolve("dist");
  if (!(await exists(join(dist, "cli.js"))) || !(await exists(join(dist, "agent.bin")))) {
    throw new Error("dist/ is not complete: build first (npm run build)");
  }
  // Beside the sources, for the packages that dist imports are found from there.
  await mkdir(resolve("bench/out"), { recursive: true });
  const copy = await mkdtemp(resolve("bench/out/dist-"));
  await cp(dist, copy, { recursive: true });
  return createPlaceFor(join(copy, "cli.js"), mitogen, copy);
}

/** A place for measuring this cli.js as it stands, without a copy of it. */
export async function createPlaceFor(
  cli: string,
  mitogen: string = DEBIAN_MITOGEN,
  copy?: string,
): Promise<Place> {
  // Short: a socket's path in it may have 107 characters.
  const directory = await mkdtemp(join(tmpdir(), "skein-b-"));
  const owned = copy === undefined ? [directory] : [directory, copy];
  let runs = 0;
  return {
    directory,
    cli,
    mitogen,
    runDirectory: async () => {
      const path = join(directory, `r${runs++}`);
      await mkdir(path);
      return path;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(owned.map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
