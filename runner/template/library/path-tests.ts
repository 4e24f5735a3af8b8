import { define } from "../define.ts";
import { TemplateError, typeError } from "../error.ts";
import type { FileKind } from "../outside.ts";
import { numberOf } from "../py-compare.ts";
import { type Callable, isFloat, typeName } from "../py-types.ts";
import type { Run } from "../run.ts";
import { joinPath } from "./paths.ts";
import { pathText } from "./strict-text.ts";

const isKind = (kind: "file" | "directory"): Callable =>
  define("path", (run, path) => stat(run, path)?.kind === kind);
const isFile = isKind("file");
const isDirectory = isKind("directory");
const isLink = define("path", (run, path) => linkStat(run, path)?.kind === "link");
const exists = define("path", (run, path) => stat(run, path) !== undefined);
const linkExists = define("path", (run, path) => linkStat(run, path) !== undefined);
const isAbsolute = define("path", (_run, path) => pathText(path).startsWith("/"));
const isMount = define("path", (run, path) => mounted(run, path));
const sameFile = define("path1 path2", (run, one, other) => {
  const [a, b] = [stat(run, one), stat(run, other)];
  return a !== undefined && b !== undefined && a.device === b.device && a.inode === b.inode;
});

/** Tests of paths on the controller (ansible/plugins/test/files.py). */
export const PATH_TESTS: Readonly<Record<string, Callable>> = {
  directory: isDirectory,
  is_dir: isDirectory,
  file: isFile,
  is_file: isFile,
  link: isLink,
  is_link: isLink,
  exists,
  link_exists: linkExists,
  abs: isAbsolute,
  is_abs: isAbsolute,
  same_file: sameFile,
  is_same_file: sameFile,
  mount: isMount,
  is_mount: isMount,
};

/** What is at a path. A whole number is an open file of the process to Python: its standard streams, and no other. */
function stat(run: Run, path: unknown): FileKind | undefined {
  if (typeof path === "string") return run.engine.outside.stat(path, true);
  const number = numberOf(path);
  if (number === undefined || isFloat(path))
    throw typeError(
      `stat: path should be string, bytes, os.PathLike or integer, not ${typeName(path)}`,
    );
  if (number >= 2 ** 31) throw new TemplateError("overflow", "fd is greater than maximum");
  if (number < -(2 ** 31)) throw new TemplateError("overflow", "fd is less than minimum");
  return number >= 0 && number <= 2
    ? { kind: "other", device: 0, inode: Number(number) }
    : undefined;
}

function linkStat(run: Run, path: unknown): FileKind | undefined {
  if (typeof path === "string") return run.engine.outside.stat(path, false);
  throw typeError(`lstat: path should be string, bytes or os.PathLike, not ${typeName(path)}`);
}

function mounted(run: Run, path: unknown): boolean {
  const own = linkStat(run, path);
  if (own === undefined || own.kind === "link") return false;
  const parent = linkStat(run, joinPath([pathText(path), ".."]));
  return parent !== undefined && (own.device !== parent.device || own.inode === parent.inode);
}
