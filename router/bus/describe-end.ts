import type { StreamEnd } from "../stream/stream.ts";

/** Why a stream ended, as the end of a sentence. */
export function describeEnd(end: StreamEnd): string {
  const parts: string[] = [];
  if (end.error !== undefined) parts.push(end.error.message);
  else if (end.signal !== undefined) parts.push(`the agent was killed by ${end.signal}`);
  else if (end.exitCode !== undefined) parts.push(`the agent exited with status ${end.exitCode}`);
  else parts.push("the other side closed it");
  const said = end.stderr.trim();
  if (said !== "") parts.push(said);
  return parts.join(": ");
}
