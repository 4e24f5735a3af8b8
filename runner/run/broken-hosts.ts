import { brokenVarsOf, holdsBroken } from "../inventory/broken-vars.ts";
import type { LoadError } from "../load/source.ts";
import { hostNamed } from "../vars/host-named.ts";
import type { Batch } from "./batch.ts";

/** The first of these hosts whose variables cannot be had, and why. */
export function brokenAmongHosts(
  { parts, play }: Pick<Batch, "parts" | "play">,
  hosts: readonly string[],
): { readonly host: string; readonly error: LoadError } | undefined {
  const { current } = parts.inventory;
  if (!holdsBroken(current)) return undefined;
  for (const name of hosts) {
    const host = hostNamed(current, name);
    const error = host === undefined ? undefined : brokenVarsOf(current, host, play.basedir ?? "");
    if (error !== undefined) return { host: name, error };
  }
  return undefined;
}

/** @throws LoadError for the first of these hosts whose variables cannot be had. */
export function failOnBrokenVars(
  batch: Pick<Batch, "parts" | "play">,
  hosts: readonly string[],
): void {
  const broken = brokenAmongHosts(batch, hosts);
  if (broken !== undefined) throw broken.error;
}
