import type { Dict, Value } from "../model/value.ts";
import { tupleOf } from "../template/py-types.ts";

/** Groups and hosts as they travel to the host and back. */
export interface InventorySnapshot {
  readonly groups: readonly {
    readonly name: string;
    readonly priority: number;
    readonly vars: Dict;
    readonly children: readonly string[];
    readonly hosts: readonly string[];
  }[];
  readonly hosts: readonly {
    readonly name: string;
    /** Where it was met first; undefined in what comes back. */
    readonly source: string | undefined;
    readonly vars: Dict;
  }[];
}

export interface InventoryRequest {
  /** Its name as in the settings: `auto` looks into the source for the name. */
  readonly plugin: string;
  readonly source: string;
  /** The sources read before. */
  readonly sources: readonly string[];
  readonly inventory: InventorySnapshot;
}

/** Which plugins: those that count when the inventory is read, when tasks run, or, for who shows an inventory, at any time. */
export type VarsStage = "inventory" | "task" | "all";

export interface VarsRequest {
  readonly stage: VarsStage;
  /** Directories of inventory sources or playbooks. */
  readonly paths: readonly string[];
  readonly groups: readonly string[];
  readonly hosts: readonly string[];
  readonly inventory: InventorySnapshot;
}

/** What vars plugins say of one group or host: before and behind what group_vars/ and host_vars/ say. */
export type SaidVars = readonly [before: Dict, behind: Dict];

/** The form of python/skein_inventory.py. */
export function toMessage({ groups, hosts }: InventorySnapshot): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    [
      "groups",
      groups.map((each) => row(each.name, each.priority, each.vars, each.children, each.hosts)),
    ],
    ["hosts", hosts.map((each) => row(each.name, each.source ?? null, each.vars))],
  ]);
}

function row(...fields: readonly unknown[]): unknown {
  return tupleOf(fields as readonly Value[]);
}

/** What came back. */
export function fromMessage(message: unknown): InventorySnapshot {
  const fields = message as ReadonlyMap<string, readonly (readonly unknown[])[]>;
  return {
    groups: (fields.get("groups") ?? []).map(([name, priority, vars, children, hosts]) => ({
      name: String(name),
      priority: Number(priority),
      vars: vars as Dict,
      children: children as readonly string[],
      hosts: hosts as readonly string[],
    })),
    hosts: (fields.get("hosts") ?? []).map(([name, , vars]) => ({
      name: String(name),
      source: undefined,
      vars: vars as Dict,
    })),
  };
}
