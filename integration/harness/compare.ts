/** What the default callback wrote, taken apart. */
export interface PlayOutput {
  readonly sections: readonly Section[];
  /** Host → counter → number, as in PLAY RECAP. */
  readonly recap: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** A banner and what is below it. */
export interface Section {
  /** Without its stars: `TASK [name]`, `PLAY [name]`, `RUNNING HANDLER [name]`. */
  readonly banner: string;
  readonly entries: readonly Entry[];
}

export interface Entry {
  readonly host: string;
  /** `ok`, `changed`, `skipping`, `fatal: UNREACHABLE!`, `failed`, `included`, `retrying` ... */
  readonly status: string;
  readonly item: string | undefined;
  /** All lines of it. */
  readonly text: string;
}

const BANNER = /^((?:PLAY|TASK|RUNNING HANDLER|NO MORE HOSTS LEFT|PLAY RECAP)(?: \[.*\])?) \*+$/;
const RESULT = /^(ok|changed|skipping|failed|fatal|included): (.*)$/;
const RETRY = /^FAILED - RETRYING: \[([^\]]+)\]/;
const RECAP = /^(\S+)\s+: (ok=.*)$/;

/** Reads the output of either engine (the format of ansible/plugins/callback/default.py). Lines it does not know belong to the entry above. */
export function toPlayOutput(stdout: string): PlayOutput {
  const sections: { banner: string; entries: Entry[] }[] = [];
  const recap: Record<string, Record<string, number>> = {};
  /** A diff, or the word of an exception, stands above the result that it belongs to. */
  let above: string[] | undefined;
  for (const line of stdout.split("\n")) {
    const banner = BANNER.exec(line)?.[1];
    if (banner !== undefined) {
      sections.push({ banner, entries: [] });
      continue;
    }
    const section = sections.at(-1);
    if (section === undefined || line === "") continue;
    const counts = section.banner === "PLAY RECAP" ? RECAP.exec(line) : null;
    if (counts !== null) {
      recap[counts[1]!] = toCounts(counts[2]!);
      continue;
    }
    const entry = toEntry(line);
    if (entry !== undefined) {
      section.entries.push({ ...entry, text: [...(above ?? []), line].join("\n") });
      above = undefined;
    } else if (above !== undefined || /^(--- before|An exception occurred)/.test(line)) {
      above ??= [];
      above.push(line);
    } else addLine(section.entries, line);
  }
  return { sections, recap };
}

function addLine(entries: Entry[], line: string): void {
  const last = entries.pop();
  if (last === undefined) {
    entries.push({ host: "", status: "said", item: undefined, text: line });
    return;
  }
  const status = line === "...ignoring" ? `${last.status} ignored` : last.status;
  entries.push({ ...last, status, text: `${last.text}\n${line}` });
}

/**
 * One line per task, host and item, in the order of tasks. Within a task the order is of no account: that is who answers first.
 */
export function toStatuses({ sections }: PlayOutput): readonly string[] {
  return sections.flatMap(({ banner, entries }) => [
    banner,
    ...entries
      .map(
        ({ host, status, item }) => `  ${host}${item === undefined ? "" : ` (${item})`}: ${status}`,
      )
      .sort(),
  ]);
}

/** All of the text, results sorted within their task, and what no two runs have in common replaced by its name. */
export function toMaskedText({ sections }: PlayOutput): string {
  return sections
    .map(({ banner, entries }) =>
      [banner, ...entries.map(({ text }) => masked(text)).sort()].join("\n"),
    )
    .join("\n\n");
}

const VOLATILE: readonly (readonly [RegExp, string])[] = [
  // The id of a job.
  [/\bj\d+\.\d+\b/g, "JOB"],
  [
    /"(start|end|delta|atime|ctime|mtime|inode|ino|dev|ansible_job_id)": ("[^"]*"|[\d.]+)/g,
    '"$1": *',
  ],
  [/^( *(?:start|end|delta): )'[^']*'$/gm, "$1*"],
  [/ansible-tmp-[\d.]+-\d+-\d+/g, "ansible-tmp-*"],
  [/\/tmp\/(skein-[a-z]+-|ansible\.)\w+/g, "/tmp/$1*"],
  [/127\.0\.0\.1 port \d+/g, "127.0.0.1 port *"],
  // Where content came from: vanilla has a temporary file for it, here and on the target.
  [/^\+\+\+ after: .*$/gm, "+++ after: *"],
  [/"src": "[^"]*\/source"/g, '"src": "*/source"'],
  // Ansible guesses what the author may have meant, after it said where: skein does not guess.
  [
    /\\n(We could be wrong, but|There appears to be both|This one looks easy to fix)[^"]*?(\\"[^"]*?)*(?="[,}])/g,
    "\\n",
  ],
  // Each ssh client has words of its own for a host that does not answer.
  [/"msg": "(Data could not be sent|Failed to connect) (\\"|[^"])*"/g, '"msg": *'],
  // What an ssh client says to its user.
  [/"Shared connection to [^"]* closed\.(\\r\\n)?"/g, '""'],
  [/"stderr_lines": \[""\]/g, '"stderr_lines": []'],
  // A set of Python's, in the order of the day.
  [/Must be one of \w+(, \w+)*/g, "Must be one of *"],
];

/** A piece of output with what no two runs have in common replaced by its name. */
export function masked(text: string): string {
  const included = /^(included: .* for )(.*?)( => .*)?$/.exec(text);
  if (included !== null) {
    const [, head, hosts, tail = ""] = included;
    return withoutVolatile(`${head}${hosts!.split(", ").sort().join(", ")}${tail}`);
  }
  const result = withoutVolatile(text);
  // The files of a directory in the order of the file system, which is as good as none.
  return result.includes('"path_content"')
    ? result.replaceAll(/,$/gm, "").split("\n").sort().join("\n")
    : result;
}

function withoutVolatile(text: string): string {
  return VOLATILE.reduce((before, [pattern, name]) => before.replace(pattern, name), text);
}

function toCounts(text: string): Record<string, number> {
  return Object.fromEntries(
    text
      .trim()
      .split(/\s+/)
      .map((pair) => {
        const [name, count] = pair.split("=");
        return [name!, Number(count)] as const;
      }),
  );
}

function toEntry(line: string): Entry | undefined {
  const retry = RETRY.exec(line);
  if (retry !== null) return { host: retry[1]!, status: "retrying", item: undefined, text: line };
  const result = RESULT.exec(line);
  if (result === null) return undefined;
  const [, status, rest] = result;
  if (status === "included") return { host: "", status, item: includedFile(rest!), text: line };
  const host = /^\[([^\]]+)\](.*)$/.exec(rest!);
  if (host === null) return undefined;
  return {
    host: host[1]!,
    status: status === "fatal" ? `fatal: ${/: (\w+)!/.exec(host[2]!)?.[1] ?? "FAILED"}` : status!,
    item: /\(item=(.*?)\)(?: => |$)/.exec(host[2]!)?.[1],
    text: line,
  };
}

/** The file that is included and for whom, without where the checkout stands. */
function includedFile(rest: string): string {
  const [path = "", hosts = ""] = rest.split(" for ");
  return `${path.split("/").at(-1)} for ${hosts.split(" => ")[0]!.split(", ").sort().join(", ")}`;
}
