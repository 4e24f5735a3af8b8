/** posixpath and ntpath of Python, as far as filters use them. */

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function dirName(path: string): string {
  const head = path.slice(0, path.lastIndexOf("/") + 1);
  return /[^/]/.test(head) ? head.replace(/\/+$/, "") : head;
}

/** `os.path.join`: an absolute part starts anew. */
export function joinPath(parts: readonly string[]): string {
  let path = parts[0] ?? "";
  for (const part of parts.slice(1)) {
    if (part.startsWith("/")) path = part;
    else path += path === "" || path.endsWith("/") ? part : `/${part}`;
  }
  return path;
}

/** `os.path.splitext`: leading dots are no extension. */
export function splitExtension(path: string): [string, string] {
  const dot = path.lastIndexOf(".");
  const name = path.lastIndexOf("/") + 1;
  if (dot <= name || /^\.*$/.test(path.slice(name, dot))) return [path, ""];
  return [path.slice(0, dot), path.slice(dot)];
}

/** `os.path.normpath`. */
export function normalPath(path: string): string {
  if (path === "") return ".";
  const isAbsolute = path.startsWith("/");
  const root = isAbsolute ? (path.startsWith("//") && !path.startsWith("///") ? "//" : "/") : "";
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!isAbsolute) kept.push("..");
  }
  return root + kept.join("/") || ".";
}

/** `os.path.relpath`. */
export function relativePath(path: string, start: string, cwd: string): string {
  const [to, from] = [path, start].map((each) =>
    normalPath(joinPath([cwd, each]))
      .split("/")
      .filter(Boolean),
  ) as [string[], string[]];
  let common = 0;
  while (common < Math.min(to.length, from.length) && to[common] === from[common]) common++;
  const parts = [...from.slice(common).map(() => ".."), ...to.slice(common)];
  return parts.length === 0 ? "." : parts.join("/");
}

/** ntpath.splitdrive: drive letters and UNC shares. */
export function splitDrive(path: string): [string, string] {
  const plain = path.replaceAll("/", "\\");
  if (plain.startsWith("\\\\")) {
    const server = /^\\\\\?\\UNC\\/i.test(plain) ? 8 : 2;
    const share = plain.indexOf("\\", server);
    const end = share === -1 ? -1 : plain.indexOf("\\", share + 1);
    return end === -1 ? [path, ""] : [path.slice(0, end), path.slice(end)];
  }
  return plain[1] === ":" ? [path.slice(0, 2), path.slice(2)] : ["", path];
}

export function windowsBaseName(path: string): string {
  return /[^\\/]*$/.exec(splitDrive(path)[1])?.[0] ?? "";
}

export function windowsDirName(path: string): string {
  const [drive, rest] = splitDrive(path);
  const head = rest.slice(0, rest.length - (/[^\\/]*$/.exec(rest)?.[0].length ?? 0));
  return drive + (/[^\\/]/.test(head) ? head.replace(/[\\/]+$/, "") : head);
}
