import { type TokenKind, YamlScanner } from "./yaml-scanner.ts";
import { type Mark, YamlError } from "./yaml-text.ts";

/** A node of a YAML document. */
export type YamlNode =
  | {
      readonly kind: "scalar";
      readonly start: Mark;
      readonly tag: string | undefined;
      readonly anchor: string | undefined;
      readonly text: string;
      readonly plain: boolean;
    }
  | {
      readonly kind: "sequence";
      readonly start: Mark;
      readonly tag: string | undefined;
      readonly anchor: string | undefined;
      readonly items: readonly YamlNode[];
    }
  | {
      readonly kind: "mapping";
      readonly start: Mark;
      readonly tag: string | undefined;
      readonly anchor: string | undefined;
      readonly pairs: readonly (readonly [YamlNode, YamlNode])[];
    }
  | { readonly kind: "alias"; readonly start: Mark; readonly name: string };

/** Deeper nesting is refused before it overflows the stack. */
const MAX_DEPTH = 1000;

/**
 * The one document of a YAML 1.1 text; undefined for a text without any.
 *
 * @throws YamlError with libyaml's words
 */
export function parseYamlDocument(text: string): YamlNode | undefined {
  return new Parser(new YamlScanner(text)).document();
}

class Parser {
  readonly scanner: YamlScanner;
  readonly anchors = new Set<string>();
  depth = 0;

  constructor(scanner: YamlScanner) {
    this.scanner = scanner;
  }

  document(): YamlNode | undefined {
    const { scanner } = this;
    while (this.is("document-end")) scanner.next();
    if (this.is("stream-end")) return undefined;
    let directives = 0;
    for (; this.is("directive"); directives++) scanner.next();
    let root: YamlNode;
    if (this.is("document-start")) {
      const start = scanner.next();
      root = this.is("directive", "document-start", "document-end", "stream-end")
        ? empty(start.end)
        : this.node(true, false);
    } else {
      if (directives > 0)
        throw new YamlError("did not find expected <document start>", scanner.peek().start);
      root = this.node(true, false);
    }
    while (this.is("document-end")) scanner.next();
    if (this.is("stream-end")) return root;
    const next = scanner.peek();
    if (next.kind !== "document-start" && next.kind !== "directive")
      throw new YamlError("did not find expected <document start>", next.start);
    // Whatever comes is read far enough to know that it is a document.
    throw new YamlError("but found another document", next.start);
  }

  is(...kinds: TokenKind[]): boolean {
    return kinds.includes(this.scanner.peek().kind);
  }

  /** A node where one has to be. `indentless`: a sequence may start in the column of its key. */
  node(block: boolean, indentless: boolean): YamlNode {
    if (++this.depth > MAX_DEPTH)
      throw new YamlError("the nesting is too deep", this.scanner.peek().start);
    const node = this.properties(block, indentless);
    this.depth--;
    return node;
  }

  private properties(block: boolean, indentless: boolean): YamlNode {
    const { scanner } = this;
    const first = scanner.peek();
    if (first.kind === "alias") {
      scanner.next();
      if (!this.anchors.has(first.text)) throw new YamlError("found undefined alias", first.start);
      return { kind: "alias", start: first.start, name: first.text };
    }
    let tag: string | undefined;
    let anchor: string | undefined;
    let anchorAt = first.start;
    while ((tag === undefined && this.is("tag")) || (anchor === undefined && this.is("anchor"))) {
      const token = scanner.next();
      if (token.kind === "tag") tag = token.text;
      else {
        anchor = token.text;
        anchorAt = token.start;
      }
    }
    const start = first.start;
    if (anchor !== undefined) {
      if (this.anchors.has(anchor)) throw new YamlError("second occurrence", anchorAt);
      this.anchors.add(anchor);
    }
    const token = scanner.peek();
    if (indentless && token.kind === "-")
      return { kind: "sequence", start, tag, anchor, items: this.indentlessSequence() };
    switch (token.kind) {
      case "scalar":
        scanner.next();
        // A lone `!` asks for the meaning of a plain scalar, whatever the quotes.
        if (tag === "!")
          return { kind: "scalar", start, tag: undefined, anchor, text: token.text, plain: true };
        return {
          kind: "scalar",
          start,
          tag,
          anchor,
          text: token.text,
          plain: token.plain && tag === undefined,
        };
      case "[":
        return { kind: "sequence", start, tag, anchor, items: this.flowSequence() };
      case "{":
        return { kind: "mapping", start, tag, anchor, pairs: this.flowMapping() };
      case "block-sequence-start":
        if (block) return { kind: "sequence", start, tag, anchor, items: this.blockSequence() };
        break;
      case "block-mapping-start":
        if (block) return { kind: "mapping", start, tag, anchor, pairs: this.blockMapping() };
        break;
    }
    if (tag !== undefined || anchor !== undefined)
      return { kind: "scalar", start, tag, anchor, text: "", plain: tag === undefined };
    throw new YamlError("did not find expected node content", token.start);
  }

