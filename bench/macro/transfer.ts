import { randomFillSync } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { playbooks, type Variant } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const MEBIBYTE = 1 << 20;

/** Large files that do not compress, to the account that logs in and to root. */
export const transfer: Scenario = {
  name: "transfer",
  about:
    "one host over ssh on loopback, copy of a file of 32 and of 320 MiB that does not compress, with and without become",
  axis: "MiB",
  runners: ["skein", "ansible", "mitogen"],
  runs: 1,
  run: playbooks((scale) =>
    [32, 320].flatMap((full) => {
      const size = Math.max(1, Math.round(full * scale));
      return [toVariant(size, false), toVariant(size, true)];
    }),
  ),
};

function toVariant(size: number, become: boolean): Variant {
  return {
    title: `${size} MiB${become ? ", become" : ""}`,
    ...(become ? {} : { x: size }),
    disposable: true,
    files: { "play.yml": toPlaybook(become) },
    prepare: async (directory) => {
      const path = join(directory, "content");
      await writeNoise(path, size);
      return { vars: { content: path } };
    },
    lines: { changed: 1 },
  };
}

async function writeNoise(path: string, mebibytes: number): Promise<void> {
  const file = await open(path, "w");
  try {
    const block = Buffer.alloc(MEBIBYTE);
    for (let index = 0; index < mebibytes; index++) await file.write(randomFillSync(block));
  } finally {
    await file.close();
  }
}

function toPlaybook(become: boolean): string {
  return `- hosts: targets
  gather_facts: false
  become: ${become}
  tasks:
    - copy:
        src: "{{ content }}"
        dest: /tmp/content
        mode: "0644"
`;
}
