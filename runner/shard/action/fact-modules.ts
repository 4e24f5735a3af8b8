import { type Dict, isDict, type Value } from "../../model/value.ts";
import { MISSING } from "../../template/environment.ts";
import { renderDefaults } from "../module-defaults.ts";
import { textOf } from "../values.ts";
import type { ActionInput } from "./action.ts";
import { installedModule } from "./installed-module.ts";

/** A module that gathers facts. */
export interface FactModule {
  /** As it was asked for. */
  readonly name: string;
  /** Whether it is Ansible's own setup. */
  readonly isSetup: boolean;
  /** Its file. */
  readonly path: string;
  /** Rendered module_defaults of it. */
  readonly defaults: Dict;
}

/** The modules that gather facts of a host, in order (FACTS_MODULES, CONNECTION_FACTS_MODULES). @throws Error for one that is nowhere. */
export function factModulesOf(input: ActionInput): readonly FactModule[] {
  return namesOf(input).map((name) => {
    const found = installedModule(input.options, name);
    if (found?.modulePath === undefined)
      throw new Error(`The module ${name} was not found in configured module paths`);
    return {
      name,
      isSetup: found.fqcn === "ansible.builtin.setup",
      path: found.modulePath,
      defaults: defaultsOf(input, found.fqcn),
    };
  });
}

function namesOf(input: ActionInput): readonly string[] {
  const own = input.scope.get("ansible_facts_modules");
  const named =
    own === MISSING
      ? input.options.factsModules
      : Array.isArray(own)
        ? own.map(textOf)
        : textOf(own as Value).split(",");
  return named.map((name) => (name.trim() === "smart" ? smart(input) : name.trim()));
}

/** What `smart` is: setup, or for a network's operating system the module made for it. */
function smart({ args, scope }: ActionInput): string {
  let system: unknown = args.get("network_os") ?? scope.get("ansible_network_os");
  if (system === MISSING) {
    const facts = scope.get("ansible_facts");
    system = isDict(facts as Value) ? (facts as Dict).get("network_os") : undefined;
  }
  if (typeof system !== "string") return SETUP;
  const [namespace, collection, name, ...more] = system.split(".");
  const short = name ?? namespace ?? "";
  const home = NETWORK_HOMES[short];
  if (home === undefined) return SETUP;
  if (name === undefined && collection === undefined) return `ansible.legacy.${short}_facts`;
  return more.length === 0 && `${namespace}.${collection}` === home
    ? `${home}.${short}_facts`
    : SETUP;
}

const SETUP = "ansible.legacy.setup";

/** The collection of each network operating system that has a module for its facts. */
const NETWORK_HOMES: Readonly<Record<string, string>> = {
  __proto__: null as never,
  asa: "cisco.asa",
  eos: "arista.eos",
  exos: "extreme.exos",
  frr: "frr.frr",
  ios: "cisco.ios",
  iosxr: "cisco.iosxr",
  ironware: "community.network",
  junos: "junipernetworks.junos",
  nxos: "cisco.nxos",
  slxos: "extreme.slxos",
  voss: "extreme.voss",
  vyos: "vyos.vyos",
};

function defaultsOf({ task, environment, scope }: ActionInput, fqcn: string): Dict {
  return renderDefaults(task.defaultsOfModules?.get(fqcn) ?? [], task, environment, scope);
}
