import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

/** What of dependency-cruiser's JSON report is read here. */
interface Report {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly Violation[];
  };
}

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string; readonly severity: string };
}

const FOLDERS = ["runner", "router", "remote", "bench", "integration", "pcaps", "ci"];
/** The tree has many more; a cruise that sees fewer has met a TypeScript it does not understand, and would find nothing. */
const FEWEST_MODULES = 100;
/** A bus that imports the engine: forbidden by any reading of the rules. */
const CANARY = {
  file: `router/base/canary-${process.pid}.ts`,
  text: 'export type { Value } from "../../runner/model/value.ts";\n',
  rule: "router-stands-alone",
};

process.exitCode = main();

function main(): number {
  const { totalCruised, violations } = cruise(FOLDERS).summary;
  const errors = violations.filter(({ rule }) => rule.severity === "error").map(toLine);
  if (totalCruised < FEWEST_MODULES) {
    errors.push(
      `only ${totalCruised} modules were seen, at least ${FEWEST_MODULES} were expected: does dependency-cruiser support the installed TypeScript?`,
    );
  }
  if (!isCanaryCaught()) {
    errors.push(`a planted violation of ${CANARY.rule} was not reported: the rules do not work`);
  }
  for (const error of errors) process.stderr.write(`${error}\n`);
  return errors.length === 0 ? 0 : 1;
}

/** An import law that silently stops is worse than none: break it once, and see it speak. */
function isCanaryCaught(): boolean {
  writeFileSync(CANARY.file, CANARY.text);
  try {
    return cruise([CANARY.file]).summary.violations.some(
      ({ from, rule }) => from === CANARY.file && rule.name === CANARY.rule,
    );
  } finally {
    rmSync(CANARY.file);
  }
}

function cruise(paths: readonly string[]): Report {
  const fixed = ["--config", ".dependency-cruiser.cjs", "--output-type", "json"];
  try {
    const options = { encoding: "utf8", maxBuffer: 256 << 20 } as const;
    return JSON.parse(
      execFileSync("node_modules/.bin/depcruise", [...fixed, ...paths], options),
    ) as Report;
  } catch (error) {
    // It exits with the number of violations; the report is complete nevertheless.
    const { stdout } = error as { readonly stdout?: string };
    if (stdout?.startsWith("{")) return JSON.parse(stdout) as Report;
    throw error;
  }
}

function toLine({ from, to, rule }: Violation): string {
  return `${from}: ${rule.name}: may not import ${to} (see .dependency-cruiser.cjs)`;
}
