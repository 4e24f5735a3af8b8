import type { Value } from "../model/value.ts";

/**
 * The batches of a play by its `serial` (ansible/executor/playbook_executor.py, _get_serialized_batches): sizes are numbers or
 * percentages of all hosts, the last one repeats, 0 or nothing means all at once.
 *
 * @throws Error for a size that is neither.
 */
export function batchesOf(
  hosts: readonly string[],
  serial: readonly Value[],
): readonly (readonly string[])[] {
  if (serial.length === 0) return [hosts];
  const batches: string[][] = [];
  let at = 0;
  for (let step = 0; at < hosts.length; step++) {
    const size = sizeOf(serial[Math.min(step, serial.length - 1)]!, hosts.length);
    if (size <= 0) {
      batches.push(hosts.slice(at));
      break;
    }
    batches.push(hosts.slice(at, at + size));
    at += size;
  }
  return batches;
}

function sizeOf(size: Value, total: number): number {
  const text = String(size).trim();
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent !== null) return Math.max(1, Math.floor((Number(percent[1]) / 100) * total));
  if (!/^-?\d+$/.test(text))
    throw new Error(`serial must be a number or a percentage, not ${JSON.stringify(text)}`);
  return Number(text);
}

/** Whether more hosts of a batch failed than max_fail_percentage allows. */
export function exceedsFailures(
  failed: number,
  total: number,
  maxPercentage: number | undefined,
): boolean {
  return maxPercentage !== undefined && total > 0 && (failed / total) * 100 > maxPercentage;
}
