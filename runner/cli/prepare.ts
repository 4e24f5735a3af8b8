import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { LiveInventory } from "../inventory/inventory.ts";
import { matchHosts } from "../inventory/pattern.ts";
import { catalogueOf, type LoadContext, playbookDirsOf, pluginDirsOf } from "../load/context.ts";
import { type Installation, mayImport } from "../load/installation.ts";
import { playVars } from "../load/play-vars.ts";
import { loadPlaybook } from "../load/playbook.ts";
import type { Settings } from "../load/settings.ts";
import type { Inventory } from "../model/host.ts";
import type { Play, Playbook } from "../model/play.ts";
import type { Dict, Value } from "../model/value.ts";
import type { Callback } from "../output/callback.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { pluginOptions } from "../plugin-host/plugin-options.ts";
import { createEnvironment, MISSING, omitToken } from "../template/environment.ts";
import { pyStr } from "../template/py-repr.ts";
import { groupsOf } from "../vars/magic.ts";
import { createScope, type MagicVars } from "../vars/scope.ts";
import type { Keyring } from "../vault/keyring.ts";
import type { RunOptions } from "./options.ts";
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
  readonly warn: (text: string) => void;
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
  for (const file of options.playbooks)
    if (!existsSync(resolve(world.cwd, file)) && !QUALIFIED.test(file)) throw notFound(file);
  const playbookDirs = [
    ...new Set(
      options.playbooks
        .map((file) => resolve(world.cwd, file))
        .filter((file) => existsSync(file))
        .map((file) => dirname(file)),
    ),
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
    extensions: settings.jinja2Extensions.value,
    managed: settings.ansibleManaged.value,
    ...pluginOptions({
      host: plugins,
      folders: () => pluginDirsOf(context),
      configured,
      hasPasslib: mayImport(installation, "passlib", world.env),
    }),
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
  const playbooks = options.playbooks.map((file) => {
    const isThere = existsSync(resolve(world.cwd, file));
    if (!isThere && catalogueOf(context).playbook(file) === undefined) throw notFound(file);
    return loadPlaybook(file, context, world.cwd);
  });
  // Playbooks that were imported, or found in collections, have variables beside them as well.
  inventory.addPlaybooks(playbookDirsOf(context));
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
    warn,
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

/** `namespace.collection.name`: a playbook of a collection. */
const QUALIFIED = /^\w+(?:\.\w+){2,}$/;

function notFound(file: string): Error {
  return new Error(`the playbook: ${file} could not be found`);
}

/** Magic variables that a play's own keywords may read: those that need no host. */
function playMagic(inventory: Inventory, { basedir }: Play): MagicVars {
  return (name) => {
    if (name === "groups") return groupsOf(inventory);
    return name === "playbook_dir" && basedir !== undefined ? basedir : MISSING;
  };
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
