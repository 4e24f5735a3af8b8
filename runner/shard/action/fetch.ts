import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { basename, isAbsolute, join, normalize } from "node:path";
import { expandPath } from "../../load/path.ts";
import { type Dict, dictOf, type Value } from "../../model/value.ts";
import { writeLocalFile } from "../local-file.ts";
import { moduleResult } from "../module/module-result.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, done, failedWith } from "./action.ts";

/** fetch: a remote file to the controller, by one slurp (ansible/plugins/action/fetch.py). */
export const fetchAction: Action = {
  name: "fetch",
  prepare(input) {
    const { args, host, scope, flags } = input;
    if (flags.checkMode)
      return done(dictOf({ skipped: true, msg: "check mode not (yet) supported for this module" }));
    const src = args.get("src") ?? null;
    const dest = args.get("dest") ?? null;
    const invalid = complaint(src, dest);
    if (invalid !== undefined) return failedWith("NoneType: None", invalid);
    const source = textOf(src);
    const place: Place = {
      dest: textOf(dest),
      host,
      flat: isTrue(args.get("flat") ?? false),
      base: textOf(scope.get("playbook_dir") as Value),
    };
    const failMissing = isTrue(args.get("fail_on_missing") ?? true);
    const slurp = input.invoke("slurp", new Map<Value, Value>([["src", src]]));
    return {
      kind: "call",
      call: slurp.call,
      sources: slurp.sources,
      isModule: false,
      finish(result) {
        const data = moduleResult(result);
        if (data.get("failed") === true) return notFetched(data, source, failMissing);
        // The target knows whose home folder a tilde is.
        const expanded = data.get("source");
        const from = source.startsWith("~") && typeof expanded === "string" ? expanded : source;
        return store(from, place, Buffer.from(textOf(data.get("content") ?? ""), "base64"));
      },
    };
  },
};

function complaint(src: Value, dest: Value): string | undefined {
  if (src === null || dest === null) return "src and dest are required";
  if (typeof dest !== "string") return "Invalid type supplied for dest option, it must be a string";
  if (typeof src !== "string")
    return "Invalid type supplied for source option, it must be a string";
  return undefined;
}

/** Where a file goes. */
interface Place {
  readonly dest: string;
  readonly host: string;
  readonly flat: boolean;
  /** The playbook's folder: relative paths begin there. */
  readonly base: string;
}

function store(source: string, place: Place, bytes: Buffer): Dict {
  const path = localPath(source, place);
  if (path === undefined) {
    return dictOf({
      changed: false,
      exception: "NoneType: None",
      failed: true,
      msg: "dest is an existing directory, use a trailing slash if you want to fetch src into that directory",
    });
  }
  const checksum = hash("sha1", bytes);
  const md5sum = hash("md5", bytes);
  if (checksum === localChecksum(path))
    return dictOf({ changed: false, md5sum, file: source, dest: path, checksum });
  writeLocalFile(path, bytes);
  return dictOf({
    changed: true,
    md5sum,
    dest: path,
    remote_md5sum: null,
    checksum,
    remote_checksum: checksum,
  });
}

/** Undefined when a flat destination is an existing folder. The source's own `..` cannot lead out of the host's folder. */
function localPath(source: string, { dest, host, flat, base }: Place): string | undefined {
  if (!flat) return join(expandPath(dest, base), host, normalize(join("/", source)));
  if (dest.endsWith("/")) return expandPath(join(dest, basename(source)), base);
  // Only a path as it is written counts here, from where the run was started.
  if (isFolder(dest)) return undefined;
  return isAbsolute(dest) ? normalize(dest) : expandPath(dest, base);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function localChecksum(path: string): string | undefined {
  try {
    return hash("sha1", readFileSync(path));
  } catch {
    return undefined;
  }
}

function hash(algorithm: "sha1" | "md5", bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest("hex");
}

/** What is said of a file that is not there, or is none. */
function notFetched(slurped: Dict, source: string, failMissing: boolean): Dict {
  const message = textOf(slurped.get("msg") ?? "");
  const isMissing = message.includes("not found");
  const isFolder = message.startsWith("source is a directory");
  const msg = isMissing
    ? "the remote file does not exist, not transferring, ignored"
    : "remote file is a directory, fetch cannot work on directories";
  if (failMissing) {
    if (isMissing || isFolder) slurped.set("msg", msg);
    slurped.set("changed", false);
    return slurped;
  }
  if (isFolder) return dictOf({ msg: `${msg}, not transferring, ignored` });
  return dictOf({ file: source, changed: false, ...(isMissing ? { msg } : {}) });
}
