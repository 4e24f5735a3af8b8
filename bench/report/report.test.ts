import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { glancePlot } from "./glance-plot.ts";
import { mergeReports } from "./merge.ts";
import type { Outcome, Report } from "./outcome.ts";
import { reportPage } from "./page.ts";
import { comparisons } from "./published.ts";
import { resultsText, writeResults } from "./results.ts";
import { glances, summaryGrid } from "./summary.ts";
import { outcomeText } from "./terminal.ts";

const directory = mkdtempSync(join(tmpdir(), "skein-report-"));
afterAll(() => rmSync(directory, { recursive: true }));

const TRACE = {
  seconds: 2,
  idleSeconds: 1,
  points: [
    { time: 0, toServer: 10, toClient: 0 },
    { time: 2, toServer: 900, toClient: 100 },
  ],
};

const LOOP: Outcome = {
  scenario: "loop-100-items",
  about: "a <loop>",
  cases: [
    {
      title: "",
      link: { rtt: 26, measuredRtt: 26.4 },
      items: 100,
      series: [
        { runner: "skein", samples: [{ wall: 1, bytes: 1000 }], trace: TRACE },
        { runner: "ansible", samples: [{ wall: 30, bytes: 90_000 }], trace: TRACE },
        { runner: "mitogen", samples: [{ wall: 5, bytes: 2000 }] },
      ],
    },
  ],
  verdicts: [
    { requirement: { measure: "wall", versus: "ansible", times: 20 }, figure: 30, passed: true },
    { requirement: { measure: "bytes", atMost: 10 }, figure: 1000, passed: false },
    { requirement: { measure: "cpu", atMost: 10 }, figure: undefined, passed: false },
  ],
};

const HOSTS: Outcome = {
  scenario: "hosts",
  about: "many",
  axis: "hosts",
  cases: [1, 200].map((x) => ({
    title: `${x} hosts`,
    x,
    series: [
      { runner: "skein", samples: [{ wall: x / 10 }] },
      { runner: "ansible", samples: [], failure: "it <broke>" },
    ],
  })),
  verdicts: [],
};

const REPORT: Report = {
  format: 1,
  date: "2026-11-23T00:00:00.000Z",
  command: "npm run bench -- all",
  scale: 0.1,
  machine: { machine: "2 cores", ansible: "core 2.14.18" },
  settings: ["fair"],
  outcomes: [LOOP, HOSTS, { ...HOSTS, scenario: "ping", cases: [], failure: "no sshd" }],
};

describe("comparisons()", () => {
  it("puts the published ratios beside those of this run", () => {
    expect(comparisons(LOOP.scenario, LOOP.cases)).toEqual([
      { measure: "wall", times: 5.9, mitogen: 6, skein: 30, skeinToMitogen: 5 },
      { measure: "bytes", times: 63, mitogen: 45, skein: 90, skeinToMitogen: 2 },
    ]);
  });

  it("leaves out what was not measured", () => {
    const [first] = comparisons("filetree", HOSTS.cases);
    expect(first).toMatchObject({ times: 15.1, mitogen: undefined, skein: undefined });
    expect(comparisons("hosts", HOSTS.cases)).toEqual([]);
  });
});

describe("outcomeText()", () => {
  it("has figures, ratios, published ratios and requirements, and what was not measured as such", () => {
    const text = outcomeText(LOOP);
    expect(text).toMatch(/^26 ms asked, 26\.4 ms measured$/m);
    expect(text).toMatch(/^wall time +1\.000 s +30\.0 s 30\.0x +5\.000 s 5\.00x$/m);
    expect(text).toMatch(/^wall time +5\.90x +6\.00x +30\.0x +5\.00x$/m);
    expect(text).toContain("pass  wall time: 30x less than ansible (at least 20x)");
    expect(text).toContain("FAIL  bytes on the wire: 1000 B (at most 10 B)");
    expect(text).toContain("  -   controller CPU: not measured");
  });

  it("tells who failed, and why", () => {
    expect(outcomeText(HOSTS)).toContain("ansible-playbook failed: it <broke>");
    expect(outcomeText(REPORT.outcomes[2]!)).toBe("FAILED: no sshd");
  });
});

