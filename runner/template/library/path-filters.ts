import { define } from "../define.ts";
import { typeError, Undefined } from "../error.ts";
import { pyStr } from "../py-repr.ts";
import { type Callable, isSequence, tupleOf, typeName } from "../py-types.ts";
import type { Run } from "../run.ts";
import { glob } from "./glob.ts";
import {
  baseName,
  dirName,
  joinPath,
  relativePath,
  splitDrive,
  splitExtension,
  windowsBaseName,
  windowsDirName,
} from "./paths.ts";

/** Filters over paths of the controller and of Windows. */
export const PATH_FILTERS: Readonly<Record<string, Callable>> = {
  basename: define("p", (_run, path) => baseName(pyStr(path))),
  dirname: define("p", (_run, path) => dirName(pyStr(path))),
  expanduser: define("path", (run, path) => expandUser(run, pyStr(path))),
  expandvars: define("path", (run, path) => expandVariables(run, pyStr(path))),
  realpath: define("filename", (run, path) => run.engine.outside.realPath(pyStr(path))),
  relpath: define("path start?", (run, path, start = null) =>
    relativePath(pyStr(path), start === null ? "." : pyStr(start), run.engine.outside.cwd()),
  ),
  path_join: define("paths", (_run, paths) => pathJoin(paths)),
  splitext: define("p", (_run, path) => tupleOf(splitExtension(pyStr(path)))),
  fileglob: define("pathname", (run, pattern) =>
    glob(run.engine.outside, pyStr(pattern)).filter(
      (path) => run.engine.outside.stat(path, true)?.kind === "file",
    ),
  ),
  win_basename: define("p", (_run, path) => windowsBaseName(pyStr(path))),
  win_dirname: define("p", (_run, path) => windowsDirName(pyStr(path))),
  win_splitdrive: define("p", (_run, path) => tupleOf(splitDrive(pyStr(path)))),
};

function expandUser(run: Run, path: string): string {
  const found = /^~([^/]*)/.exec(path);
  if (found === null) return path;
  const user = found[1] ?? "";
  const home =
    user === ""
      ? (run.engine.outside.env("HOME") ?? run.engine.outside.home(""))
      : run.engine.outside.home(user);
  return home === undefined ? path : home.replace(/\/+$/, "") + path.slice(found[0].length) || "/";
}

function expandVariables(run: Run, path: string): string {
  return path.replace(
    /\$(?:(\w+)|\{([^}]*)\})/g,
    (all, plain: string | undefined, braced: string | undefined) =>
      run.engine.outside.env(plain ?? braced ?? "") ?? all,
  );
}

function pathJoin(paths: unknown): string {
  if (paths instanceof Undefined) paths.fail();
  if (typeof paths === "string") return paths;
  if (isSequence(paths)) return joinPath(paths.map(pyStr));
  throw typeError(
    `|path_join expects string or sequence, got <class '${typeName(paths)}'> instead.`,
  );
}
