import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import { type Dict, dictOf, type Value } from "../../model/value.ts";
import { moduleResult } from "../module/module-result.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, done, failed } from "./action.ts";

/** fetch: a remote file to the controller, by one slurp (ansible/plugins/action/fetch.py). */
export const fetchAction: Action = {
  name: "fetch",
  prepare(input) {
    const { args, host, options, flags } = input;
    if (flags.checkMode)
      return done(dictOf({ skipped: true, msg: "check mode not (yet) supported for this module" }));
    const src = args.get("src");
    const dest = args.get("dest");
    if (src === undefined || dest === undefined) return failed("src and dest are required");
    if (args.has("validate_checksum") === false && args.has("validate_md5"))
      return failed("validate_md5 is not supported any more: use validate_checksum");
    const source = textOf(src);
    const flat = isTrue(args.get("flat") ?? false);
    const failMissing = isTrue(args.get("fail_on_missing") ?? true);
    const slurp = input.invoke("slurp", new Map<Value, Value>([["src", src]]));
    return {
      kind: "call",
      call: slurp.call,
      sources: slurp.sources,
      isModule: false,
      finish(result) {
        const data = moduleResult(result);
        if (data.get("failed") === true) return missing(data, source, failMissing);
        const bytes = Buffer.from(textOf(data.get("content") ?? ""), "base64");
        const path = localPath(textOf(dest), source, host, flat, options.cwd);
        if (path === undefined)
          return dictOf({
            failed: true,
            msg: "dest is an existing directory, use a trailing slash if you want to fetch src into that directory",
          });
        return store(path, bytes, source);
      },
    };
  },
};

/** Where the file goes; undefined when a flat destination is an existing folder. The source's own `..` cannot lead out of the host's folder. */
function localPath(
  dest: string,
  source: string,
  host: string,
  flat: boolean,
  cwd: string,
): string | undefined {
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(cwd, path));
  if (flat) {
    if (!dest.endsWith("/") && existsSync(absolute(dest)) && statSync(absolute(dest)).isDirectory())
      return undefined;
    return absolute(dest.endsWith("/") ? join(dest, basename(source)) : dest);
  }
  const below = normalize(join("/", source));
  return absolute(join(dest, host, below));
}

function store(path: string, bytes: Buffer, source: string): Dict {
  const checksum = createHash("sha1").update(bytes).digest("hex");
  const md5sum = createHash("md5").update(bytes).digest("hex");
  const same =
    existsSync(path) && createHash("sha1").update(readFileSync(path)).digest("hex") === checksum;
  if (!same) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  const result = new Map<Value, Value>();
  result.set("changed", !same);
  result.set("md5sum", md5sum);
  if (same) result.set("file", source);
  result.set("dest", path);
  if (!same) {
    result.set("remote_md5sum", null);
    result.set("remote_checksum", checksum);
  }
  result.set("checksum", checksum);
  return result;
}

function missing(data: Dict, source: string, failMissing: boolean): Dict {
  const message = textOf(data.get("msg") ?? "");
  if (/not found|No such file/i.test(message)) {
    if (!failMissing)
      return dictOf({
        changed: false,
        file: source,
        msg: "the remote file does not exist, not transferring, ignored",
      });
    return dictOf({
      failed: true,
      file: source,
      msg: `the remote file does not exist, not transferring, ignored`,
      changed: false,
    });
  }
  return data;
}
