import { ANSIBLE_SYNTAX, type Syntax } from "./lexer.ts";

/** The statements that Jinja's extensions add, by the names that the setting jinja2_extensions takes (jinja2/ext.py). */
const TAGS: ReadonlyMap<string, readonly string[]> = new Map([
  ["jinja2.ext.do", ["do"]],
  ["jinja2.ext.ExprStmtExtension", ["do"]],
  ["jinja2.ext.loopcontrols", ["break", "continue"]],
  ["jinja2.ext.LoopControlExtension", ["break", "continue"]],
  // Its tag is not built: who uses it is told that it is unknown.
  ["jinja2.ext.i18n", []],
]);

/** Whether an extension is built in. */
export function isExtension(name: string): boolean {
  return TAGS.has(name);
}

/** Ansible's syntax with what these extensions add. */
export function extendedSyntax(extensions: readonly string[]): Syntax {
  const tags = extensions.flatMap((name) => TAGS.get(name) ?? []);
  return tags.length === 0 ? ANSIBLE_SYNTAX : { ...ANSIBLE_SYNTAX, tags: new Set(tags) };
}

/** What any template may be written in. */
export const WIDEST_SYNTAX = extendedSyntax([...TAGS.keys()]);
