import { type Dict, dictOf, isDict, UnsafeText, type Value } from "../../model/value.ts";
import { textOf } from "../values.ts";
import { type Action, type ActionInput, failed, failedWith, type Prepared } from "./action.ts";

/** add_host (ansible/plugins/action/add_host.py): runs once for all hosts; the main thread keeps the inventory. */
export const addHostAction: Action = {
  name: "add_host",
  prepare({ args: given }) {
    const { _raw_params: raw, ...rest } = Object.fromEntries(given) as Record<string, Value>;
    if (raw !== undefined && !isDict(raw)) {
      return failedWith(
        "NoneType: None",
        `Invalid raw parameters passed, requires a dictonary/mapping got a  ${textOf(raw)}`,
      );
    }
    const args: Dict = new Map([...(raw ?? []), ...Object.entries(rest)]);
    const named = args.get("name") ?? args.get("hostname") ?? args.get("host");
    if (named === undefined || named === null)
      return failedWith("NoneType: None", "name, host or hostname needs to be provided");
    const { host, port } = splitPort(textOf(named));
    if (port !== undefined) args.set("ansible_ssh_port", port);
    const groups = groupNames(args);
    if (groups === undefined)
      return failedWith("NoneType: None", "Groups must be specified as a list.");
    const vars: Dict = new Map();
    for (const [key, value] of args)
      if (typeof key !== "string" || !SPECIAL.has(key)) vars.set(key, value);
    return {
      kind: "inventory",
      change: { kind: "add-host", host, groups, vars: plainVars(vars) as Dict },
      result: dictOf({
        changed: false,
        add_host: dictOf({ host_name: host, groups: [...groups], host_vars: vars }),
      }),
    };
  },
};

/** group_by (ansible/plugins/action/group_by.py). */
export const groupByAction: Action = {
  name: "group_by",
  prepare(input: ActionInput): Prepared {
    const { args, host, task } = input;
    const unknown = [...args.keys()]
      .map(textOf)
      .filter((key) => key !== "key" && key !== "parents");
    if (unknown.length > 0)
      return failedWith(
        "NoneType: None",
        `Invalid options for ${task.action}: ${unknown.sort().join(",")}`,
      );
    const key = args.get("key");
    if (key === undefined) return failed("the 'key' param is required when using group_by");
    const written = args.get("parents") ?? ["all"];
    const parents = (Array.isArray(written) ? written : [written]).map(groupName);
    const group = groupName(key);
    return {
      kind: "inventory",
      change: { kind: "add-group", group, parents, host },
      result: dictOf({ changed: false, add_group: group, parent_groups: parents }),
    };
  },
};

const SPECIAL = new Set(["name", "hostname", "groupname", "groups"]);

function groupNames(args: Dict): string[] | undefined {
  const groups = args.get("groupname") ?? args.get("groups") ?? args.get("group") ?? "";
  if (Array.isArray(groups)) return [...new Set(groups.map((group) => textOf(group).trim()))];
  if (typeof groups !== "string" && !(groups instanceof UnsafeText)) return undefined;
  const text = textOf(groups);
  return text === "" ? [] : [...new Set(text.split(",").map((group) => group.trim()))];
}

function groupName(value: Value): string {
  return textOf(value).replaceAll(" ", "-");
}

/** `host:22`, `[::1]:22`; anything else is a name as it is (ansible/parsing/utils/addresses.py). */
function splitPort(text: string): { readonly host: string; readonly port: number | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  const plain = bracketed ?? /^([^:]+):(\d+)$/.exec(text);
  if (plain === null) return { host: text, port: undefined };
  return {
    host: plain[1]!,
    port: plain[2] === undefined ? undefined : Number(plain[2]),
  };
}

/** Rendered values that will be read as an inventory's: what looks like a template in them is none. */
export function plainVars(value: Value): Value {
  if (typeof value === "string") return /\{[{%#]/.test(value) ? new UnsafeText(value) : value;
  if (Array.isArray(value)) return value.map(plainVars);
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, plainVars(item)]));
  return value;
}
