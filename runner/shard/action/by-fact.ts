import type { ResolvedAction } from "../../load/collection.ts";
import { type Dict, dictOf, isDict, type Value } from "../../model/value.ts";
import { MISSING } from "../../template/environment.ts";
import type { Invocation } from "../module/invocation.ts";
import { moduleResult } from "../module/module-result.ts";
import { renderDefaults } from "../module-defaults.ts";
import { textOf } from "../values.ts";
import { type Action, type ActionInput, failedWith, type Prepared } from "./action.ts";
import { installedModule } from "./installed-module.ts";

/** package: the module of the host's package manager (ansible/plugins/action/package.py). */
export const packageAction: Action = {
  name: "package",
  prepare: (input) =>
    byFact(input, {
      fact: "ansible_pkg_mgr",
      short: "pkg_mgr",
      fallback: "auto",
      filter: ["pkg_mgr"],
    }),
};

/** service: the module of the host's service manager (ansible/plugins/action/service.py). */
export const serviceAction: Action = {
  name: "service",
  prepare: (input) =>
    byFact(input, {
      fact: "ansible_service_mgr",
      short: "service_mgr",
      fallback: "service",
      filter: ["service_mgr"],
    }),
};

interface Choice {
  readonly fact: string;
  readonly short: string;
  readonly fallback: string;
  readonly filter: readonly string[];
}

function byFact(input: ActionInput, choice: Choice): Prepared {
  const args: Dict = new Map(input.args);
  const wanted = textOf(args.get("use") ?? "auto");
  args.delete("use");
  const known = wanted !== "auto" ? wanted : factOf(input, choice);
  if (known !== undefined) {
    const chosen = chosenModule(input, choice, known);
    if (chosen === undefined) return failedWith("NoneType: None", noModule(known));
    const { call, sources } = invocationOf(input, chosen, args);
    return { kind: "call", call, sources, finish: moduleResult };
  }
  return {
    kind: "steps",
    async run(io) {
      const setup = input.invoke(
        "setup",
        new Map<Value, Value>([
          ["gather_subset", ["!all"]],
          ["filter", [`ansible_${choice.short}`]],
        ]),
        { job: undefined },
      );
      const [result] = await io.batch([setup], true);
      const facts = moduleResult(result!).get("ansible_facts");
      const found = isDict(facts) ? facts.get(choice.fact) : undefined;
      const name = typeof found === "string" ? found : choice.fallback;
      if (name === "auto" || name === "unknown") {
        return new Map<Value, Value>([
          ["failed", true],
          [
            "msg",
            `Could not detect which package manager to use. Try gathering facts or setting the "use" option.`,
          ],
        ]);
      }
      const chosen = chosenModule(input, choice, name);
      if (chosen === undefined)
        return dictOf({ changed: false, failed: true, msg: noModule(name) });
      const [own] = await io.batch([invocationOf(input, chosen, args)], true);
      return moduleResult(own!);
    },
  };
}

/** The module of a manager. One of services that has no module has the general one. */
function chosenModule(
  input: ActionInput,
  { short }: Choice,
  manager: string,
): ResolvedAction | undefined {
  const name = moduleFor(manager);
  const found = installedModule(input.options, name);
  if (found?.modulePath !== undefined || short !== "service_mgr") return found;
  return installedModule(input.options, "service");
}

function noModule(manager: string): string {
  return `Could not find a module for ${manager}.`;
}

function invocationOf(
  input: ActionInput,
  { fqcn, modulePath }: ResolvedAction,
  args: Dict,
): Invocation {
  const name = fqcn.replace(/^ansible\.(?:builtin|legacy)\./, "");
  return input.invoke(
    name,
    withDefaults(input, fqcn, forModule(name, args)),
    undefined,
    modulePath,
  );
}

function factOf(input: ActionInput, choice: Choice): string | undefined {
  const value = input.scope.get(choice.fact);
  return value === MISSING || typeof value !== "string" || value === "unknown" ? undefined : value;
}

function moduleFor(manager: string): string {
  return manager === "sysvinit" || manager === "service"
    ? "service"
    : manager.replace(/^ansible\.(builtin|legacy)\./, "");
}

/** The arguments for a module, with the module_defaults of its own below them. */
function withDefaults(input: ActionInput, fqcn: string, args: Dict): Dict {
  const { task, environment, scope } = input;
  const layers = task.defaultsOfModules?.get(fqcn) ?? [];
  if (layers.length === 0) return args;
  return new Map([...renderDefaults(layers, task, environment, scope), ...args]);
}

/** systemd does not know what the service module's other managers take. */
function forModule(name: string, args: Dict): Dict {
  if (name !== "systemd") return args;
  const fit: Dict = new Map(args);
  for (const unused of ["pattern", "runlevel", "sleep", "arguments", "args"]) fit.delete(unused);
  return fit;
}
