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
import { pathText } from "./strict-text.ts";

/** Filters over paths of the controller and of Windows. */
export const PATH_FILTERS: Readonly<Record<string, Callable>> = {
  basename: define("p", (_run, path) => baseName(pathText(path))),
  dirname: define("p", (_run, path) => dirName(pathText(path))),
  expanduser: define("path", (run, path) => expandUser(run, pathText(path))),
  expandvars: define("path", (run, path) => expandVariables(run, pathText(path))),
  realpath: define("filename", (run, path) => run.engine.outside.realPath(pathText(path))),
  relpath: define("path start?", (run, path, start = null) =>
    relativePath(pathText(path), start === null ? "." : pathText(start), run.engine.outside.cwd()),
  ),
  path_join: define("paths", (_run, paths) => pathJoin(paths)),
  splitext: define("p", (_run, path) => tupleOf(splitExtension(pathText(path)))),
  fileglob: define("pathname", (run, pattern) =>
    glob(run.engine.outside, pyStr(pattern)).filter(
      (path) => run.engine.outside.stat(path, true)?.kind === "file",
    ),
  ),
  win_basename: define("p", (_run, path) => windowsBaseName(pathText(path))),
  win_dirname: define("p", (_run, path) => windowsDirName(pathText(path))),
  win_splitdrive: define("p", (_run, path) => tupleOf(splitDrive(pathText(path)))),
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

function partText(part: unknown): string {
  if (typeof part === "string") return part;
  throw typeError(
    `join() argument must be str, bytes, or os.PathLike object, not '${typeName(part)}'`,
  );
}

function pathJoin(paths: unknown): string {
  if (paths instanceof Undefined) paths.fail();
  if (typeof paths === "string") return paths;
  if (isSequence(paths) && paths.length === 0)
    throw typeError("join() missing 1 required positional argument: 'a'");
  if (isSequence(paths))
    return joinPath(paths.map((part, index) => (index === 0 ? pathText(part) : partText(part))));
  throw typeError(
    `|path_join expects string or sequence, got <class '${typeName(paths)}'> instead.`,
  );
}
