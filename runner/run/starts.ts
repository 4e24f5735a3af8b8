/** Tells which hosts begin a task. */
export interface Starts {
  /** The first hosts begin: as many as may be at work at once. */
  first(): void;
  /** A host is through: the next one begins, before anything is said of the result. Heard once for each host. */
  isThrough(host: string): void;
}

/** Hosts begin in order, `atOnce` of them together (`_queue_task` of ansible/plugins/strategy/__init__.py). */
export function createStarts(
  hosts: readonly string[],
  atOnce: number,
  begins: (host: string) => void,
): Starts {
  const through = new Set<string>();
  let told = 0;
  const next = (): void => {
    const host = hosts[told];
    if (host === undefined) return;
    told++;
    begins(host);
  };
  return {
    first() {
      while (told < atOnce && told < hosts.length) next();
    },
    isThrough(host) {
      if (told >= hosts.length || through.has(host)) return;
      through.add(host);
      next();
    },
  };
}
