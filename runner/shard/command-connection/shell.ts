/** The shell at the other end. */
export const SHELL: readonly string[] = ["/bin/sh", "-c"];
