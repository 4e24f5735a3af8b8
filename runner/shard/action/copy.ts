import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { CallResult } from "#router";
import { stringifyJson } from "../../model/json.ts";
import { type Dict, dictOf, isDict, type Value } from "../../model/value.ts";
import { openSentFile } from "../../vault/keyring.ts";
import type { Invocation } from "../module/invocation.ts";
import { moduleResult } from "../module/module-result.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, type ActionInput, failed, failedWith, type Prepared } from "./action.ts";
import { chunksOf } from "./chunks.ts";
import { copyTree } from "./copy-tree.ts";
import { moduleCall } from "./module.ts";
import { type Content, INLINE_LIMIT, placeCall, placeContent } from "./place-content.ts";

/** copy (ansible/plugins/action/copy.py). */
export const copyAction: Action = {
  name: "copy",
  prepare(input) {
    const { args } = input;
    const source = args.get("src");
    const content = args.get("content");
    const dest = args.get("dest");
    if (
      (source === undefined || source === "" || source === null) &&
      (content === undefined || content === null)
    ) {
      return failed("src (or content) is required");
    }
    if (dest === undefined || dest === null || dest === "") return failed("dest is required");
    const target = textOf(dest);
    if (content !== undefined && content !== null) {
      if (source !== undefined && source !== null && source !== "")
        return failed("src and content are mutually exclusive");
      if (target.endsWith("/")) return failed("can not use content with a dir as dest");
      return placeContent(input, args, target, literalContent(content));
    }
    if (isTrue(args.get("remote_src") ?? false)) return moduleCall(input, "copy", args);
    const name = textOf(source!);
    let path: string;
    try {
      path = input.findFile("files", name);
    } catch (error) {
      const { message } = error as Error;
      return failedWith(`ansible.errors.AnsibleFileNotFound: ${message}`, message);
    }
    if (statSync(path).isDirectory())
      return copyFolder(input, name.endsWith("/") ? `${path.replace(/\/+$/, "")}/` : path, target);
    return placeContent(input, args, target, fileContent(path, decrypts(args)));
  },
};

function literalContent(content: Value): Content {
  const text = isDict(content) || Array.isArray(content) ? stringifyJson(content) : textOf(content);
  return {
    data: Buffer.from(text, "utf8"),
    name: "tmpcontent",
    mode: undefined,
    source: "dynamically generated",
    literal: true,
  };
}

/** Vaults arrive decrypted unless the task says otherwise. */
function decrypts(args: Dict): boolean {
  return isTrue(args.get("decrypt") ?? true);
}

function fileContent(path: string, decrypt: boolean): Content {
  const data = readFileSync(path);
  return {
    data: decrypt ? openSentFile(data, path) : data,
    name: basename(path),
    mode: statSync(path).mode & 0o7777,
    source: path,
    literal: false,
  };
}

/** A folder: everything below it in one round trip, large files streamed before. */
function copyFolder(input: ActionInput, source: string, dest: string): Prepared {
  const { args } = input;
  const target = dest.endsWith("/") ? dest : `${dest}/`;
  const tree = copyTree(source, isTrue(args.get("local_follow") ?? true));
  return {
    kind: "steps",
    async run(io) {
      const invocations: Invocation[] = [];
      const finishers: ((result: CallResult) => Dict)[] = [];
      const module = (name: string, moduleArgs: Dict): void => {
        invocations.push(input.invoke(name, moduleArgs));
        finishers.push(moduleResult);
      };
      const folderArgs = (relative: string): Dict => {
        const fileArgs: Dict = new Map(args);
        for (const drop of [
          "src",
          "content",
          "dest",
          "decrypt",
          "local_follow",
          "raw",
          "directory_mode",
          "remote_src",
          "backup",
          "checksum",
          "validate",
          "force",
          "follow",
        ]) {
          fileArgs.delete(drop);
        }
        fileArgs.set("path", join(target, relative));
        return fileArgs;
      };
      for (const { path, relative } of tree.files) {
        const content: Content = { ...fileContent(path, decrypts(args)), name: relative };
        const data =
          content.data.byteLength > INLINE_LIMIT
            ? (await io.putFile(chunksOf(content.data))).id
            : content.data;
        const call = placeCall(input, args, target, content, data);
        invocations.push(call.invocation);
        finishers.push(call.finish);
      }
      for (const relative of tree.folders) {
        const own = folderArgs(relative);
        own.set("state", "directory");
        own.set("recurse", false);
        const mode = args.get("directory_mode");
        if (mode === undefined) own.delete("mode");
        else own.set("mode", mode);
        module("file", own);
      }
      for (const { target: linkTarget, relative } of tree.links) {
        const own = folderArgs(relative);
        own.set("src", linkTarget);
        own.set("state", "link");
        own.set("force", true);
        if (own.get("mode") === "preserve") own.delete("mode");
        module("file", own);
      }
      const results = (await io.batch(invocations, true)).map((result, index) =>
        finishers[index]!(result),
      );
      const failure = results.find((data) => data.get("failed") === true);
      if (failure !== undefined) return failure;
      const changed = results.some((data) => data.get("changed") === true);
      if (tree.files.length === 1 && tree.folders.length + tree.links.length === 0)
        return results[0]!;
      return dictOf({ dest: target, src: source, changed });
    },
  };
}
