import { isDict, type Value } from "../../model/value.ts";
import { isTrue, textOf } from "../values.ts";
import type { Action } from "./action.ts";
import { moduleCall } from "./module.ts";

/** uri (ansible/plugins/action/uri.py): a module, but for files of the controller that a request takes along. */
export const uriAction: Action = {
  name: "uri",
  prepare(input) {
    const { args } = input;
    const isForm = textOf(args.get("body_format") ?? "") === "form-multipart";
    const takesFiles = isGiven(args.get("src")) || (isForm && namesFiles(args.get("body")));
    return takesFiles && !isTrue(args.get("remote_src") ?? false)
      ? { kind: "plugin", input }
      : moduleCall(input, "uri", args);
  },
};

function namesFiles(body: Value | undefined): boolean {
  if (!isDict(body)) return false;
  return [...body.values()].some((field) => isDict(field) && isGiven(field.get("filename")));
}

function isGiven(value: Value | undefined): boolean {
  return value !== undefined && value !== null && value !== "";
}
