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

/** Whether a path of a target says nothing about the playbook that ran there. */
export function isNoise(path: string): boolean {
  return NOISE.some((pattern) => pattern.test(path));
}
