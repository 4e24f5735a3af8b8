import { PyTuple } from "../../model/value.ts";
import { VaultText } from "../../model/vault-text.ts";
import { LenientUndefined, Undefined } from "../error.ts";
import { order } from "../py-compare.ts";
import { PyDateTime } from "../py-datetime.ts";
import { chars } from "../py-sequence.ts";
import { NamedTuple, PySet } from "../py-types.ts";
import { plainYamlTag } from "./yaml-load.ts";
import {
  analyze,
  BREAK,
  cannotRepresent,
  ESCAPES,
  hex,
  isPrintable,
  scalarText,
} from "./yaml-scalar.ts";

export interface YamlOptions {
  readonly indent?: number;
  readonly width?: number;
  /** null: collections of plain values only are written in one line. */
  readonly flow?: boolean | null;
  readonly sortKeys?: boolean;
  readonly unicode?: boolean;
  readonly explicitStart?: boolean;
  readonly explicitEnd?: boolean;
  /** Writes what is met a second time as `*id001`, as PyYAML does: of the objects met twice those that this gives back. */
  readonly aliases?: (met: ReadonlySet<object>) => ReadonlySet<object>;
  readonly style?: "'" | '"' | "|" | ">" | undefined;
}

/** Text in the look of PyYAML's dump with libyaml's emitter. Throws TypeError for what has no YAML form. */
export function dumpYaml(value: unknown, options: YamlOptions = {}): string {
  const indent =
    options.indent !== undefined && options.indent > 1 && options.indent < 10 ? options.indent : 2;
  const wanted = options.width ?? 80;
  const width =
    wanted >= 0 && wanted <= indent * 2 ? 80 : wanted < 0 ? Number.MAX_SAFE_INTEGER : wanted;
  const emitter = new Emitter({ ...options, indent, width });
  return emitter.document(value);
}

interface Context {
  readonly flow: boolean;
  readonly simpleKey: boolean;
  readonly inSequence: boolean;
  readonly inMapping: boolean;
}

class Emitter {
  readonly #options: YamlOptions & { readonly indent: number; readonly width: number };
  #out = "";
  #column = 0;
  #indent = -1;
  #whitespace = true;
  #indention = true;
  #openEnded = false;
  /** Names of what occurs more than once, and which of them are written already. */
  readonly #anchors = new Map<object, string>();
  readonly #named = new Set<object>();

  constructor(options: YamlOptions & { readonly indent: number; readonly width: number }) {
    this.#options = options;
  }

  document(value: unknown): string {
    const { aliases } = this.#options;
    if (aliases !== undefined) {
      const met = new Set<object>();
      this.#findAgain(value, new Set(), met);
      const shared = met.size > 0 ? aliases(met) : met;
      if (shared.size > 0) this.#findAnchors(value, shared, new Set());
    }
    if (this.#options.explicitStart === true) {
      this.#write("---");
      if (!isScalar(value) && !this.#isFlow(value, false)) this.#newline();
      else this.#whitespace = false;
    }
    this.#node(value, { flow: false, simpleKey: false, inSequence: false, inMapping: false });
    if (this.#column > 0) this.#newline();
    if (this.#options.explicitEnd === true || (this.#openEnded && isScalar(value))) {
      this.#out += "...\n";
    }
    return this.#out;
  }

  #node(value: unknown, context: Context): void {
    if (value instanceof Undefined && !(value instanceof LenientUndefined)) value.fail();
    // A named tuple is a class of its own, which PyYAML does not know.
    if (value instanceof NamedTuple) throw cannotRepresent(value);
    const anchor = this.#anchors.get(value as object);
    if (anchor !== undefined) {
      const isAlias = this.#named.has(value as object);
      this.#named.add(value as object);
      this.#indicator(`${isAlias ? "*" : "&"}${anchor}`, true, false);
      if (isAlias) return;
    }
    if (value instanceof VaultText) {
      this.#vault(value.ciphertext);
      return;
    }
    if (isSequence(value)) this.#sequence(itemsOf(value), value, context);
    else if (value instanceof Map) this.#mapping(value, context);
    else this.#scalar(value, context);
  }

  /** The lists and dicts that occur more than once. */
  #findAgain(value: unknown, seen: Set<object>, met: Set<object>): void {
    if (!isNode(value)) return;
    if (seen.has(value)) {
      met.add(value);
      return;
    }
    seen.add(value);
    if (isSequence(value)) for (const inner of itemsOf(value)) this.#findAgain(inner, seen, met);
    else if (value instanceof Map)
      for (const inner of value.values()) this.#findAgain(inner, seen, met);
  }

