import { accessSync, closeSync, constants, openSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { playbookDirsOf, pluginDirsOf } from "../load/context.ts";
import { mayImport } from "../load/installation.ts";
import { makeFolders } from "../load/make-folders.ts";
import { expandPath } from "../load/path.ts";
import type { Settings } from "../load/settings.ts";
import type {
  BecomeSettings,
  ConnectionDefaults,
  ShardInit,
  ShardOptions,
} from "../pool/messages.ts";
import type { RunOptions } from "./options.ts";
import type { Prepared } from "./prepare.ts";
import type { World } from "./world.ts";

/** What every shard is started with. @throws Error for settings that cannot be used. */
export async function shardInit(
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
      hasPasslib: mayImport(installation, "passlib", world.env),
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
    connectionPlugins: settings.connectionPlugins.value,
    becomePlugins: settings.becomePlugins.value,
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
    fullResults: false,
    noLog: settings.noLog.value,
    duplicateKeys: settings.duplicateYamlKey.value,
    factsModules: settings.factsModules.value,
    jinja2Native: settings.jinja2Native.value,
    jinja2Extensions: settings.jinja2Extensions.value,
    ansibleManaged: settings.ansibleManaged.value,
    injectFacts: settings.injectFacts.value,
    mergeHash: settings.hashBehaviour.value === "merge",
    maxDiffSize: settings.maxDiffSize.value,
    taskTimeout: settings.taskTimeout.value,
    pollInterval: settings.pollInterval.value,
    factCache: factCacheOf(prepared, options, world),
    gatherSubset: settings.gatherSubset.value,
    gatherTimeout: settings.gatherTimeout.value ?? 0,
    debugger: {
      enabled: settings.enableTaskDebugger.value,
      ignoreErrors: settings.taskDebuggerIgnoreErrors.value,
    },
    traceFile: traceFileOf(settings),
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

/** @throws Error for a file that cannot be written. */
function traceFileOf({ traceFile }: Settings): string | undefined {
  const { value, source } = traceFile;
  if (value === undefined) return undefined;
  try {
    closeSync(openSync(value, "a", 0o600));
  } catch (error) {
    throw new Error(`${source}: the trace cannot be written: ${(error as Error).message}`);
  }
  return value;
}

/**
 * Where facts are kept. A cache that cannot be used is no reason to stop: facts then last as long as the run
 * (`VariableManager` of ansible/vars/manager.py).
 */
function factCacheOf(
  { settings, plugins, warn }: Prepared,
  options: RunOptions,
  world: World,
): ShardOptions["factCache"] {
  const { factCaching, factCachingConnection, factCachingPrefix, factCachingTimeout } = settings;
  const plugin = factCaching.value.replace(/^ansible\.builtin\./, "");
  const common = {
    plugin,
    prefix: factCachingPrefix.value,
    timeout: factCachingTimeout.value,
    flush: options.flushCache,
  };
  try {
    if (plugin === "jsonfile")
      return {
        kind: "files",
        directory: cacheFolder(factCachingConnection.value, world),
        ...common,
      };
    if (plugin !== "memory") {
      plugins.cache(plugin, { kind: "open" });
      return { kind: "plugin", directory: undefined, ...common };
    }
  } catch (error) {
    warn((error as Error).message);
  }
  return { kind: "none", directory: undefined, ...common };
}

/** @throws Error for a folder that is not named, or cannot be used. */
function cacheFolder(named: string | undefined, world: World): string {
  if (named === undefined || named === "") {
    throw new Error(
      "error, 'jsonfile' cache plugin requires the 'fact_caching_connection' config option to be set (to a writeable directory path)",
    );
  }
  const directory = expandPath(named, world.cwd);
  try {
    makeFolders(directory);
  } catch (cause) {
    throw new Error(
      `error in 'jsonfile' cache plugin while trying to create cache dir ${directory} : ${(cause as Error).message}`,
      { cause },
    );
  }
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `error in 'jsonfile' cache, configured path (${directory}) does not have necessary permissions (rwx), disabling plugin`,
      { cause },
    );
  }
  return directory;
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
    becomePlugins: {
      sudo: becomeSettings(settings, "sudo"),
      su: becomeSettings(settings, "su"),
      doas: becomeSettings(settings, "doas"),
    },
    becomePassword: becomePassword === "" ? password : becomePassword,
    sshArgs: settings.sshArgs.value,
    sshCommonArgs: settings.sshCommonArgs.value,
    sshExtraArgs: settings.sshExtraArgs.value,
    sshExecutable: settings.sshExecutable.value,
    dockerExtraArgs: settings.dockerExtraArgs.value,
    podmanExtraArgs: settings.podmanExtraArgs.value,
    podmanExecutable: settings.podmanExecutable.value,
    chrootExe: settings.chrootExe.value,
  };
}

function becomeSettings(settings: Settings, plugin: "sudo" | "su" | "doas"): BecomeSettings {
  const { becomeUser } = settings;
  return {
    user: becomeUser.source === "flag" ? becomeUser.value : settings[`${plugin}User`].value,
    exe: settings[`${plugin}Exe`].value,
    flags: settings[`${plugin}Flags`].value,
    password: settings[`${plugin}Password`].value,
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
