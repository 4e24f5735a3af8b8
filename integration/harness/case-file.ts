/** One case: what is run, and what was recorded of it. The format is explained in integration/cases/README.md. */
export interface CaseFile {
  readonly title: string;
  /** Arguments of ansible-playbook. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Standard input. */
  readonly input: string;
  /** Name → text, the default inventory included. */
  readonly files: Readonly<Record<string, string>>;
  readonly recorded: Recorded | undefined;
}

export interface Recorded {
  readonly exit: number;
  readonly text: string;
}

/** Three hosts that are all this machine. A case that has a file of this name brings its own. */
const INVENTORY = `[web]
a
b

[db]
c

[all:vars]
ansible_connection=local
ansible_python_interpreter=/usr/bin/python3
`;

const SECTION = /^-- (.+) --$/;
const RECORDED = /^recorded: exit (\d+)$/;

/**
 * Reads a case.
 *
 * @throws {Error} where a line of the head is none that is known, or where no file follows.
 */
export function parseCase(text: string): CaseFile {
  const { head, sections } = toSections(text);
  const settings = toSettings(head.slice(1));
  const files: Record<string, string> = { inventory: INVENTORY };
  let recorded: Recorded | undefined;
  for (const { name, body } of sections) {
    const exit = RECORDED.exec(name)?.[1];
    if (exit === undefined) files[name] = body;
    else recorded = { exit: Number(exit), text: body };
  }
  const title = head[0] ?? "";
  if (title === "" || sections.length === 0) throw new Error("a case is a title and its files");
  return { title, ...settings, files, recorded };
}

/** The text of a case with another record in it. */
export function withRecorded(text: string, { exit, text: said }: Recorded): string {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => RECORDED.test(SECTION.exec(line)?.[1] ?? ""));
  const input = (at === -1 ? lines : lines.slice(0, at)).join("\n").trimEnd();
  return `${input}\n-- recorded: exit ${exit} --\n${said}`;
}

interface Section {
  readonly name: string;
  readonly body: string;
}

function toSections(text: string): { head: readonly string[]; sections: readonly Section[] } {
  const head: string[] = [];
  const sections: { name: string; lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const name = SECTION.exec(line)?.[1];
    if (name !== undefined) sections.push({ name, lines: [] });
    else (sections.at(-1)?.lines ?? head).push(line);
  }
  return {
    head: head.filter((line) => line !== ""),
    // The line before the next marker ends with a newline of its own.
    sections: sections.map(({ name, lines }, index) => ({
      name,
      body: `${lines.join("\n")}${index === sections.length - 1 ? "" : "\n"}`,
    })),
  };
}

function toSettings(lines: readonly string[]): Pick<CaseFile, "args" | "env" | "input"> {
  let args = ["-i", "inventory", "site.yml"];
  let input = "";
  const env: Record<string, string> = {};
  for (const line of lines) {
    const [, key, value = ""] = /^(\w+): (.*)$/.exec(line) ?? [];
    if (key === "args") args = words(value);
    else if (key === "input") input = JSON.parse(value) as string;
    else if (key === "env") {
      const equals = value.indexOf("=");
      env[value.slice(0, equals)] = value.slice(equals + 1);
    } else throw new Error(`unknown line in the head of a case: ${line}`);
  }
  return { args, env, input };
}

/** Words as a shell reads them, single quotes being all there is. */
function words(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}
