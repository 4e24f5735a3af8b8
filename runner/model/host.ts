import type { Origin } from "./origin.ts";
import type { Dict } from "./value.ts";

/** Why the variables of a group or a host cannot be had: it is the fault of whoever needs them. */
export interface BrokenVars {
  readonly detail: string;
  readonly origin: Origin | undefined;
  readonly hint: string | undefined;
}

/** A group's or host's variables by where they came from, lowest precedence first. */
export interface SourcedVars {
  /** From the inventory source itself. */
  readonly inline: Dict;
  /** From group_vars/ or host_vars/ next to the inventory. */
  readonly beside: Dict;
  /** From group_vars/ or host_vars/ next to playbooks, by their directories: each play sees those of its own. */
  readonly playbook: ReadonlyMap<string, Dict>;
}

export interface Group {
  readonly name: string;
  /** Direct members, in inventory order. */
  readonly hosts: readonly string[];
  readonly children: readonly string[];
  readonly parents: readonly string[];
  readonly depth: number;
  /** ansible_group_priority, 1 by default. */
  readonly priority: number;
  readonly vars: SourcedVars;
  /** Of files that cannot be used: by the playbook's directory, "" for those next to the inventory. */
  readonly broken?: ReadonlyMap<string, BrokenVars>;
}

export interface Host {
  readonly name: string;
  /** All groups the host is in, `all` included, in the order in which their variables are merged (depth, priority, name). */
  readonly groups: readonly string[];
  readonly vars: SourcedVars;
  /** Of files that cannot be used: by the playbook's directory, "" for those next to the inventory. */
  readonly broken?: ReadonlyMap<string, BrokenVars>;
  /** True for a localhost that no inventory names. */
  readonly implicit: boolean;
}

export interface Inventory {
  /** In inventory order. */
  readonly hosts: ReadonlyMap<string, Host>;
  /** `all` and `ungrouped` are always there. */
  readonly groups: ReadonlyMap<string, Group>;
  /** inventory_file and inventory_dir of a host. */
  readonly sources: ReadonlyMap<string, { readonly file: string; readonly dir: string }>;
  /** localhost and its addresses, where no inventory names them. */
  readonly implicit?: ReadonlyMap<string, Host>;
  /** How variables of groups are merged, lowest first; Ansible's default when absent. */
  readonly precedence?: readonly GroupVarsSource[] | undefined;
}

/** What a running playbook adds to the inventory. */
export type InventoryChange =
  | {
      readonly kind: "add-host";
      readonly host: string;
      readonly groups: readonly string[];
      readonly vars: Dict;
    }
  | {
      readonly kind: "add-group";
      readonly group: string;
      readonly parents: readonly string[];
      /** The host that joins the group. */
      readonly host: string;
    };

/** The steps of merging group variables, in Ansible's order, lowest first (VARIABLE_PRECEDENCE of `config/base.yml`). */
export const GROUP_VARS_SOURCES = [
  "all_inventory",
  "groups_inventory",
  "all_plugins_inventory",
  "all_plugins_play",
  "groups_plugins_inventory",
  "groups_plugins_play",
] as const;

export type GroupVarsSource = (typeof GROUP_VARS_SOURCES)[number];
