import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Measured, type MeasureOptions, measure } from "./measure.ts";

const directory = mkdtempSync(join(tmpdir(), "skein-measure-"));
afterAll(() => rmSync(directory, { recursive: true }));

const BURN = "import time\nwhile time.process_time() < 0.3: pass";

function python(program: string, options: Partial<MeasureOptions> = {}): Promise<Measured> {
  const command = { argv: ["/usr/bin/python3", "-c", program], cwd: directory, env: {} };
  return measure(command, { directory, timeout: 30, ...options });
}

describe("measure()", () => {
  it("counts processor time of a child that nobody waited for", async () => {
    const { cpu } = await python(`import os, time
if os.fork() == 0:
    ${BURN.replace("\n", "\n    ")}
    open("alone", "w")
    os._exit(0)
while not os.path.exists("alone"): time.sleep(0.01)`);
    expect(cpu).toBeGreaterThan(0.29);
  });

  it("ends a process that went to the background, counts it, and does not count its time as wall time", async () => {
    const { cpu, left, wall } = await python(`import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ${BURN.replace("\n", "\n        ")}
        open("burnt", "w")
        time.sleep(60)
    os._exit(0)
while not os.path.exists("burnt"): time.sleep(0.01)`);
    expect(left).toBe(1);
    expect(cpu).toBeGreaterThan(0.29);
    expect(wall).toBeLessThan(30);
  });

  it("counts memory that forks share once", async () => {
    const { peakMemory } = await python(
      `import os, time
data = bytearray(100 << 20)
for _ in range(3):
    if os.fork() == 0:
        time.sleep(1)
        os._exit(0)
time.sleep(1)`,
      { memory: true },
    );
    expect(peakMemory).toBeGreaterThan(100 << 20);
    expect(peakMemory).toBeLessThan(200 << 20);
  });

  it("says what a failing command said", async () => {
    await expect(python("import sys; sys.exit('no such thing')")).rejects.toThrow(
      /failed with 1: .*[\s\S]*no such thing/,
    );
  });

  it("ends what takes too long, with all that it started", async () => {
    const program = "import os, time\nos.fork()\ntime.sleep(60)";
    await expect(python(program, { timeout: 0.5 })).rejects.toThrow("within 0.5 seconds");
  });
});
