import type { ConnectMethod } from "./method.ts";
import { splitWords } from "./words.ts";

const PROMPT = "[sudo via skein] password:";

/**
 * sudo. Flags are `-H -S -n` unless given; with a password, `-n` (never ask) is taken out of them, as
 * in Ansible's plugins/become/sudo.py.
 */
export const sudo: ConnectMethod = {
  name: "sudo",
  argv(hop, command) {
    const flags = splitWords(hop.flags ?? "-H -S -n");
    const asking = hop.password !== undefined;
    return [
      ...splitWords(hop.exe ?? "sudo"),
      ...(asking ? flags.flatMap(withoutNonInteractive) : flags),
      ...(asking ? ["-p", PROMPT] : []),
      ...(hop.user === "" ? [] : ["-u", hop.user]),
      "/bin/sh",
      "-c",
      command,
    ];
  },
  prompt: "\\[sudo via skein\\] password:",
  failed: [
    ["Sorry, try again\\.", "Incorrect sudo password"],
    ["Sorry, a password is required to run sudo", "Missing sudo password"],
    ["sudo: a password is required", "Missing sudo password"],
  ],
  pty: false,
};

/** `-n`, alone or among other letters (`-Hn`), or in its long form. */
function withoutNonInteractive(flag: string): string[] {
  if (flag === "-n" || flag === "--non-interactive") return [];
  if (flag.startsWith("--") || !flag.startsWith("-")) return [flag];
  return [flag.replace(/^(-\w*)n/, "$1")];
}
