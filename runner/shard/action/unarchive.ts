import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Dict } from "../../model/value.ts";
import { openSentFile } from "../../vault/keyring.ts";
import { moduleResult } from "../module/module-result.ts";
import { isTrue, textOf } from "../values.ts";
import { type Action, type ActionInput, failed, failedWith, type Prepared } from "./action.ts";
import { chunksOf } from "./chunks.ts";
import { moduleCall } from "./module.ts";
import { INLINE_LIMIT } from "./place-content.ts";

/** unarchive: the archive travels with the call (ansible/plugins/action/unarchive.py). */
export const unarchiveAction: Action = {
  name: "unarchive",
  prepare(input) {
    const { args } = input;
    const source = args.get("src");
    if (source === undefined || args.get("dest") === undefined)
      return failed("src (or content) and dest are required");
    const own: Dict = new Map(args);
    for (const option of ["remote_src", "copy", "decrypt"]) own.delete(option);
    if (isTrue(args.get("remote_src") ?? false) || textOf(source).includes("://")) {
      own.set("remote_src", true);
      return moduleCall(input, "unarchive", own);
    }
    return withLocalFile(input, "unarchive", own, textOf(source));
  },
};

function withLocalFile(input: ActionInput, module: string, args: Dict, name: string): Prepared {
  let path: string;
  try {
    path = input.findFile("files", name);
  } catch (error) {
    const { message } = error as Error;
    return failedWith(`ansible.errors.AnsibleFileNotFound: ${message}`, message);
  }
  const data = readFileSync(path);
  const content = isTrue(input.args.get("decrypt") ?? true) ? openSentFile(data, path) : data;
  const file = { argument: "src", name: basename(path), mode: 0o600 };
  const { call, sources } = input.invoke(module, args);
  if (content.byteLength <= INLINE_LIMIT) {
    return {
      kind: "call",
      call: { ...call, files: [{ ...file, content }] },
      sources,
      finish: moduleResult,
    };
  }
  return {
    kind: "steps",
    async run(io) {
      const { id } = await io.putFile(chunksOf(content));
      const [result] = await io.batch(
        [{ call: { ...call, files: [{ ...file, content: id }] }, sources }],
        true,
      );
      return moduleResult(result!);
    },
  };
}
