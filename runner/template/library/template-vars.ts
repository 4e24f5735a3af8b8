import { TemplateError } from "../error.ts";
import type { Outside } from "../outside.ts";
import { PyDateTime } from "../py-datetime.ts";
import { strFormat } from "../py-format.ts";
import { formatTime } from "../py-strftime.ts";

export interface TemplateFile {
  /** As the task or the lookup names it. */
  readonly name: string;
  readonly path: string;
  readonly dest: string | null;
  /** The setting `ansible_managed`. */
  readonly managed: string;
}

/**
 * `ansible_managed` and the `template_*` variables that a template file sees (generate_ansible_template_vars of
 * ansible/template/__init__.py). Throws TemplateError for a setting that cannot be formatted.
 */
export function templateVars(outside: Outside, file: TemplateFile): Map<string, unknown> {
  const { owner, modified } = outside.fileFacts(file.path);
  const host = outside.hostName();
  const changed = PyDateTime.fromDate(modified, false);
  return new Map<string, unknown>([
    ["template_host", host],
    ["template_path", file.name],
    ["template_mtime", changed],
    ["template_uid", owner],
    ["template_fullpath", file.path],
    ["template_run_date", PyDateTime.fromDate(outside.now(), false)],
    ["template_destpath", file.dest],
    ["ansible_managed", managedText(file, host, owner, changed)],
  ]);
}

function managedText(file: TemplateFile, host: string, uid: string, changed: PyDateTime): string {
  const facts = new Map([
    ["host", host],
    ["uid", uid],
    ["file", file.name],
  ]);
  try {
    const text = strFormat(file.managed, [], facts, {
      attribute: () => undefined,
      item: () => undefined,
    });
    return formatTime(text, changed.parts);
  } catch (thrown) {
    throw new TemplateError(
      "runtime",
      `the setting ansible_managed (${file.managed}) cannot be formatted: ${TemplateError.from(thrown).message}; it may name {host}, {uid} and {file}`,
    );
  }
}