describe("mergeReports()", () => {
  it("puts what was run again in the place of what it was", () => {
    const again = { ...LOOP, about: "again" };
    const merged = mergeReports([REPORT, { ...REPORT, command: "again", outcomes: [again] }]);
    expect(merged.outcomes).toEqual([again, ...REPORT.outcomes.slice(1)]);
    expect(merged.command).toBe(
      "npm run bench -- all (2026-11-23T00:00Z); again (2026-11-23T00:00Z)",
    );
  });

  it.each([
    [{ scale: 1 }, "scale"],
    [{ machine: { ...REPORT.machine, ansible: "core 2.19" } }, "ansible"],
  ])("refuses what is not comparable: %j", (change, what) => {
    expect(() => mergeReports([REPORT, { ...REPORT, ...change }])).toThrow(`differ in ${what}`);
  });
});

describe("summaryGrid()", () => {
  it("has a row for each case, with what the others take in times of what skein takes", () => {
    const [, loop, one, , failed] = summaryGrid(REPORT.outcomes);
    expect(loop).toEqual([
      "loop-100-items",
      "1.000 s",
      "30x",
      "-",
      "90x",
      "5x",
      "-",
      "2x",
      "1 missed",
    ]);
    expect(one).toEqual(["hosts, 1 hosts", "0.100 s", ...Array(6).fill("-"), ""]);
    expect(failed).toEqual(["ping", "-", ...Array(6).fill("-"), "failed"]);
  });

  it("is drawn on a logarithmic scale", () => {
    const { svg } = glancePlot(glances(REPORT.outcomes));
    const widths = [
      ...svg.matchAll(/width="([\d.]+)" height="9"[^>]*><title>ansible[^:]*: (\d+)x/g),
    ];
    const perDecade = widths.map(([, width, times]) => Number(width) / Math.log10(Number(times)));
    expect(widths.map((match) => match[2])).toEqual(["30", "90"]);
    expect(perDecade[0]).toBeCloseTo(perDecade[1]!, 0);
  });
});

describe("reportPage()", () => {
  const page = reportPage(REPORT);

  it("is one page that fetches nothing and runs nothing", () => {
    expect(page).not.toMatch(/<script|<link|<img|src=|@import|url\(/);
    expect(
      page.match(/https?:\/\/[^"]*/g)?.filter((url) => !url.endsWith("w3.org/2000/svg")),
    ).toEqual([]);
  });

  it("says on top what machine, versions and scale it is about", () => {
    expect(page).toContain("core 2.14.18");
    expect(page).toContain("at 0.1 of their size");
  });

  it("shows text of others as text", () => {
    expect(page).not.toContain("<loop>");
    expect(page).not.toContain("<broke>");
    expect(page).toContain("&#60;broke&#62;");
  });

  it("draws bytes over time, bars, and lines over an axis", () => {
    expect(page).toContain("loop-100-items: bytes on the wire over time");
    expect(page).toMatch(/<rect [^>]*fill="#1b7837"><title>skein: 1 s<\/title>/);
    expect(page).toMatch(/<circle [^>]*><title>skein, 200: 20 s<\/title>/);
  });
});

describe("writeResults()", () => {
  it("writes text, page and plots, and removes what an earlier report left", async () => {
    const old = join(directory, "results/old.svg");
    await writeResults(directory, REPORT);
    writeFileSync(old, "");
    await writeResults(directory, REPORT);
    expect(existsSync(old)).toBe(false);
    const text = readFileSync(join(directory, "RESULTS.md"), "utf8");
    expect(text).toBe(resultsText(REPORT));
    const images = [...text.matchAll(/\]\(([^)]+\.(?:svg|html))\)/g)].map((match) => match[1]!);
    expect(images.length).toBeGreaterThan(4);
    for (const image of images) expect(existsSync(join(directory, image)), image).toBe(true);
  });
});
