import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { LiveInventory } from "../inventory/inventory.ts";
import { matchHosts } from "../inventory/pattern.ts";
import { type LoadContext, nextId, playbookDirsOf, pluginDirsOf } from "../load/context.ts";
import type { Installation } from "../load/installation.ts";
import { expandPath } from "../load/path.ts";
import { playVars } from "../load/play-vars.ts";
import { loadPlaybook } from "../load/playbook.ts";
import type { Settings } from "../load/settings.ts";
import { rejectUnsupported } from "../load/supported.ts";
import type { Inventory } from "../model/host.ts";
import type { Play, Playbook } from "../model/play.ts";
import type { Dict, Value } from "../model/value.ts";
import type { Callback } from "../output/callback.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { pluginOptions } from "../plugin-host/plugin-options.ts";
import type { ConnectionDefaults, ShardInit, ShardOptions } from "../pool/messages.ts";
import { createPlacement, shardCount } from "../pool/placement.ts";
import { createPool } from "../pool/pool.ts";
import { type RunResult, runPlaybooks } from "../run/run-playbook.ts";
import { createShards } from "../run/shards.ts";
import { askVars } from "../run/vars-prompt.ts";
import { createEnvironment, MISSING, omitToken } from "../template/environment.ts";
import { cryptText } from "../template/library/hashes.ts";
import { pyStr } from "../template/py-repr.ts";
import { groupsOf } from "../vars/magic.ts";
import { createScope, type MagicVars } from "../vars/scope.ts";
import type { Keyring } from "../vault/keyring.ts";
import { exitCodeOf } from "./exit-code.ts";
import type { RunOptions } from "./options.ts";
import { pause } from "./pause.ts";
import { loadPrerequisites } from "./prerequisites.ts";
import type { World } from "./world.ts";

/** A playbook run with everything loaded, before any host is touched. */
export interface Prepared {
  readonly settings: Settings;
  readonly installation: Installation;
  readonly context: LoadContext;
  readonly inventory: LiveInventory;
  readonly playbooks: readonly Playbook[];
  readonly extraVars: Dict;
  readonly keyring: Keyring;
  readonly output: Callback;
  /** The main thread's Python for plugins. */
  readonly plugins: PluginHost;
  readonly match: (pattern: string) => readonly string[];
  readonly renderPlay: (text: Value, play: Play) => Value;
}

/**
 * Loads settings, playbooks and inventory. Nothing is connected or started.
 *
 * @throws LoadError and other errors whose message is for the user.
 */