  private blockSequence(): YamlNode[] {
    const { scanner } = this;
    scanner.next();
    const items: YamlNode[] = [];
    while (this.is("-")) {
      const dash = scanner.next();
      items.push(this.is("-", "block-end") ? empty(dash.end) : this.node(true, false));
    }
    if (!this.is("block-end"))
      throw new YamlError("did not find expected '-' indicator", scanner.peek().start);
    scanner.next();
    return items;
  }

  private indentlessSequence(): YamlNode[] {
    const items: YamlNode[] = [];
    while (this.is("-")) {
      const dash = this.scanner.next();
      items.push(this.is("-", "?", ":", "block-end") ? empty(dash.end) : this.node(true, false));
    }
    return items;
  }

  private blockMapping(): (readonly [YamlNode, YamlNode])[] {
    const { scanner } = this;
    scanner.next();
    const pairs: (readonly [YamlNode, YamlNode])[] = [];
    while (this.is("?")) {
      const mark = scanner.next();
      const key = this.is("?", ":", "block-end") ? empty(mark.end) : this.node(true, true);
      let value: YamlNode = empty(scanner.peek().start);
      if (this.is(":")) {
        const colon = scanner.next();
        value = this.is("?", ":", "block-end") ? empty(colon.end) : this.node(true, true);
      }
      pairs.push([key, value]);
    }
    if (!this.is("block-end"))
      throw new YamlError("did not find expected key", scanner.peek().start);
    scanner.next();
    return pairs;
  }

  private flowSequence(): YamlNode[] {
    const { scanner } = this;
    scanner.next();
    const items: YamlNode[] = [];
    for (let first = true; !this.is("]"); first = false) {
      if (!first) {
        if (!this.is(","))
          throw new YamlError("did not find expected ',' or ']'", scanner.peek().start);
        scanner.next();
        if (this.is("]")) break;
      }
      items.push(this.is("?") ? this.singlePair() : this.node(false, false));
    }
    scanner.next();
    return items;
  }

  /** `[a: b]`: a mapping of one pair. */
  private singlePair(): YamlNode {
    const { scanner } = this;
    const mark = scanner.next();
    const key = this.is(":", ",", "]") ? empty(mark.end) : this.node(false, false);
    let value: YamlNode = empty(scanner.peek().start);
    if (this.is(":")) {
      const colon = scanner.next();
      value = this.is(",", "]") ? empty(colon.end) : this.node(false, false);
    }
    return {
      kind: "mapping",
      start: mark.start,
      tag: undefined,
      anchor: undefined,
      pairs: [[key, value]],
    };
  }

  private flowMapping(): (readonly [YamlNode, YamlNode])[] {
    const { scanner } = this;
    scanner.next();
    const pairs: (readonly [YamlNode, YamlNode])[] = [];
    for (let first = true; !this.is("}"); first = false) {
      if (!first) {
        if (!this.is(","))
          throw new YamlError("did not find expected ',' or '}'", scanner.peek().start);
        scanner.next();
        if (this.is("}")) break;
      }
      if (!this.is("?")) {
        pairs.push([this.node(false, false), empty(scanner.peek().start)]);
        continue;
      }
      const mark = scanner.next();
      const key = this.is(":", ",", "}") ? empty(mark.end) : this.node(false, false);
      let value: YamlNode = empty(scanner.peek().start);
      if (this.is(":")) {
        const colon = scanner.next();
        value = this.is(",", "}") ? empty(colon.end) : this.node(false, false);
      }
      pairs.push([key, value]);
    }
    scanner.next();
    return pairs;
  }
}

function empty(start: Mark): YamlNode {
  return { kind: "scalar", start, tag: undefined, anchor: undefined, text: "", plain: true };
}