  /** In the order of writing: the name is given when something is met again. */
  #findAnchors(value: unknown, shared: ReadonlySet<object>, seen: Set<object>): void {
    if (!isNode(value)) return;
    if (seen.has(value)) {
      if (!this.#anchors.has(value))
        this.#anchors.set(value, `id${String(this.#anchors.size + 1).padStart(3, "0")}`);
      return;
    }
    if (shared.has(value)) seen.add(value);
    if (isSequence(value))
      for (const inner of itemsOf(value)) this.#findAnchors(inner, shared, seen);
    else if (value instanceof Map)
      for (const [, inner] of this.#pairs(value)) this.#findAnchors(inner, shared, seen);
  }

  /** An encrypted value, as `parsing/yaml/dumper.py` represents it. */
  #vault(ciphertext: string): void {
    const outer = this.#indent;
    this.#indicator("!vault", true, false);
    this.#increase(true, false);
    this.#literal(ciphertext);
    this.#indent = outer;
  }

  #isFlow(value: unknown, inFlow: boolean): boolean {
    if (inFlow) return true;
    const items = isSequence(value)
      ? itemsOf(value)
      : value instanceof Map
        ? [...value].flat()
        : [];
    if (items.length === 0) return true;
    const { flow } = this.#options;
    // Represented as PyYAML does: a collection is flow when all it holds are plain scalars.
    return flow ?? items.every((item) => isScalar(item) && this.#isPlainNode(item));
  }

