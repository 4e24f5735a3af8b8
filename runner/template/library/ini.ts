import { lookupError } from "../lookup-call.ts";

export interface IniOptions {
  readonly file: string;
  readonly section: string;
  readonly cased: boolean;
  readonly allowNoValue: boolean;
}

/** The values of one section, over those of DEFAULT, as Python's configparser reads them. Throws TemplateError. */
export function readIni(text: string, options: IniOptions): Map<string, string | null> {
  const sections = new Map<string, Map<string, string | null>>();
  let section: Map<string, string | null> | undefined;
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(line)) continue;
    if (line.trim() === "") {
      continue;
    }
    const header = /^\[(.+)\]/.exec(line);
    if (header !== null) {
      const name = header[1] ?? "";
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      last = undefined;
    } else if (section === undefined) {
      throw lookupError(
        `File contains no section headers.\nfile: '${options.file}', line: ${JSON.stringify(line)}`,
      );
    } else if (/^\s/.test(line) && last !== undefined) {
      section.set(last, `${section.get(last) ?? ""}\n${line.trim()}`);
    } else {
      last = readOption(line, section, options);
    }
  }
  const found = sections.get(options.section);
  if (found === undefined) throw lookupError(`No section '${options.section}' in ${options.file}`);
  const merged = new Map([...(sections.get("DEFAULT") ?? []), ...found]);
  return new Map(
    [...merged].map(([name, value]) => [
      name,
      value === null ? null : interpolate(value, merged, 0),
    ]),
  );
}

function readOption(
  line: string,
  section: Map<string, string | null>,
  options: IniOptions,
): string {
  const [, name = "", separator, value = ""] =
    /^(.*?)\s*(?:([=:])\s*(.*))?$/.exec(line.trim()) ?? [];
  if (separator === undefined && !options.allowNoValue) {
    throw lookupError(`Source contains parsing errors: '${options.file}': ${JSON.stringify(line)}`);
  }
  const key = options.cased ? name : name.toLowerCase();
  if (section.has(key))
    throw lookupError(`Duplicate option in '${options.file}': option '${key}' already exists`);
  section.set(key, separator === undefined ? null : value);
  return key;
}

function interpolate(
  value: string,
  values: ReadonlyMap<string, string | null>,
  depth: number,
): string {
  if (depth > 10 || !value.includes("%")) return value;
  return value.replace(/%(?:%|\(([^)]+)\)s)/g, (_all, name: string | undefined) => {
    if (name === undefined) return "%";
    const other = values.get(name.toLowerCase());
    if (other === undefined || other === null)
      throw lookupError(
        `Bad value substitution: option '${name}' contains an interpolation key which is not a valid option name.`,
      );
    return interpolate(other, values, depth + 1);
  });
}
