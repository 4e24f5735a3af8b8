const TEST = "\\.(test|itest|bench)\\.ts$";

/** layer -> what it may import inside runner/ (itself is always allowed) */
const RUNNER = {
  model: [],
  vault: [],
  template: ["model", "vault"],
  vars: ["model", "template"],
  load: ["model", "vault", "template", "vars"],
  inventory: ["model", "vault", "load", "vars", "plugin-host"],
  "plugin-host": ["model", "vault", "template"],
  plan: ["model"],
  strategy: ["model", "plan"],
  output: ["model"],
  pool: ["model", "vault"],
  shard: ["model", "vault", "template", "vars", "load", "inventory", "pool", "plugin-host"],
  run: ["model", "template", "vars", "load", "inventory", "plan", "strategy", "output", "pool"],
};
/** layer -> what it may import inside router/ */
const ROUTER = {
  base: [],
  frame: ["base"],
  message: ["base", "frame"],
  stream: ["base"],
  bus: ["base", "frame", "message", "stream"],
  connect: ["base", "frame", "message", "stream", "bus"],
};
const layers = (root, table) =>
  Object.entries(table).map(([layer, below]) => ({
    name: `${root}-${layer}-imports-downward`,
    severity: "error",
    from: { path: `^${root}/${layer}/`, pathNot: TEST },
    to: { path: `^${root}/`, pathNot: `^${root}/(${[layer, ...below].join("|")})/` },
  }));

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "router-stands-alone",
      severity: "error",
      from: { path: "^(router|remote)/" },
      to: { path: "^(runner|router|remote|bench|integration|pcaps|ci)/", pathNot: "^$1/" },
    },
    {
      name: "enter-by-the-door",
      severity: "error",
      // What measures a single part reaches into the folder that it is in.
      from: { path: "^(runner|bench|integration)/", pathNot: "^bench/micro/hot-paths\\.ts$" },
      to: {
        path: "^(runner|router|remote)/",
        pathNot: ["^$1/", "^(runner|router|remote)/index\\.ts$", "^router/base/index\\.ts$"],
      },
    },
    {
      name: "nobody-imports-tools",
      severity: "error",
      from: { path: "^(runner|router|remote)/" },
      to: { path: "^(bench|integration|pcaps|ci)/" },
    },
    {
      name: "only-the-start-loads-the-agent",
      severity: "error",
      from: { path: "^runner/", pathNot: ["^runner/(cli/run-prepared|shard/entry)\\.ts$", TEST] },
      to: { path: "^remote/" },
    },
    {
      name: "only-shard-talks-to-router",
      severity: "error",
      from: { path: "^runner/", pathNot: ["^runner/(shard|cli)/", TEST] },
      to: { path: "^router/index\\.ts$" },
    },
    {
      name: "pool-and-shard-share-only-messages",
      severity: "error",
      from: { path: "^runner/shard/" },
      to: { path: "^runner/pool/", pathNot: "^runner/pool/(messages|encoding|thread-port)\\.ts$" },
    },
    {
      name: "pure-folders-touch-no-io",
      severity: "error",
      from: {
        path: "^(runner/(model|template|vars|plan|strategy|output)|router/(frame|message|bus))/",
        pathNot: [
          TEST,
          "^runner/template/library/(lookups|hashes)\\.ts$",
          "^runner/template/fuzz/",
        ],
      },
      to: { dependencyTypes: ["core"] },
    },
    { name: "no-test-imports", severity: "error", from: { pathNot: TEST }, to: { path: TEST } },
    {
      name: "no-dev-deps-in-product",
      severity: "error",
      from: { path: "^(runner|router|remote)/", pathNot: TEST },
      to: { dependencyTypes: ["npm-dev"] },
    },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...layers("runner", RUNNER),
    ...layers("router", ROUTER),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
