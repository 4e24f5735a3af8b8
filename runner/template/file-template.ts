import { type Compiled, compileTemplate } from "./compile.ts";
import type { TemplateEngine } from "./engine.ts";
import { type Origin, renderError, syntaxError, TemplateError } from "./error.ts";
import { ANSIBLE_SYNTAX, type Syntax } from "./lexer.ts";
import { parseLiteral } from "./py-literal.ts";
import type { Run, Scope } from "./run.ts";
import { printedText } from "./runtime.ts";
import { ExportScope, type FileRun, startRun } from "./runtime-templates.ts";

/** A compiled file. */
export interface TextTemplate {
  readonly reads: ReadonlySet<string>;
  readonly readsAnything: boolean;
  /** The whole file as text. Throws TemplateError, placed in the file. */
  renderText(scope: Scope): string;
}

/** The options of the `template` action, and where other templates come from. */
export interface FileTemplateOptions {
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
  readonly newlineSequence?: string;
  readonly keepTrailingNewline?: boolean;
  readonly blockStartString?: string;
  readonly blockEndString?: string;
  readonly variableStartString?: string;
  readonly variableEndString?: string;
  readonly commentStartString?: string;
  readonly commentEndString?: string;
  readonly loader?: (
    name: string,
  ) => { readonly file: string; readonly source: string } | undefined;
}

/**
 * A template file, as ansible/plugins/action/template.py renders it: text only, no guessing of types,
 * trailing newlines kept, a first line `#jinja2: ...` sets options.
 * Throws TemplateError (syntax) placed in the file.
 */
export function createFileTemplate(
  source: string,
  origin: Origin,
  options: FileTemplateOptions,
  engine: TemplateEngine,
): TextTemplate {
  const header = readHeader(source, origin);
  const syntax = syntaxOf({ ...options, ...header.options }, engine.syntax);
  const firstLine = origin.line + header.lines;
  const compiled = compileFile(header.body, { ...origin, line: firstLine }, syntax, engine);
  const loaded = new Map<string, FileRun["template"] | undefined>();
  const newlines = newlinesAtEnd(header.body);

  const load =
    (scope: Scope) =>
    (name: string): FileRun["template"] | undefined => {
      if (loaded.has(name)) return loaded.get(name);
      const found =
        options.loader === undefined ? engine.findTemplate(name, scope) : options.loader(name);
      const template =
        found === undefined
          ? undefined
          : asTemplate(
              name,
              compileFile(found.source, { file: found.file, line: 1, column: 1 }, syntax, engine),
              { file: found.file, line: 1, column: 1 },
            );
      if (options.loader !== undefined) loaded.set(name, template);
      return template;
    };

  return {
    reads: compiled.reads,
    readsAnything: compiled.readsAnything,
    renderText(scope) {
      const base: Run = { scope, engine, mode: "text", askedAgain: compiled.askedAgain };
      const template = asTemplate(origin.file, compiled, { ...origin, line: firstLine });
      const run = startRun(
        base,
        template,
        new ExportScope(scope, undefined, compiled.copies),
        load(scope),
      );
      const out: unknown[] = [];
      try {
        template.root(run, out);
      } catch (thrown) {
        throw renderError(thrown, header.body);
      }
      const text = printedText(out);
      const missing = newlines - newlinesAtEnd(text);
      return missing > 0 ? text + syntax.newline.repeat(missing) : text;
    },
  };
}

/** Errors get the file and the line that was being rendered. */
function asTemplate(name: string, compiled: Compiled, origin: Origin): FileRun["template"] {
  return {
    name,
    blocks: compiled.blocks,
    copies: compiled.copies,
    root(run, out) {
      try {
        compiled.root(run, out);
      } catch (thrown) {
        const error = TemplateError.from(thrown);
        throw error.at({ ...origin, line: origin.line + run.line - 1 });
      }
    },
  };
}

function compileFile(
  source: string,
  origin: Origin,
  syntax: Syntax,
  engine: TemplateEngine,
): Compiled {
  try {
    return compileTemplate(source, {
      syntax,
      library: engine,
      exports: true,
      isPureLookup: engine.isPureLookup,
    });
  } catch (thrown) {
    const error = TemplateError.from(thrown);
    const at = error.origin;
    const placed =
      at === undefined
        ? origin
        : { file: origin.file, line: origin.line + at.line - 1, column: at.column };
    throw syntaxError(error, source, placed);
  }
}

function syntaxOf(options: FileTemplateOptions, { tags }: Syntax): Syntax {
  return {
    blockStart: options.blockStartString ?? ANSIBLE_SYNTAX.blockStart,
    blockEnd: options.blockEndString ?? ANSIBLE_SYNTAX.blockEnd,
    variableStart: options.variableStartString ?? ANSIBLE_SYNTAX.variableStart,
    variableEnd: options.variableEndString ?? ANSIBLE_SYNTAX.variableEnd,
    commentStart: options.commentStartString ?? ANSIBLE_SYNTAX.commentStart,
    commentEnd: options.commentEndString ?? ANSIBLE_SYNTAX.commentEnd,
    trimBlocks: options.trimBlocks ?? true,
    lstripBlocks: options.lstripBlocks ?? false,
    newline: options.newlineSequence ?? "\n",
    keepTrailingNewline: options.keepTrailingNewline ?? false,
    tags,
  };
}

const HEADER = "#jinja2:";
const OPTION_NAMES: Readonly<Record<string, keyof FileTemplateOptions>> = {
  trim_blocks: "trimBlocks",
  lstrip_blocks: "lstripBlocks",
  newline_sequence: "newlineSequence",
  keep_trailing_newline: "keepTrailingNewline",
  block_start_string: "blockStartString",
  block_end_string: "blockEndString",
  variable_start_string: "variableStartString",
  variable_end_string: "variableEndString",
  comment_start_string: "commentStartString",
  comment_end_string: "commentEndString",
};

interface Header {
  readonly body: string;
  readonly lines: number;
  readonly options: FileTemplateOptions;
}

function readHeader(source: string, origin: Origin): Header {
  if (!source.startsWith(HEADER)) return { body: source, lines: 0, options: {} };
  const end = source.indexOf("\n");
  const line = source.slice(HEADER.length, end === -1 ? source.length : end);
  const options: Record<string, unknown> = {};
  for (const pair of line.split(",")) {
    const colon = pair.indexOf(":");
    if (colon === -1) {
      throw new TemplateError(
        "syntax",
        `failed to parse jinja2 override '${pair.trim()}'. Did you use something different from colon as key-value separator?`,
        { origin },
      );
    }
    const name = OPTION_NAMES[pair.slice(0, colon).trim()];
    const value = parseLiteral(pair.slice(colon + 1).trim(), false);
    if (name === undefined || value === undefined) {
      throw new TemplateError(
        "syntax",
        `the jinja2 override '${pair.trim()}' is not supported; known names: ${Object.keys(OPTION_NAMES).join(", ")}`,
        { origin },
      );
    }
    options[name] = value;
  }
  return {
    body: end === -1 ? "" : source.slice(end + 1),
    lines: 1,
    options: options as FileTemplateOptions,
  };
}

function newlinesAtEnd(text: string): number {
  let count = 0;
  while (text.charCodeAt(text.length - 1 - count) === 10) count++;
  return count;
}
