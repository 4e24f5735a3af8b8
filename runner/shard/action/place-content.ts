import { createHash } from "node:crypto";
import type { CallResult } from "#router";
import { type Dict, dictOf, isDict, type Value } from "../../model/value.ts";
import type { Invocation } from "../module/invocation.ts";
import { moduleResult } from "../module/module-result.ts";
import { isTrue, textOf } from "../values.ts";
import type { ActionInput, ActionIo, Prepared } from "./action.ts";
import { chunksOf } from "./chunks.ts";

/** Content of up to this many bytes travels inside the call; more is streamed first. */
export const INLINE_LIMIT = 124 * 1024;

export interface Content {
  readonly data: Uint8Array;
  /** The file name to use when the destination is a folder. */
  readonly name: string;
  /** The local file's mode, for `mode: preserve`. */
  readonly mode: number | undefined;
  /** What the diff calls the new side. */
  readonly source: string;
  /** Whether it came from `content:`, which may not go into a folder. */
  readonly literal: boolean;
}

/**
 * Puts content at `dest` in one call: the agent compares and runs either the copy module on the new content or
 * the file module on the old (ansible/plugins/action/copy.py, _copy_file, without its separate stat and transfer).
 */
export function placeContent(
  input: ActionInput,
  args: Dict,
  dest: string,
  content: Content,
): Prepared {
  const plan = placeCall(input, args, dest, content, content.data);
  if (content.data.byteLength <= INLINE_LIMIT) {
    return {
      kind: "call",
      call: plan.invocation.call,
      sources: plan.invocation.sources,
      finish: plan.finish,
    };
  }
  return {
    kind: "steps",
    async run(io: ActionIo) {
      const { id } = await io.putFile(chunksOf(content.data));
      const streamed = placeCall(input, args, dest, content, id);
      const [result] = await io.batch([streamed.invocation], true);
      return streamed.finish(result!);
    },
  };
}

/** One place call with what makes its result of the answer. */
export function placeCall(
  input: ActionInput,
  args: Dict,
  dest: string,
  content: Content,
  data: Uint8Array | number,
): { readonly invocation: Invocation; finish(result: CallResult): Dict } {
  const { flags, options } = input;
  const sha1 = createHash("sha1").update(content.data).digest("hex");
  const follow = isTrue(args.get("follow") ?? false);
  const raw = isTrue(args.get("raw") ?? false);
  const mode =
    args.get("mode") === "preserve" && content.mode !== undefined
      ? `0${content.mode.toString(8)}`
      : args.get("mode");

  const copyArgs = pick(args, COPY_ONLY_LOCAL);
  copyArgs.set("src", "");
  copyArgs.set("dest", dest);
  copyArgs.set("_original_basename", content.name);
  copyArgs.set("follow", follow);
  if (!args.has("checksum")) copyArgs.set("checksum", sha1);
  if (mode !== undefined) copyArgs.set("mode", mode);

  const fileArgs = pick(args, FILE_DROPS);
  fileArgs.set("dest", dest);
  fileArgs.set("_original_basename", content.name);
  fileArgs.set("recurse", false);
  fileArgs.set("state", "file");
  fileArgs.delete("src");
  if (mode !== undefined) fileArgs.set("mode", mode);

  const copy = input.invoke("copy", copyArgs);
  const file = input.invoke("file", fileArgs);
  const wantDiff = flags.diff && !raw;
  const invocation: Invocation = {
    call: {
      ...copy.call,
      place: {
        dest,
        name: content.literal ? "" : content.name,
        sha1,
        data,
        force: isTrue(args.get("force") ?? true),
        check: flags.checkMode,
        diff: wantDiff ? options.maxDiffSize : 0,
        follow,
        mkdirs: false,
        same: file.call,
        sameArgument: "dest",
      },
    },
    sources: [...new Set([...copy.sources, ...file.sources])],
  };

  return {
    invocation,
    finish(result) {
      const place = result.extra.place;
      if (place === undefined) return moduleResult(result);
      if (place.error !== undefined && place.error !== null && place.error !== "")
        return dictOf({ failed: true, msg: place.error });
      if (place.dir === true && content.literal)
        return dictOf({ failed: true, msg: "can not use content with a dir as dest" });
      const data: Dict =
        place.case === "check"
          ? dictOf({ changed: true })
          : place.case === "exists"
            ? new Map()
            : moduleResult(result);
      if (data.get("failed") === true) return data;
      if (place.case === "same" || place.case === "written") {
        if (!data.has("checksum")) data.set("checksum", sha1);
      }
      if (place.case === "exists") return dictOf({ dest, src: content.source, changed: false });
      const diff =
        wantDiff && place.case !== "same" ? diffOf(place, content, options.maxDiffSize) : undefined;
      const own = data.get("diff");
      const entries = [
        ...(diff === undefined ? [] : [diff]),
        ...(isDict(own) ? [own] : Array.isArray(own) ? own : []),
      ];
      if (diff !== undefined || (place.case !== "same" && !data.has("diff")))
        data.set("diff", entries);
      if (data.has("path") && !data.has("dest")) data.set("dest", data.get("path")!);
      return data;
    },
  };
}

/** Args of the copy module: all but those only the controller understands. */
const COPY_ONLY_LOCAL = new Set([
  "content",
  "decrypt",
  "local_follow",
  "raw",
  "directory_mode",
  "remote_src",
]);
const FILE_DROPS = new Set([
  "content",
  "decrypt",
  "local_follow",
  "raw",
  "directory_mode",
  "remote_src",
  "backup",
  "checksum",
  "validate",
  "force",
  "regexp",
]);

function pick(args: Dict, without: ReadonlySet<string>): Dict {
  const picked: Dict = new Map();
  for (const [key, value] of args) if (!without.has(textOf(key))) picked.set(key, value);
  return picked;
}

interface Placed {
  readonly dest?: string;
  readonly exists?: boolean;
  readonly old?: Uint8Array | null;
  readonly big?: boolean;
}

/** One entry of `diff` (ansible/plugins/action/__init__.py, _get_diff_data). */
function diffOf(place: Placed, content: Content, limit: number): Dict {
  const diff = new Map<Value, Value>();
  const dest = place.dest ?? "";
  if (place.exists === true && place.big === true) diff.set("dst_larger", limit);
  else if (place.exists === true && place.old instanceof Uint8Array) {
    if (place.old.includes(0)) diff.set("dst_binary", 1);
    else {
      diff.set("before_header", dest);
      diff.set("before", Buffer.from(place.old).toString("utf8"));
    }
  } else diff.set("before", "");
  if (content.data.byteLength > limit) diff.set("src_larger", limit);
  else if (content.data.includes(0)) diff.set("src_binary", 1);
  else {
    diff.set("after_header", content.literal ? dest : content.source);
    diff.set("after", Buffer.from(content.data).toString("utf8"));
  }
  return diff;
}
