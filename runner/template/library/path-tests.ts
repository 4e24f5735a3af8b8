import { define } from "../define.ts";
import { numberOf } from "../py-compare.ts";
import { pyStr } from "../py-repr.ts";
import type { Callable } from "../py-types.ts";
import type { Run } from "../run.ts";
import { joinPath } from "./paths.ts";
import { pathText } from "./strict-text.ts";

const isKind = (kind: "file" | "directory", follow: boolean): Callable =>
  define("path", (run, path) => run.engine.outside.stat(fileText(path), follow)?.kind === kind);
const isFile = isKind("file", true);
const isDirectory = isKind("directory", true);
const isLink = define(
  "path",
  (run, path) => run.engine.outside.stat(fileText(path), false)?.kind === "link",
);
const exists = define(
  "path",
  (run, path) => run.engine.outside.stat(fileText(path), true) !== undefined,
);
const linkExists = define(
  "path",
  (run, path) => run.engine.outside.stat(fileText(path), false) !== undefined,
);
const isAbsolute = define("path", (_run, path) => pathText(path).startsWith("/"));
const isMount = define("path", (run, path) => mounted(run, fileText(path)));
const sameFile = define("path1 path2", (run, one, other) => {
  const [a, b] = [
    run.engine.outside.stat(fileText(one), true),
    run.engine.outside.stat(fileText(other), true),
  ];
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

/** What is asked about a file; a number would be an open file of the process, which says nothing here. */
function fileText(value: unknown): string {
  return numberOf(value) === undefined ? pathText(value) : pyStr(value);
}

function mounted(run: Run, path: string): boolean {
  const { outside } = run.engine;
  const own = outside.stat(path, false);
  if (own === undefined || own.kind === "link") return false;
  const parent = outside.stat(joinPath([path, ".."]), false);
  return parent !== undefined && (own.device !== parent.device || own.inode === parent.inode);
}
