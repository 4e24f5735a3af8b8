import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{runner,router,remote,pcaps,bench,ci,integration}/**/*.test.ts"],
          pool: "threads",
        },
      },
      {
        // Playbooks on this machine: no containers.
        test: {
          name: "cases",
          include: ["integration/{cases,broken}/*.itest.ts"],
          globalSetup: ["./integration/harness/build-once.ts"],
          testTimeout: 60_000,
          maxConcurrency: 3,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: "integration",
          include: ["integration/*.itest.ts"],
          pool: "forks",
          globalSetup: ["./integration/global-setup.ts"],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
