import type { Entry, PlayOutput } from "../../integration/harness/compare.ts";

/** One way in which two runs differ. */
export interface Difference {
  /** `TASK [copy it], web1 (item)`. */
  readonly where: string;
  /** `status`, `stdout`, `/etc/motd`. */
  readonly what: string;
  readonly ansible: string;
  readonly skein: string;
}

/** Fields that no two runs have in common. */
const VOLATILE = new Set([
  ...["start", "end", "delta", "atime", "mtime", "ctime", "inode", "ino", "dev"],
  ...["ansible_job_id", "backup_file", "cache_update_time", "uuid", "pid", "elapsed"],
]);
const VOLATILE_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\/[^\s"']*\.ansible\/tmp\/[^\s"']*/g, "*temporary*"],
  [/\/tmp\/(skein|ansible)[-.\w/]*/g, "*temporary*"],
  [/Shared connection to \S+ closed\.\r?\n?/g, ""],
  // Where a twin is reached.
  [/127\.0\.0\.1|198\.1[89]\.\d+\.\d+/g, "*address*"],
  [/port \d+/g, "port *"],
];

/** Compares what two runs printed with `-v`: tasks in their order, each host's and item's status and result, the recap. */
export function outputDifferences(ansible: PlayOutput, skein: PlayOutput): readonly Difference[] {
  const banners = [ansible, skein].map(({ sections }) => sections.map(({ banner }) => banner));
  const found: Difference[] = [];
  if (banners[0]!.join("\n") !== banners[1]!.join("\n")) {
    found.push(bannerDifference(banners[0]!, banners[1]!));
  }
  const others = new Map<string, PlayOutput["sections"][number]>();
  for (const [key, section] of keyed(skein.sections, ({ banner }) => banner))
    others.set(key, section);
  for (const [key, section] of keyed(ansible.sections, ({ banner }) => banner)) {
    const other = others.get(key);
    if (other === undefined || section.banner === "PLAY RECAP") continue;
    found.push(...entryDifferences(section.banner, section.entries, other.entries));
  }
  return [...found, ...recapDifferences(ansible, skein)];
}

/** Compares what two runs left on a host: path → description. */
export function treeDifferences(
  host: string,
  ansible: Readonly<Record<string, string>>,
  skein: Readonly<Record<string, string>>,
): readonly Difference[] {
  const paths = [...new Set([...Object.keys(ansible), ...Object.keys(skein)])].toSorted();
  return paths
    .filter((path) => ansible[path] !== skein[path])
    .map((path) => ({
      where: `the target ${host}`,
      what: path,
      ansible: ansible[path] ?? "not there, or as before",
      skein: skein[path] ?? "not there, or as before",
    }));
}

export function differenceText({ where, what, ansible, skein }: Difference): string {
  return `${where}: ${what}\n  ansible: ${clip(ansible)}\n  skein:   ${clip(skein)}`;
}

function bannerDifference(ansible: readonly string[], skein: readonly string[]): Difference {
  const at = ansible.findIndex((banner, index) => banner !== skein[index]);
  const index = at < 0 ? ansible.length : at;
  return {
    where: index === 0 ? "the start of the play" : `after ${ansible[index - 1]}`,
    what: "what comes next",
    ansible: ansible[index] ?? "the end",
    skein: skein[index] ?? "the end",
  };
}

function entryDifferences(
  banner: string,
  ansible: readonly Entry[],
  skein: readonly Entry[],
): readonly Difference[] {
  const name = ({ host, item }: Entry): string =>
    `${host}${item === undefined ? "" : ` (${item})`}`;
  // Who answers first is of no account.
  const others = keyed(skein, name);
  const found: Difference[] = [];
  for (const [key, entry] of keyed(ansible, name)) {
    const where = `${banner}, ${key}`;
    const other = others.get(key);
    others.delete(key);
    if (other === undefined) {
      found.push({ where, what: "result", ansible: entry.status, skein: "none" });
    } else if (other.status !== entry.status) {
      found.push({ where, what: "status", ansible: entry.text, skein: other.text });
    } else found.push(...resultDifferences(where, entry.text, other.text));
  }
  for (const [key, other] of others) {
    found.push({
      where: `${banner}, ${key}`,
      what: "result",
      ansible: "none",
      skein: other.status,
    });
  }
  return found;
}

/** Things by their name; the second of the same name has a number behind it. */
function keyed<T>(things: readonly T[], nameOf: (thing: T) => string): Map<string, T> {
  const all = new Map<string, T>();
  for (const thing of things) {
    const name = nameOf(thing);
    let key = name;
    for (let count = 2; all.has(key); count++) key = `${name} #${count}`;
    all.set(key, thing);
  }
  return all;
}

function resultDifferences(where: string, ansible: string, skein: string): readonly Difference[] {
  const [one, other] = [toResult(ansible), toResult(skein)];
  if (one === undefined || other === undefined) {
    const [a, b] = [masked(ansible), masked(skein)];
    return a === b ? [] : [{ where, what: "text", ansible: a, skein: b }];
  }
  return fieldDifferences(where, "", one, other);
}

function fieldDifferences(
  where: string,
  path: string,
  ansible: unknown,
  skein: unknown,
): readonly Difference[] {
  if (isObject(ansible) && isObject(skein)) {
    return [...new Set([...Object.keys(ansible), ...Object.keys(skein)])]
      .filter((key) => !VOLATILE.has(key))
      .flatMap((key) =>
        fieldDifferences(where, path === "" ? key : `${path}.${key}`, ansible[key], skein[key]),
      );
  }
  const [a, b] = [toText(ansible), toText(skein)];
  return a === b ? [] : [{ where, what: path, ansible: a, skein: b }];
}

function recapDifferences(ansible: PlayOutput, skein: PlayOutput): readonly Difference[] {
  const hosts = [...new Set([...Object.keys(ansible.recap), ...Object.keys(skein.recap)])];
  return hosts.flatMap((host) => {
    const [a, b] = [ansible.recap[host], skein.recap[host]].map(
      (counts) => JSON.stringify(counts) ?? "none",
    );
    return a === b ? [] : [{ where: "PLAY RECAP", what: host, ansible: a!, skein: b! }];
  });
}

/** The JSON behind the arrow, when there is some. */
function toResult(text: string): Readonly<Record<string, unknown>> | undefined {
  const at = text.indexOf(" => {");
  if (at < 0) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(at + 4));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toText(value: unknown): string {
  return value === undefined ? "not there" : masked(JSON.stringify(value));
}

function masked(text: string): string {
  return VOLATILE_TEXT.reduce((before, [pattern, name]) => before.replace(pattern, name), text);
}

function clip(text: string): string {
  return text.length > 400 ? `${text.slice(0, 400)}... (${text.length} characters)` : text;
}