export async function prepare(options: RunOptions, world: World): Promise<Prepared> {
  for (const file of options.playbooks) {
    if (!existsSync(resolve(world.cwd, file)) && !/^\w+\.\w+\.\w+$/.test(file)) {
      throw new Error(`the playbook: ${file} could not be found`);
    }
  }
  const playbookDirs = [
    ...new Set(options.playbooks.map((file) => dirname(resolve(world.cwd, file)))),
  ];
  // Roles and collections bring plugins while playbooks are loaded.
  let loading: LoadContext | undefined;
  const { settings, output, warn, keyring, installation, plugins, inventory, extraVars } =
    await loadPrerequisites(
      {
        ...options,
        flags: flagsOf(options),
        checkMode: options.check === true,
        playbookDirs,
        pluginPlaces: {
          playbookDirs: () => (loading === undefined ? playbookDirs : playbookDirsOf(loading)),
          folders: () => (loading === undefined ? playbookDirs : pluginDirsOf(loading)),
        },
        allStages: false,
      },
      world,
    );
  const named = inventory.current.hosts.size > 0;
  if (!named && settings.localhostWarning.value) {
    warn(
      "provided hosts list is empty, only localhost is available. Note that the implicit localhost does not match 'all'",
    );
  }
  const merge = settings.hashBehaviour.value === "merge";
  const configured = {
    filter: settings.filterPlugins.value,
    test: settings.testPlugins.value,
    lookup: settings.lookupPlugins.value,
  };
  const environment = createEnvironment({
    native: settings.jinja2Native.value,
    managed: settings.ansibleManaged.value,
    ...pluginOptions({ host: plugins, folders: () => pluginDirsOf(context), configured }),
  });
  const render = (value: Value, vars: Dict, magic: MagicVars = () => MISSING): Value => {
    const scope = createScope({
      environment,
      layers: [
        { vars: extraVars, final: false },
        { vars, final: false },
      ],
      magic: (name, own) => (name === "omit" ? omitToken : magic(name, own)),
      magicNames: [],
      merge,
      context: { searchPaths: [world.cwd], cwd: world.cwd },
    });
    return environment.renderValue(value, scope);
  };
  const context: LoadContext = {
    settings,
    extraVars,
    installation,
    renderStatic: (text, vars) => pyStr(render(text, vars)),
    keepRepeatedRoles: options.listHosts || options.listTasks || options.listTags,
    warn,
    deprecate: (text) => output.on({ kind: "deprecation", text }),
  };
  loading = context;
  const playbooks = options.playbooks.map((file) =>
    loadPlaybook(resolve(world.cwd, file), context),
  );
  for (const play of playbooks.flatMap(({ plays }) => plays)) rejectUnsupported(play);
  if (
    options.limit !== undefined &&
    named &&
    matchHosts(inventory.current, "all", options.limit, { warn }).length === 0
  ) {
    throw new Error(
      "Specified inventory, host pattern and/or --limit leaves us with no hosts to target.",
    );
  }
  const ofPlays = new WeakMap<Play, Dict>();
  return {
    settings,
    installation,
    context,
    inventory,
    playbooks,
    extraVars,
    keyring,
    output,
    plugins,
    match: (pattern) =>
      matchHosts(inventory.current, pattern, options.limit, {
        warn,
        mismatch: settings.hostPatternMismatch.value,
        cwd: world.cwd,
      }),
    renderPlay: (value, play) => {
      let vars = ofPlays.get(play);
      if (vars === undefined) {
        vars = playVars(play, render);
        ofPlays.set(play, vars);
      }
      return render(value, vars, playMagic(inventory.current, play));
    },
  };
}

/** Magic variables that a play's own keywords may read: those that need no host. */
function playMagic(inventory: Inventory, { basedir }: Play): MagicVars {
  return (name) => {
    if (name === "groups") return groupsOf(inventory);
    return name === "playbook_dir" && basedir !== undefined ? basedir : MISSING;
  };
}

/** Runs what was prepared. @returns the exit code. */
export async function run(prepared: Prepared, options: RunOptions, world: World): Promise<number> {
  const { settings, inventory, output, context } = prepared;
  const cores = availableParallelism();
  const busiest = Math.max(
    1,
    ...prepared.playbooks.flatMap(({ plays }) =>
      plays.map((play) => hostsOf(prepared, options.limit, play)),
    ),
  );
  const size = options.shards ?? shardCount(busiest, cores);
  const placement = createPlacement(size);
  const shardFile = new URL("./shard.js", import.meta.url).href;
  const pool = await createPool({
    size,
    workerFile: fileURLToPath(shardFile),
    inline: async (port) =>
      ((await import(shardFile)) as { runInline: (side: typeof port) => Promise<void> }).runInline(
        port,
      ),
    init: await shardInit(prepared, options, world, size),
  });
  const warn = (text: string): void => output.on({ kind: "warning", text });
  const { stdout } = world.terminal;
  const shards = createShards(pool, placement, inventory, (request) =>
    pause(request, { signal: world.signal, stdout, warn }),
  );
  const stop = (): void => void shards.abort("interrupted");
  world.signal.addEventListener("abort", stop, { once: true });
  let result: RunResult;
  try {
    result = await runPlaybooks({
      playbooks: prepared.playbooks,
      inventory,
      output,
      shards,
      context,
      tags: {
        only: settings.tagsRun.value.length > 0 ? settings.tagsRun.value : ["all"],
        skip: settings.tagsSkip.value,
      },
      gathering: settings.gathering.value,
      forceHandlers: settings.forceHandlers.value,
      checkMode: options.check === true,
      forks: settings.forks.value,
      startAt: options.startAtTask,
      step: options.step,
      askLine: (prompt) => world.terminal.ask(prompt, false, world.signal),
      match: prepared.match,
      renderPlay: prepared.renderPlay,
      prompted: (play) =>
        askVars(play, {
          interactive: world.terminal.interactive,
          ask: (text, isPrivate) => world.terminal.ask(text, isPrivate, world.signal),
          show: stdout,
          warn,
          extraVars: prepared.extraVars,
          render: prepared.renderPlay,
          crypt: cryptText,
        }),
      nextId: () => nextId(context),
      signal: world.signal,
    });
    const wire = await shards.end();
    if (options.wire) {
      const { user, system } = process.cpuUsage();
      output.on({ kind: "wire", report: { ...wire, cpuSeconds: (user + system) / 1e6 } });
    }
  } catch (error) {
    await shards.abort("the run failed");
    throw error;
  } finally {
    world.signal.removeEventListener("abort", stop);
    prepared.plugins.close();
    output.close();
  }
  return exitCodeOf(result);
}

