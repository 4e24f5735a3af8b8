import { readFileSync } from "node:fs";

/** How a module file wants to be run (ansible/executor/module_common.py, _find_module_utils). */
export type ModuleStyle = "new" | "want_json" | "json_args" | "old" | "binary";

export interface ClassifiedModule {
  readonly style: ModuleStyle;
  /** The file's bytes, for the styles that travel as files. */
  readonly content: Uint8Array;
}

const NEW_STYLE =
  /^\s*(?:from ansible\.module_utils|import ansible\.module_utils|from ansible_collections\.|import ansible_collections\.|from \.+[\w.]* import|#<<INCLUDE_ANSIBLE_MODULE_COMMON>>)/m;
const REPLACER = "#<<INCLUDE_ANSIBLE_MODULE_COMMON>>";
const JSON_ARGS = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>";

/** Reads a module's file once and says its style. */
export function classifyModule(path: string): ClassifiedModule {
  const content = readFileSync(path);
  return { style: styleOf(content), content };
}

/** The style of a module with these bytes. */
export function styleOf(content: Uint8Array): ModuleStyle {
  const head = content.subarray(0, 1024);
  if (head.includes(0)) return "binary";
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString("utf8");
  if (text.includes(REPLACER) || NEW_STYLE.test(text)) return "new";
  if (text.includes(JSON_ARGS)) return "json_args";
  if (text.includes("WANT_JSON")) return "want_json";
  return text.startsWith("#!") ? "old" : "binary";
}
