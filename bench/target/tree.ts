/** Path → what is there, in words: type, mode, owner, group, target of a link, checksum of a file. */
export type Tree = Readonly<Record<string, string>>;

/** What is listed of a target: lines of `path, tab, words`, those of one path put together, without what says nothing about the playbook that ran there. */
export function toTree(listing: string, newline: string | RegExp = /\r?\n/): Tree {
  const tree: Record<string, string> = {};
  for (const line of listing.split(newline)) {
    const at = line.indexOf("\t");
    const path = line.slice(0, at);
    if (at < 0 || isNoise(path)) continue;
    const detail = line.slice(at + 1).trim();
    tree[path] = tree[path] === undefined ? detail : `${tree[path]} ${detail}`;
  }
  return tree;
}

function isNoise(path: string): boolean {
  return NOISE.some((pattern) => pattern.test(path));
}

/** What an engine, its interpreter or the log of the machine leaves behind, and nobody's playbook. */
const NOISE: readonly RegExp[] = [
  /^\/(run|dev|proc|sys)(\/|$)/,
  /^\/var\/(log|cache)\//,
  /^\/var\/lib\/(sudo|systemd|apt\/lists)(\/|$)/,
  /\/\.ansible(\/|$)/,
  /\/\.ansible_async(\/|$)/,
  /\/__pycache__(\/|$)/,
  /^\/etc\/(\.pwd\.lock|sudoers\.d\/skein-bench|ld\.so\.cache)$/,
  /^\/(home|tmp)$/,
  // What sandbox.sh itself does, and its useradd.
  /^\/root\/\.(bashrc|profile)$/,
  /^\/etc\/(sub[ug]id-?|(passwd|group|shadow|gshadow)-)$/,
];
