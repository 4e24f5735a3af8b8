import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PYTHON_ESCAPES } from "../../model/python-escapes.ts";
import { type Dict, dictOf } from "../../model/value.ts";
import { compileRegex } from "../../template/py-regex.ts";
import { openFile } from "../../vault/keyring.ts";
import { isTrue, textOf, truth } from "../values.ts";
import { type Action, type ActionInput, done, failedWith, type Prepared } from "./action.ts";
import { moduleCall } from "./module.ts";
import { placeContent } from "./place-content.ts";

/** assemble: of remote fragments; of local ones it is put together here (ansible/plugins/action/assemble.py). */
export const assembleAction: Action = {
  name: "assemble",
  prepare(input) {
    const { args, flags } = input;
    if (flags.checkMode)
      return done(dictOf({ skipped: true, msg: "check mode is not supported for this task." }));
    if (!isGiven(args, "src") || !isGiven(args, "dest"))
      return failedWith("NoneType: None", "src and dest are required");
    if (!isTrue(args.get("remote_src") ?? true)) return assembleHere(input);
    const own: Dict = new Map(args);
    own.delete("decrypt");
    return moduleCall(input, "assemble", own);
  },
};

function isGiven(args: Dict, name: string): boolean {
  const value = args.get(name);
  return value !== undefined && value !== null;
}

function assembleHere(input: ActionInput): Prepared {
  const { args } = input;
  let folder: string;
  try {
    folder = input.findFile("files", textOf(args.get("src")!));
  } catch (error) {
    const { message } = error as Error;
    return failedWith(`ansible.errors.AnsibleFileNotFound: ${message}`, message);
  }
  if (!statSync(folder).isDirectory())
    return failedWith("NoneType: None", `Source (${folder}) is not a directory`);
  const own: Dict = new Map(args);
  for (const option of OWN_OPTIONS) own.delete(option);
  return placeContent(input, own, textOf(args.get("dest")!), {
    data: contentOf(folder, args),
    // Where the destination is a folder the file gets the name that Ansible's copy had.
    name: "src",
    mode: undefined,
    source: folder,
    literal: false,
  });
}

/** What the copy and file modules do not know. */
const OWN_OPTIONS = ["src", "remote_src", "regexp", "delimiter", "ignore_hidden", "decrypt"];

/** The fragments in the order of their names, each on a line of its own, with delimiters between them. */
function contentOf(folder: string, args: Dict): Uint8Array {
  const parts: Uint8Array[] = [];
  const regexp = isGiven(args, "regexp") ? textOf(args.get("regexp")!) : undefined;
  // Python unescapes it anew for each fragment.
  let delimiter = isGiven(args, "delimiter")
    ? Buffer.from(textOf(args.get("delimiter")!)).toString("latin1")
    : "";
  // As in Ansible, text such as "no" is true here.
  const decrypts = !args.has("decrypt") || truth(args.get("decrypt"));
  let endsLine = true;
  for (const path of fragmentsOf(folder, regexp, truth(args.get("ignore_hidden")))) {
    const file = readFileSync(path);
    const content = decrypts ? openFile(file, path) : file;
    if (!endsLine) parts.push(NEWLINE);
    if (parts.length > 0 && delimiter !== "") {
      delimiter = unescaped(delimiter);
      parts.push(Buffer.from(delimiter, "latin1"), NEWLINE);
    }
    parts.push(content);
    endsLine = content.at(-1) === NEWLINE[0];
  }
  return Buffer.concat(parts);
}

const NEWLINE = Uint8Array.of(0x0a);

function fragmentsOf(
  folder: string,
  regexp: string | undefined,
  ignoreHidden: boolean,
): readonly string[] {
  return readdirSync(folder)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .filter((name) => regexp === undefined || compileRegex(regexp).test(name))
    .filter((name) => !(ignoreHidden && name.startsWith(".")))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

/** Python's `codecs.escape_decode` of bytes, each of them a character. */
function unescaped(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g,
    (all, hex?: string, octal?: string, other?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return PYTHON_ESCAPES[other ?? ""] ?? all;
    },
  );
}
