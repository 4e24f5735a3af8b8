import { findInstallation } from "../load/installation.ts";

declare const SKEIN_VERSION: string;

/** What `skein --version` prints: its own version, Node's, and the Ansible whose modules it runs. */
export function versionText(env: Readonly<Record<string, string | undefined>>): string {
  const lines = [
    `skein ${typeof SKEIN_VERSION === "string" ? SKEIN_VERSION : "(from source)"}`,
    `  node ${process.version}`,
  ];
  try {
    const { version, root } = findInstallation(env);
    lines.push(`  ansible-core ${version} (${root})`);
  } catch {
    lines.push("  ansible-core: not found");
  }
  return `${lines.join("\n")}\n`;
}