function hostsOf(
  { inventory, renderPlay }: Prepared,
  limit: string | undefined,
  play: Play,
): number {
  try {
    return matchHosts(inventory.current, String(renderPlay(play.hosts, play)), limit, {
      mismatch: "ignore",
    }).length;
  } catch {
    return 1;
  }
}

async function shardInit(
  prepared: Prepared,
  options: RunOptions,
  world: World,
  size: number,
): Promise<ShardInit> {
  const { settings, installation, context, inventory, extraVars, keyring, playbooks } = prepared;
  const shardOptions: ShardOptions = {
    verbosity: settings.verbosity.value,
    checkMode: options.check === true,
    diffMode: settings.diffAlways.value,
    forks: Math.max(1, Math.ceil(settings.forks.value / size)),
    playbookDir: dirname(playbooks[0]!.file),
    cwd: world.cwd,
    configFile: settings.configFile,
    inventorySources: settings.inventory.value,
    limit: options.limit,
    runTags: settings.tagsRun.value.length > 0 ? settings.tagsRun.value : ["all"],
    skipTags: settings.tagsSkip.value,
    connection: await connectionDefaults(settings, world),
    installation: {
      root: installation.root,
      version: installation.version,
      collections: [
        ...playbooks.map(({ file }) => resolve(dirname(file), "collections")),
        ...settings.collectionsPaths.value,
        ...(installation.collectionsPath === undefined ? [] : [installation.collectionsPath]),
      ],
    },
    library: settings.library.value,
    moduleUtils: [
      ...playbooks.map(({ file }) => resolve(dirname(file), "module_utils")),
      ...settings.moduleUtils.value,
    ],
    plugins: {
      playbookDirs: playbookDirsOf(context),
      folders: pluginDirsOf(context),
      configured: {
        filter: settings.filterPlugins.value,
        test: settings.testPlugins.value,
        lookup: settings.lookupPlugins.value,
      },
      timeout: settings.pluginTimeout.value,
    },
    noLog: settings.noLog.value,
    duplicateKeys: settings.duplicateYamlKey.value,
    factsModules: settings.factsModules.value,
    jinja2Native: settings.jinja2Native.value,
    ansibleManaged: settings.ansibleManaged.value,
    injectFacts: settings.injectFacts.value,
    mergeHash: settings.hashBehaviour.value === "merge",
    maxDiffSize: settings.maxDiffSize.value,
    taskTimeout: settings.taskTimeout.value,
    pollInterval: settings.pollInterval.value,
    factCache: factCacheOf(settings, options, world),
    gatherSubset: settings.gatherSubset.value,
    gatherTimeout: settings.gatherTimeout.value ?? 0,
    python: installation.python,
  };
  return {
    inventory: inventory.current,
    extraVars,
    keyring,
    options: shardOptions,
    alone: size === 1,
  };
}

