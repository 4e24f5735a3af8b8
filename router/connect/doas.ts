import type { ConnectMethod } from "./method.ts";
import { splitWords } from "./words.ts";

/** doas. It asks on the terminal only; without a password `-n` keeps it from asking. */
export const doas: ConnectMethod = {
  name: "doas",
  argv(hop, command) {
    return [
      ...splitWords(hop.exe ?? "doas"),
      ...splitWords(hop.flags ?? ""),
      ...(hop.password === undefined ? ["-n"] : []),
      ...(hop.user === "" ? [] : ["-u", hop.user]),
      "/bin/sh",
      "-c",
      command,
    ];
  },
  prompt: "doas \\([^)]*\\) password:",
  failed: [
    ["doas: Authorization required", "Missing doas password"],
    ["doas: Authentication (failed|required)", "Incorrect doas password"],
    ["Permission denied", "Incorrect doas password"],
  ],
  pty: true,
};
