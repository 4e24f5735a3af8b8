import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { formatOrigin } from "../../model/origin.ts";
import type { Dict, Value } from "../../model/value.ts";
import type { FileTemplateOptions, TextTemplate } from "../../template/environment.ts";
import { TemplateError } from "../../template/error.ts";
import { openSentFile } from "../../vault/keyring.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, type ActionInput, failed, failedWith } from "./action.ts";
import { placeContent } from "./place-content.ts";

/** template: rendered here, placed there (ansible/plugins/action/template.py). */
export const templateAction: Action = {
  name: "template",
  prepare(input) {
    const { args } = input;
    if (args.has("state")) return failed("'state' cannot be specified on a template");
    const source = args.get("src");
    const dest = args.get("dest");
    if (source === undefined || dest === undefined) return failed("src and dest are required");
    let path: string;
    try {
      path = input.findFile("templates", textOf(source));
    } catch (error) {
      const { message } = error as Error;
      return failedWith(`ansible.errors.AnsibleFileNotFound: ${message}`, message);
    }
    const newline = newlineOf(args.get("newline_sequence"));
    if (newline === undefined) return failed("newline_sequence needs to be one of: \n, \r or \r\n");
    let text: string;
    try {
      text = compiled(input, path, newline).renderText(
        input.scope.with(input.environment.templateVars(textOf(source), path, textOf(dest))),
      );
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      if (error.kind === "plugin") {
        // Jinja's own exception, which adds the line that it does not know.
        const text = `TemplateSyntaxError: ${error.message}\n  line 0`;
        return failedWith(`jinja2.exceptions.${text}`, text);
      }
      const name = ERROR_NAMES[error.kind] ?? "AnsibleError";
      // Ansible leaves it to the reader to find the place in the text it shows.
      const isSyntax = error.message.startsWith("template error while templating string");
      const place =
        isSyntax && error.origin !== undefined
          ? `\n\nThe template is broken at ${formatOrigin(error.origin)}.`
          : "";
      const message = `${name}: ${error.message}${place}`;
      return failedWith(`ansible.errors.${name}: ${error.message}`, message);
    }
    const own: Dict = new Map(args);
    for (const option of TEMPLATE_ONLY) own.delete(option);
    return placeContent(input, own, textOf(dest), {
      data: Buffer.from(text, "utf8"),
      name: basename(path),
      mode: statSync(path).mode & 0o7777,
      source: path,
      literal: false,
    });
  },
};

const TEMPLATE_ONLY = [
  "newline_sequence",
  "block_start_string",
  "block_end_string",
  "variable_start_string",
  "variable_end_string",
  "comment_start_string",
  "comment_end_string",
  "trim_blocks",
  "lstrip_blocks",
  "output_encoding",
];

const ERROR_NAMES: Readonly<Record<string, string>> = {
  undefined: "AnsibleUndefinedVariable",
  syntax: "AnsibleError",
};

/** Compiled files by path and delimiters, as long as they do not change. */
const cache = new Map<
  string,
  { readonly mtime: number; readonly size: number; readonly template: TextTemplate }
>();

function compiled(input: ActionInput, path: string, newline: string): TextTemplate {
  const { args } = input;
  const optional = (name: string): string => textOf(args.get(name) ?? "");
  const key = [path, newline, ...TEMPLATE_ONLY.map(optional)].join("\0");
  const { mtimeMs, size } = statSync(path);
  const known = cache.get(key);
  if (known !== undefined && known.mtime === mtimeMs && known.size === size) return known.template;
  const folders = searchFolders(input, path);
  const options: FileTemplateOptions = {
    trimBlocks: isTrue(args.get("trim_blocks") ?? true),
    lstripBlocks: isTrue(args.get("lstrip_blocks") ?? false),
    newlineSequence: newline,
    ...delimiters(args),
    loader(name) {
      for (const folder of folders) {
        const file = join(folder, name);
        if (existsSync(file)) return { file, source: textOfFile(file) };
      }
      return undefined;
    },
  };
  const template = input.environment.file(
    textOfFile(path),
    { file: path, line: 1, column: 1 },
    options,
  );
  cache.set(key, { mtime: mtimeMs, size, template });
  return template;
}

function textOfFile(path: string): string {
  return openSentFile(readFileSync(path), path).toString("utf8");
}

function searchFolders(input: ActionInput, path: string): readonly string[] {
  const bases = [...input.scope.context.searchPaths, input.options.playbookDir, dirname(path)];
  return [...new Set(bases.flatMap((base) => [join(base, "templates"), base]))];
}

function delimiters(args: Dict): FileTemplateOptions {
  const names = {
    variable_start_string: "variableStartString",
    variable_end_string: "variableEndString",
    block_start_string: "blockStartString",
    block_end_string: "blockEndString",
    comment_start_string: "commentStartString",
    comment_end_string: "commentEndString",
  } as const;
  const found: Record<string, string> = {};
  for (const [option, field] of Object.entries(names)) {
    const value = args.get(option);
    if (value !== undefined && value !== null) found[field] = textOf(value);
  }
  return found;
}

function newlineOf(value: Value | undefined): string | undefined {
  if (value === undefined) return "\n";
  const text = textOf(value);
  const escaped: Readonly<Record<string, string>> = { "\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n" };
  const newline = escaped[text] ?? text;
  return newline === "\n" || newline === "\r" || newline === "\r\n" ? newline : undefined;
}