/** @throws Error for a cache plugin that is not there, or has no directory. */
function factCacheOf(
  settings: Settings,
  options: RunOptions,
  world: World,
): ShardOptions["factCache"] {
  const { factCaching, factCachingConnection, factCachingPrefix, factCachingTimeout } = settings;
  const plugin = factCaching.value.replace(/^ansible\.builtin\./, "");
  const common = {
    prefix: factCachingPrefix.value,
    timeout: factCachingTimeout.value,
    flush: options.flushCache,
  };
  if (plugin === "memory") return { directory: undefined, ...common };
  if (plugin !== "jsonfile") {
    throw new Error(
      `the fact cache '${plugin}' is not supported by skein yet: set fact_caching to jsonfile or memory`,
    );
  }
  const directory = factCachingConnection.value;
  if (directory === undefined || directory === "") {
    throw new Error(
      "error, 'jsonfile' cache plugin requires the 'fact_caching_connection' config option to be set (to a writeable directory path)",
    );
  }
  return { directory: expandPath(directory, world.cwd), ...common };
}

async function connectionDefaults(settings: Settings, world: World): Promise<ConnectionDefaults> {
  const password = await secret(
    settings.askPass.value,
    settings.connectionPasswordFile.value,
    "SSH password: ",
    world,
  );
  const becomePassword = await secret(
    settings.becomeAskPass.value,
    settings.becomePasswordFile.value,
    settings.askPass.value ? "BECOME password[defaults to SSH password]: " : "BECOME password: ",
    world,
  );
  return {
    transport: settings.transport.value,
    remoteUser: settings.remoteUser.value,
    port: settings.remotePort.value,
    password,
    privateKeyFile: settings.privateKeyFile.value,
    hostKeyChecking: settings.hostKeyChecking.value,
    timeout: settings.timeout.value,
    executable: settings.executable.value,
    interpreter: settings.interpreterPython.value,
    remoteTmp: settings.remoteTmp.value,
    become: settings.become.value,
    becomeMethod: settings.becomeMethod.value,
    becomeUser: settings.becomeUser.value,
    becomeExe: settings.becomeExe.value,
    becomeFlags: settings.becomeFlags.value,
    becomePassword: becomePassword === "" ? password : becomePassword,
    sshArgs: settings.sshArgs.value,
    sshCommonArgs: settings.sshCommonArgs.value,
    sshExtraArgs: settings.sshExtraArgs.value,
    sshExecutable: settings.sshExecutable.value,
  };
}

async function secret(
  ask: boolean,
  file: string | undefined,
  prompt: string,
  world: World,
): Promise<string | undefined> {
  if (file !== undefined) return readFileSync(file, "utf8").trim();
  return ask ? world.terminal.ask(prompt, true, world.signal) : undefined;
}

function flagsOf(options: RunOptions) {
  return {
    inventory: options.inventory?.map((source) =>
      source.includes(",") ? source : resolve(source),
    ),
    forks: options.forks,
    verbosity: options.verbosity,
    remoteUser: options.user,
    transport: options.connection,
    timeout: options.timeout,
    privateKeyFile: options.privateKey,
    askPass: options.askPass,
    connectionPasswordFile: options.connectionPasswordFile,
    sshCommonArgs: options.sshCommonArgs,
    sshExtraArgs: options.sshExtraArgs,
    become: options.become,
    becomeMethod: options.becomeMethod,
    becomeUser: options.becomeUser,
    becomeAskPass: options.askBecomePass,
    becomePasswordFile: options.becomePasswordFile,
    forceHandlers: options.forceHandlers,
    diffAlways: options.diff,
    tagsRun: options.tags,
    tagsSkip: options.skipTags,
    library: options.modulePath,
  };
}
