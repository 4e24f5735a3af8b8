import { debopsCheckout } from "./macro/debops-checkout.ts";
import { debopsShaped } from "./macro/debops-shaped.ts";
import { filetree } from "./macro/filetree.ts";
import { hosts } from "./macro/hosts.ts";
import { hostvars250 } from "./macro/hostvars-250.ts";
import { inventory18000 } from "./macro/inventory-18000.ts";
import { latency } from "./macro/latency.ts";
import { loop100Items } from "./macro/loop-100-items.ts";
import { loop100Tasks } from "./macro/loop-100-tasks.ts";
import { ping } from "./macro/ping.ts";
import { skipped1000 } from "./macro/skipped-1000.ts";
import { slow23 } from "./macro/slow-23.ts";
import { templates20 } from "./macro/templates-20.ts";
import { transfer } from "./macro/transfer.ts";
import type { Scenario } from "./scenario.ts";

/** All of them, in the order of a full run. */
export const SCENARIOS: readonly Scenario[] = [
  loop100Items,
  loop100Tasks,
  filetree,
  debopsShaped,
  templates20,
  transfer,
  slow23,
  latency,
  hosts,
  skipped1000,
  hostvars250,
  inventory18000,
  ping,
];

/**
 * Those of the given names; all when none is given, and with `--debops DIR` the real one, or that alone.
 *
 * @throws Error for a name that is not known.
 */
export function pickScenarios(
  names: readonly string[],
  debops: string | undefined,
): readonly Scenario[] {
  const real = debops === undefined ? [] : [debopsCheckout(debops)];
  if (names.length === 0) return real.length > 0 ? real : SCENARIOS;
  const picked = names
    .filter((name) => name !== "all")
    .map((name) => {
      const found = SCENARIOS.find((one) => one.name === name);
      if (found === undefined) {
        throw new Error(`there is no benchmark ${name}; there are ${namesOf()}, and all`);
      }
      return found;
    });
  return [...(names.includes("all") ? SCENARIOS : picked), ...real];
}

export function namesOf(): string {
  return SCENARIOS.map(({ name }) => name).join(", ");
}
