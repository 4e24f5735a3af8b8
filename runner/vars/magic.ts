import type { Inventory } from "../model/host.ts";
import type { Play, Role, Task } from "../model/play.ts";
import type { Dict, Value } from "../model/value.ts";
import { MISSING, omitToken } from "../template/environment.ts";
import { groupHosts } from "./group-hosts.ts";
import { LazyDict } from "./lazy-dict.ts";
import type { MagicVars } from "./scope.ts";

/** What magic variables are made of, for one host and task. */
export interface MagicSources {
  readonly host: string;
  readonly task: Task | undefined;
  /** Undefined for what `hostvars` shows, which knows no play (ansible/vars/hostvars.py). */
  readonly play: Play | undefined;
  readonly inventory: Inventory;
  readonly run: RunFacts;
  /** The folder of the play's own playbook file. */
  readonly playbookDir: string;
  /** Hosts of the play that have not failed, in all batches. */
  readonly alive: readonly string[];
  readonly batch: readonly string[];
  /** All hosts of the play. */
  readonly allHosts: readonly string[];
  readonly hostvars: Value | undefined;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly searchPath: readonly string[];
}

/** Facts of the whole run. */
export interface RunFacts {
  readonly inventorySources: readonly string[];
  readonly configFile: string | undefined;
  readonly ansibleVersion: string;
  readonly forks: number;
  readonly verbosity: number;
  readonly limit: string | undefined;
  readonly runTags: readonly string[];
  readonly skipTags: readonly string[];
  readonly pythonExecutable: string;
}

/** The magic variables of Ansible (ansible/vars/manager.py, _get_magic_variables), each made when it is read. */
export function magicVars(sources: MagicSources): MagicVars {
  return (name, scope) => {
    if (name === "vars" && sources.play !== undefined) {
      return new LazyDict(
        () => scope.names(),
        (key) => {
          const isMagic = TABLE[key] !== undefined || key === "ansible_delegated_vars";
          const value = isMagic ? scope.get(key) : scope.own(key);
          return value === MISSING ? undefined : (value as Value);
        },
        (key) => scope.keeps(key),
      );
    }
    const make = TABLE[name];
    if (make === undefined) return MISSING;
    const value = make(sources);
    return value === undefined ? MISSING : value;
  };
}

const TABLE: Readonly<Record<string, (from: MagicSources) => Value | undefined>> = {
  __proto__: null as never,
  omit: () => omitToken,
  inventory_hostname: ({ host }) => host,
  inventory_hostname_short: ({ host }) => host.split(".")[0]!,
  inventory_file: ({ inventory, host }) => inventory.sources.get(host)?.file,
  inventory_dir: ({ inventory, host }) => inventory.sources.get(host)?.dir,
  group_names: ({ inventory, host }) =>
    (inventory.hosts.get(host)?.groups ?? []).filter((group) => group !== "all").sort(),
  groups: ({ inventory }) => groupsOf(inventory),
  hostvars: ({ hostvars }) => hostvars,
  playbook_dir: ({ playbookDir }) => playbookDir,
  role_name: ({ task }) => task?.role && shortName(task.role),
  ansible_collection_name: ({ task }) => task?.role?.collection,
  ansible_role_name: ({ task }) => task?.role?.name,
  role_path: ({ task }) => task?.role?.path,
  role_uuid: ({ task }) => (task?.role === undefined ? undefined : String(task.role.id)),
  ansible_parent_role_names: ({ task }) => includers(task)?.map((role) => role.name),
  ansible_parent_role_paths: ({ task }) => includers(task)?.map((role) => role.path),
  role_names: ({ play }) => play && namesOf(play, isDirect),
  ansible_role_names: ({ play }) => play && unique(namesOf(play)),
  ansible_play_role_names: ({ play }) => play && namesOf(play, isDirect),
  ansible_dependent_role_names: ({ play }) =>
    play && unique(namesOf(play, (role) => !isDirect(role))),
  ansible_play_name: ({ play }) => play?.name ?? play?.hosts,
  ansible_play_hosts: ({ play, alive }) => play && [...alive],
  play_hosts: (sources) => aliveBatch(sources),
  ansible_play_hosts_all: ({ play, allHosts }) => play && [...allHosts],
  ansible_play_batch: (sources) => aliveBatch(sources),
  ansible_check_mode: ({ checkMode }) => checkMode,
  ansible_diff_mode: ({ diffMode }) => diffMode,
  ansible_config_file: ({ run }) => run.configFile ?? null,
  ansible_inventory_sources: ({ run }) => [...run.inventorySources],
  ansible_forks: ({ run }) => run.forks,
  ansible_verbosity: ({ run }) => run.verbosity,
  ansible_limit: ({ run }) => run.limit,
  ansible_run_tags: ({ run }) => [...run.runTags],
  ansible_skip_tags: ({ run }) => [...run.skipTags],
  ansible_search_path: ({ play, searchPath }) => play && [...searchPath],
  ansible_playbook_python: ({ run }) => run.pythonExecutable,
  ansible_version: ({ run }) => versionDict(run.ansibleVersion),
};

/** The names magicVars may answer, without `vars`, which lists them. */
export const magicNames: readonly string[] = Object.keys(TABLE);

const groupDicts = new WeakMap<Inventory, Dict>();

/** `groups`: the names of each group's hosts. */
export function groupsOf(inventory: Inventory): Dict {
  const known = groupDicts.get(inventory);
  if (known !== undefined) return known;
  const dict: Dict = new Map();
  for (const name of inventory.groups.keys()) dict.set(name, [...groupHosts(inventory, name)]);
  groupDicts.set(inventory, dict);
  return dict;
}

/** Without the collection that it is from (ansible/playbook/role/__init__.py, get_name). */
function shortName({ name, collection }: Role): string {
  return collection === undefined ? name : name.slice(name.lastIndexOf(".") + 1);
}

/** Roles whose tasks include or import the task's role, innermost first; a role that depends on it is none (ansible/playbook/role_include.py, get_vars). */
function includers(task: Task | undefined): readonly Role[] | undefined {
  const roles = task?.role?.includers ?? [];
  return roles.length === 0 ? undefined : roles;
}

function aliveBatch({ play, alive, allHosts, batch }: MagicSources): string[] | undefined {
  if (play === undefined) return undefined;
  if (alive.length === allHosts.length) return [...batch];
  const left = new Set(alive);
  return batch.filter((host) => left.has(host));
}

/** Names of the play's roles, as often as they are used. */
function namesOf({ roles }: Play, counts: (role: Role) => boolean = () => true): string[] {
  return roles.filter(counts).map(({ name }) => name);
}

/** Roles that the play or an import names, not those that other roles depend on. */
function isDirect({ parents, includers }: Role): boolean {
  const parent = parents.at(-1);
  return parent === undefined || includers?.[0] === parent;
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function versionDict(version: string): Dict {
  const [major = "0", minor = "0", revision = "0"] = version.split(".");
  return new Map<Value, Value>([
    ["string", version],
    ["full", version],
    ["major", Number(major)],
    ["minor", Number(minor)],
    ["revision", Number.parseInt(revision, 10)],
  ]);
}
