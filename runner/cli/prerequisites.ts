import { resolve } from "node:path";
import { createLiveInventory, type LiveInventory } from "../inventory/inventory.ts";
import { loadExtraVars } from "../load/extra-vars.ts";
import { findInstallation, type Installation } from "../load/installation.ts";
import { expandPath } from "../load/path.ts";
import { loadSettings, type SettingFlags, type Settings } from "../load/settings.ts";
import type { Dict } from "../model/value.ts";
import { type Callback, createOutput } from "../output/callback.ts";
import { eventOf } from "../plugin-host/log-event.ts";
import { createPluginHost, type PluginHost } from "../plugin-host/plugin-host.ts";
import { type Keyring, useKeyring } from "../vault/keyring.ts";
import { readSecrets } from "../vault/secrets.ts";
import type { World } from "./world.ts";

/** The part of a command line that every command with an inventory has. */
export interface PrerequisiteOptions {
  readonly flags: SettingFlags;
  readonly extraVars: readonly string[];
  readonly vaultIds: readonly string[] | undefined;
  readonly vaultPasswordFiles: readonly string[] | undefined;
  readonly askVaultPass: true | undefined;
  readonly checkMode: boolean;
  /** Directories whose group_vars/ and host_vars/ count as a playbook's. */
  readonly playbookDirs: readonly string[];
  /** Where plugins in Python may be, asked when they are looked for. */
  readonly pluginPlaces: {
    readonly playbookDirs: () => readonly string[];
    readonly folders: () => readonly string[];
  };
  /** See InventoryInput. */
  readonly allStages: boolean;
}

/** What is there before any playbook is read. */
export interface Prerequisites {
  readonly settings: Settings;
  readonly output: Callback;
  readonly warn: (text: string) => void;
  readonly keyring: Keyring;
  readonly installation: Installation;
  /** Started when something asks it. */
  readonly plugins: PluginHost;
  readonly inventory: LiveInventory;
  readonly extraVars: Dict;
}

/**
 * Loads settings, secrets, inventory and extra variables, in this order (`CLI._play_prereqs` of `cli/__init__.py`).
 *
 * @throws LoadError, VaultError
 */
export async function loadPrerequisites(
  options: PrerequisiteOptions,
  world: World,
): Promise<Prerequisites> {
  const early: string[] = [];
  let warn = (text: string): void => void early.push(text);
  const settings = loadSettings({
    env: world.env,
    cwd: world.cwd,
    flags: options.flags,
    warn: (text) => warn(text),
  });
  if (settings.logPath.value !== undefined) world.log.open(settings.logPath.value);
  const output = createOutput(
    {
      verbosity: settings.verbosity.value,
      color: world.terminal.color(settings.forceColor.value, settings.nocolor.value),
      colors: colorsOf(settings),
      columns: world.terminal.columns,
      checkMode: options.checkMode,
      diffContext: settings.diffContext.value,
      displaySkippedHosts: settings.displaySkippedHosts.value,
      displayOkHosts: settings.displayOkHosts.value,
      displayFailedStderr: settings.displayFailedStderr.value,
      checkModeMarkers: settings.checkModeMarkers.value,
      showPerHostStart: settings.showPerHostStart.value,
      showCustomStats: settings.showCustomStats.value,
      showTaskPathOnFailure: settings.showTaskPathOnFailure.value,
      resultFormat: settings.resultFormat.value,
      prettyResults: settings.formatPretty.value,
      actionWarnings: settings.actionWarnings.value,
      deprecationWarnings: settings.deprecationWarnings.value,
      verboseToStderr: settings.verboseToStderr.value,
    },
    {
      stdout: world.terminal.stdout,
      stderr: world.terminal.stderr,
      ...(settings.logPath.value === undefined ? {} : { log: world.log.write }),
    },
  );
  warn = (text) => output.on({ kind: "warning", text });
  for (const text of early) warn(text);
  output.on({
    kind: "verbose",
    level: 1,
    host: undefined,
    text:
      settings.configFile === undefined
        ? "No config file found; using defaults"
        : `Using ${settings.configFile} as config file`,
  });
  const keyring = await vaultSecrets(settings, options, world, warn);
  useKeyring(keyring);
  const installation = findInstallation(world.env);
  const plugins = createPluginHost({
    python: installation.python,
    root: installation.root,
    basedir: options.playbookDirs[0] ?? world.cwd,
    ...options.pluginPlaces,
    verbosity: settings.verbosity.value,
    timeout: settings.pluginTimeout.value,
    extraVars: options.extraVars.map((given) =>
      given.startsWith("@") ? `@${resolve(world.cwd, given.slice(1))}` : given,
    ),
    secrets: keyring.secrets,
    log: (entry) => {
      if (entry.kind !== "print") output.on(eventOf(entry));
      else if (entry.isError) world.terminal.stderr(entry.text);
      else world.terminal.stdout(entry.text);
    },
  });
  const inventory = createLiveInventory({
    sources: settings.inventory.value,
    playbookDirs: options.playbookDirs,
    settings,
    warn,
    python: installation.python,
    allStages: options.allStages,
    plugins: { host: plugins, folders: options.pluginPlaces.folders() },
  });
  const extraVars = loadExtraVars(options.extraVars, {
    cwd: world.cwd,
    merge: settings.hashBehaviour.value === "merge",
  });
  return { settings, output, warn, keyring, installation, plugins, inventory, extraVars };
}

function vaultSecrets(
  settings: Settings,
  options: PrerequisiteOptions,
  world: World,
  warn: (text: string) => void,
): Promise<Keyring> {
  const configured = settings.vaultPasswordFile.value;
  return readSecrets(
    {
      ids: [...settings.vaultIdentityList.value, ...(options.vaultIds ?? [])],
      passwordFiles: [
        ...(options.vaultPasswordFiles ?? []),
        ...(configured === undefined ? [] : [configured]),
      ],
      ask: options.askVaultPass === true || settings.askVaultPass.value,
      defaultId: settings.vaultIdentity.value,
      matchId: settings.vaultIdMatch.value,
    },
    {
      askSecret: (prompt) => world.terminal.ask(prompt, true, world.signal),
      warn,
      expand: (path) => expandPath(path, world.cwd, world.env),
    },
  );
}

function colorsOf(settings: Settings): Record<string, string> {
  const colors: Record<string, string> = {};
  for (const [name, setting] of Object.entries(settings)) {
    if (!name.startsWith("color") || setting === undefined || typeof setting === "string") continue;
    colors[name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()] = String(
      (setting as { value: unknown }).value,
    );
  }
  return colors;
}
