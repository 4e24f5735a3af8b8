import { type Dict, isDict, UnsafeText, type Value } from "../model/value.ts";
import type { ColorUse, Paint } from "./color.ts";
import { unifiedDiff } from "./unified-diff.ts";

export interface DiffOptions {
  readonly paint: Paint;
  /** Lines of unchanged text around a change. */
  readonly context: number;
  /** Makes a text of a mapping, so that its lines can be compared. */
  readonly dump: (value: Value) => string;
}

/**
 * What --diff shows of a result's `diff` entries, or nothing when they differ in nothing (`_get_diff` of
 * ansible/plugins/callback/__init__.py).
 */
export function diffText(entries: readonly Value[], options: DiffOptions): string {
  return entries.map((entry) => (isDict(entry) ? entryText(entry, options) : "")).join("");
}

function entryText(entry: Dict, options: DiffOptions): string {
  const parts: string[] = [];
  if (entry.has("dst_binary")) parts.push(skipped("destination file appears to be binary"));
  if (entry.has("src_binary")) parts.push(skipped("source file appears to be binary"));
  const dstLarger = entry.get("dst_larger");
  if (dstLarger !== undefined)
    parts.push(skipped(`destination file size is greater than ${String(dstLarger)}`));
  const srcLarger = entry.get("src_larger");
  if (srcLarger !== undefined)
    parts.push(skipped(`source file size is greater than ${String(srcLarger)}`));
  if (entry.has("before") && entry.has("after")) parts.push(comparison(entry, options));
  const prepared = entry.get("prepared");
  if (prepared !== undefined && prepared !== null) parts.push(textOf(prepared, options.dump));
  return parts.join("");
}

function skipped(why: string): string {
  return `diff skipped: ${why}\n`;
}

/** The unified diff of `before` and `after`, coloured line by line; mappings are compared as text. */
function comparison(entry: Dict, { paint, context, dump }: DiffOptions): string {
  const lines = unifiedDiff(
    linesOf(entry.get("before")!, dump),
    linesOf(entry.get("after")!, dump),
    {
      before: headerOf("before", entry.get("before_header"), dump),
      after: headerOf("after", entry.get("after_header"), dump),
      context,
    },
  );
  if (lines.length === 0) return "";
  const colored = lines.map((line) => {
    const use = colorOf(line);
    return use === undefined ? line : paint(line, use);
  });
  return `${colored.join("")}\n`;
}

function headerOf(side: string, header: Value | undefined, dump: DiffOptions["dump"]): string {
  if (header === undefined) return side;
  return `${side}: ${header === null ? "None" : textOf(header, dump)}`;
}

function linesOf(value: Value, dump: DiffOptions["dump"]): string[] {
  const lines = splitLines(textOf(value, dump));
  const last = lines.at(-1);
  if (last !== undefined && !last.endsWith("\n"))
    lines[lines.length - 1] = `${last}\n\\ No newline at end of file\n`;
  return lines;
}

function textOf(value: Value, dump: DiffOptions["dump"]): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (value instanceof UnsafeText) return value.text;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return dump(value);
}

/** Lines with their ends, at every character that Python's `splitlines` takes for one. */
function splitLines(text: string): string[] {
  return text.match(LINE) ?? [];
}

function colorOf(line: string): ColorUse | undefined {
  if (line.startsWith("+")) return "DIFF_ADD";
  if (line.startsWith("-")) return "DIFF_REMOVE";
  return line.startsWith("@@") ? "DIFF_LINES" : undefined;
}

const LINE =
  /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g;