  #isPlainNode(value: unknown): boolean {
    return this.#options.style === undefined || this.#options.style === null
      ? !(value instanceof Map)
      : false;
  }

  #sequence(items: readonly unknown[], value: unknown, context: Context): void {
    if (this.#isFlow(value, context.flow)) {
      this.#flow(
        "[",
        items.map((item) => [item]),
        "]",
      );
      return;
    }
    const outer = this.#indent;
    // A sequence that is a mapping's value stands at the mapping's own indent.
    const indentless = context.inMapping && !this.#indention;
    this.#increase(false, indentless);
    for (const item of items) {
      this.#writeIndent();
      this.#indicator("-", true, true);
      this.#node(item, { flow: false, simpleKey: false, inSequence: true, inMapping: false });
    }
    this.#indent = outer;
  }

  #mapping(dict: ReadonlyMap<unknown, unknown>, context: Context): void {
    const pairs = this.#pairs(dict);
    if (this.#isFlow(dict, context.flow)) {
      this.#flow("{", pairs, "}");
      return;
    }
    const outer = this.#indent;
    this.#increase(false, false);
    for (const [key, value] of pairs) {
      this.#writeIndent();
      if (this.#isSimpleKey(key)) {
        this.#node(key, { flow: false, simpleKey: true, inSequence: false, inMapping: true });
        this.#indicator(":", false, false);
      } else {
        this.#indicator("?", true, true);
        this.#node(key, { flow: false, simpleKey: false, inSequence: false, inMapping: true });
        this.#writeIndent();
        this.#indicator(":", true, true);
      }
      this.#node(value, { flow: false, simpleKey: false, inSequence: false, inMapping: true });
    }
    this.#indent = outer;
  }

  #pairs(dict: ReadonlyMap<unknown, unknown>): [unknown, unknown][] {
    const pairs = [...dict];
    if (this.#options.sortKeys === false) return pairs;
    try {
      return pairs.sort(([a], [b]) => order(a, b, "<"));
    } catch {
      // PyYAML leaves keys that have no common order as they are.
      return [...dict];
    }
  }

  #flow(open: string, entries: readonly (readonly unknown[])[], close: string): void {
    this.#indicator(open, true, false);
    this.#whitespace = true;
    const outer = this.#indent;
    this.#increase(true, false);
    for (const [index, [first, second]] of entries.entries()) {
      if (index > 0) this.#indicator(",", false, false);
      if (this.#column > this.#options.width) this.#writeIndent();
      const context = {
        flow: true,
        simpleKey: false,
        inSequence: open === "[",
        inMapping: open === "{",
      };
      if (open === "[") {
        this.#node(first, context);
        continue;
      }
      if (this.#isSimpleKey(first)) {
        this.#node(first, { ...context, simpleKey: true });
        this.#indicator(":", false, false);
      } else {
        this.#indicator("?", true, false);
        this.#node(first, context);
        if (this.#column > this.#options.width) this.#writeIndent();
        this.#indicator(":", true, false);
      }
      this.#node(second, context);
    }
    this.#indent = outer;
    this.#indicator(close, false, false);
  }

  #isSimpleKey(key: unknown): boolean {
    if (isSequence(key)) return itemsOf(key).length === 0;
    if (key instanceof Map) return key.size === 0;
    const text = scalarText(key).text;
    return new TextEncoder().encode(text).length < 128 && !/[\n\r\x85\u2028\u2029]/.test(text);
  }

  #increase(flow: boolean, indentless: boolean): void {
    if (this.#indent < 0) this.#indent = flow ? this.#options.indent : 0;
    else if (!indentless) this.#indent += this.#options.indent;
  }

  #scalar(value: unknown, context: Context): void {
    const { text, tag } = scalarText(value);
    const outer = this.#indent;
    this.#increase(true, false);
    if (tag === "str") this.#string(text, context);
    else if (context.flow && value instanceof PyDateTime) this.#tagged(text, context);
    else this.#plain(text, context);
    this.#indent = outer;
  }

  /** A time of the day has colons, which cannot be plain here; quoted it needs a tag that says that it is no text. */
  #tagged(text: string, context: Context): void {
    this.#indicator("!", true, false);
    this.#single(text, context);
  }

  #string(text: string, context: Context): void {
    const facts = analyze(text, this.#options.unicode !== false);
    const { style } = this.#options;
    if (style === '"' || (facts.special && style !== "|" && style !== ">")) {
      this.#double(text, context);
      return;
    }
    if (
      style === "|" &&
      !context.flow &&
      !context.simpleKey &&
      !facts.spaceBreak &&
      !facts.special
    ) {
      this.#literal(text);
      return;
    }
    // A block style that has no room here becomes double quotes, as libyaml does.
    if (style === "|" || style === ">") {
      this.#double(text, context);
      return;
    }
    const allowed = context.flow ? facts.flowPlain : facts.blockPlain;
    const isPlain =
      style === undefined &&
      allowed &&
      !(text === "" && (context.flow || context.simpleKey)) &&
      !(facts.multiline && (context.flow || context.simpleKey)) &&
      text !== "" &&
      plainYamlTag(text) === "str";
    if (isPlain && !facts.multiline) this.#plain(text, context);
    else if (facts.quotable && !(context.simpleKey && facts.multiline)) this.#single(text, context);
    else this.#double(text, context);
  }

  #plain(text: string, context: Context): void {
    if (text !== "" && !this.#whitespace) this.#write(" ");
    const foldable = !context.simpleKey;
    const all = chars(text);
    let wasSpace = false;
    all.forEach((char, index) => {
      const isSpace = char === " ";
      if (
        isSpace &&
        foldable &&
        !wasSpace &&
        this.#column > this.#options.width &&
        all[index + 1] !== " "
      ) {
        this.#writeIndent();
      } else this.#write(char);
      wasSpace = isSpace;
    });
    this.#whitespace = false;
    this.#indention = false;
  }

  #single(text: string, context: Context): void {
    this.#indicator("'", true, false);
    const all = chars(text);
    let wasSpace = false;
    let wasBreak = false;
    all.forEach((char, index) => {
      if (char === " ") {
        const inner = index > 0 && index < all.length - 1;
        if (
          !context.simpleKey &&
          !wasSpace &&
          this.#column > this.#options.width &&
          inner &&
          all[index + 1] !== " "
        )
          this.#writeIndent();
        else this.#write(char);
        wasSpace = true;
      } else if (BREAK.test(char)) {
        if (!wasBreak && char === "\n") this.#newline();
        this.#writeBreak(char);
        this.#indention = true;
        wasBreak = true;
      } else {
        if (wasBreak) this.#writeIndent();
        this.#write(char === "'" ? "''" : char);
        this.#indention = false;
        wasSpace = false;
        wasBreak = false;
      }
    });
    if (wasBreak) this.#writeIndent();
    this.#indicator("'", false, false);
    this.#whitespace = false;
    this.#indention = false;
  }

  #double(text: string, context: Context): void {
    this.#indicator('"', true, false);
    const all = chars(text);
    let wasSpace = false;
    all.forEach((char, index) => {
      const escaped = this.#escaped(char);
      if (escaped !== undefined) {
        this.#write(escaped);
        wasSpace = false;
      } else if (char === " ") {
        const inner = index > 0 && index < all.length - 1;
        if (!context.simpleKey && !wasSpace && this.#column > this.#options.width && inner) {
          this.#writeIndent();
          if (all[index + 1] === " ") this.#write("\\");
        } else this.#write(char);
        wasSpace = true;
      } else {
        this.#write(char);
        wasSpace = false;
      }
    });
    this.#indicator('"', false, false);
    this.#whitespace = false;
    this.#indention = false;
  }

  #escaped(char: string): string | undefined {
    const known = ESCAPES[char];
    if (known !== undefined) return known;
    const code = char.codePointAt(0) ?? 0;
    const printable = isPrintable(char) && code !== 0xfeff && !BREAK.test(char);
    if (printable && (code < 0x80 || this.#options.unicode !== false)) return undefined;
    if (code <= 0xff) return `\\x${hex(code, 2)}`;
    return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  }

  #literal(text: string): void {
    const hint =
      (text.startsWith(" ") || text.startsWith("\n") ? String(this.#options.indent) : "") +
      (!text.endsWith("\n") ? "-" : text === "\n" || text.endsWith("\n\n") ? "+" : "");
    this.#indicator(`|${hint}`, true, false);
    if (hint.endsWith("+")) this.#openEnded = true;
    this.#newline();
    this.#whitespace = true;
    this.#indention = true;
    let wasBreak = true;
    for (const char of text) {
      if (BREAK.test(char)) {
        this.#writeBreak(char);
        this.#indention = true;
        wasBreak = true;
      } else {
        if (wasBreak) this.#writeIndent();
        this.#write(char);
        this.#indention = false;
        wasBreak = false;
      }
    }
  }

  #indicator(text: string, needsBlank: boolean, isIndention: boolean): void {
    if (needsBlank && !this.#whitespace) this.#write(" ");
    this.#write(text);
    this.#whitespace = text === "[" || text === "{";
    this.#indention = this.#indention && isIndention;
    this.#openEnded = false;
  }

  #writeIndent(): void {
    const indent = Math.max(this.#indent, 0);
    if (!this.#indention || this.#column > indent || (this.#column === indent && !this.#whitespace))
      this.#newline();
    while (this.#column < indent) this.#write(" ");
    this.#whitespace = true;
    this.#indention = true;
  }

  #newline(): void {
    this.#out += "\n";
    this.#column = 0;
  }

  #writeBreak(char: string): void {
    if (char === "\n") this.#newline();
    else {
      this.#out += char;
      this.#column = 0;
    }
  }

  #write(text: string): void {
    this.#out += text;
    this.#column += chars(text).length;
  }
}

/** What can have a name: the empty tuple is always the same one to Python, and has none. */
function isNode(value: unknown): value is object {
  if (value instanceof PyTuple) return value.length > 0;
  return isSequence(value) || value instanceof Map || value instanceof VaultText;
}

function isScalar(value: unknown): boolean {
  return !isSequence(value) && !(value instanceof Map);
}

function isSequence(value: unknown): value is unknown[] | PySet {
  return Array.isArray(value) || value instanceof PySet;
}

function itemsOf(value: unknown[] | PySet): readonly unknown[] {
  return value instanceof PySet ? value.items : value;
}
