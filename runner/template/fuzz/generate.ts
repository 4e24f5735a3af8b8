import type { Row } from "./answer.ts";
import { type Kind, PARTS, PRODUCTIONS } from "./productions.ts";
import type { Random } from "./random.ts";

const KINDS = Object.keys(PRODUCTIONS) as Kind[];
const VALUES: readonly Kind[] = ["str", "int", "float", "bool", "list", "dict", "tuple"];
const LEAVES = new Map(
  KINDS.map((kind) => [kind, PRODUCTIONS[kind].filter((text) => !/<|FMT|PCT/.test(text))]),
);
const DEEPEST = 3;

/** A row of the fuzzer: an expression, a condition or a small program, in text or native mode. */
export function generateRow(random: Random): Row {
  const generator = new Generator(random);
  const native = random.once(4) ? { native: true } : {};
  switch (random.below(12)) {
    case 0:
      return { when: generator.expression("bool", DEEPEST) };
    case 1:
      return { template: generator.sentence(), ...native };
    case 2:
    case 3:
      return { template: generator.program(2), ...native };
    case 4:
      return { file: `${generator.program(2)}\n` };
    default:
      return { template: `{{ ${generator.expression("any", DEEPEST)} }}`, ...native };
  }
}

class Generator {
  readonly #random: Random;
  /** Names that the program around has set. */
  readonly #names: string[] = [];
  #macros = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  expression(kind: Kind, depth: number): string {
    const random = this.#random;
    // One in so many is of another kind than the place wants: errors are behaviour too.
    const wanted = random.once(14) ? random.pick(KINDS) : kind;
    if (this.#names.length > 0 && random.once(4)) return random.pick(this.#names);
    const actual = wanted === "any" && !random.once(10) ? random.pick(VALUES) : wanted;
    const ending = depth <= 0 || random.once(5);
    const production = random.pick(
      (ending ? LEAVES : undefined)?.get(actual) ?? PRODUCTIONS[actual],
    );
    return this.#fill(production, depth);
  }

  #fill(production: string, depth: number): string {
    return production.replace(/<([a-z]+)>|FMT|PCT/g, (place, name: string | undefined) => {
      const parts = PARTS[name ?? place];
      if (parts !== undefined) return this.#random.pick(parts);
      const inner = this.expression(name as Kind, depth - 1);
      // Mostly what is meant, sometimes what precedence makes of it.
      return /^[\w.]+$|^'[^']*'$|^\[[^[\]]*\]$/.test(inner) || this.#random.once(8)
        ? inner
        : `(${inner})`;
    });
  }

  /** Text and expressions in turn. */
  sentence(): string {
    const parts = ["a ", "\n", "{# gone #}", " | ", "", "'q' ", "\\\\t ", "[", "{", "1"];
    let text = "";
    for (let count = 1 + this.#random.below(3); count > 0; count--) {
      text += this.#random.pick(parts) + this.#printed("any");
    }
    return text + this.#random.pick(["", "", "\n", "\n\n", "]", " end"]);
  }

  /** Statements. */
  program(depth: number): string {
    let text = "";
    const before = this.#names.length;
    for (let count = 1 + this.#random.below(3); count > 0; count--) text += this.#statement(depth);
    this.#names.length = before;
    return text;
  }

  #statement(depth: number): string {
    const random = this.#random;
    const dash = () => (random.once(6) ? "-" : "");
    const open = (word: string) => `{%${dash()} ${word} ${dash()}%}`;
    if (depth <= 0 || random.once(4))
      return random.pick(["x", " ", "\n", ";"]) + this.#printed("any");
    switch (random.below(9)) {
      case 0: {
        const value = this.expression("any", 2);
        const name = random.pick(["v1", "v2", "s", "n"]);
        this.#names.push(name);
        return open(`set ${name} = ${value}`);
      }
      case 1:
        return `${open(`set q`)}${this.program(depth - 1)}${open("endset")}{{ q }}`;
      case 2:
      case 3: {
        const list = this.expression("list", 2);
        const filter = random.once(4) ? ` if ${this.expression("bool", 1)}` : "";
        this.#names.push(
          "i",
          random.pick(["loop.index", "loop.last", "loop.length", "loop.cycle(1, 'b')", "i"]),
        );
        const body = this.program(depth - 1);
        this.#names.splice(-2);
        const jump = random.once(6)
          ? open(`if loop.index > 2`) + open(random.pick(["break", "continue"])) + open("endif")
          : "";
        const otherwise = random.once(4) ? open("else") + this.program(depth - 1) : "";
        return `${open(`for i in ${list}${filter}`)}${jump}${body}${otherwise}${open("endfor")}`;
      }
      case 4: {
        const dict = this.expression("dict", 2);
        this.#names.push("k", "v");
        const body = this.program(depth - 1);
        this.#names.splice(-2);
        return `${open(`for k, v in (${dict}).items()`)}${body}${open("endfor")}`;
      }
      case 5: {
        const branch = random.once(3)
          ? open(`elif ${this.expression("bool", 1)}`) + this.program(depth - 1)
          : "";
        const otherwise = random.once(2) ? open("else") + this.program(depth - 1) : "";
        return `${open(`if ${this.expression("bool", 2)}`)}${this.program(depth - 1)}${branch}${otherwise}${open("endif")}`;
      }
      case 6: {
        const name = `m${++this.#macros}`;
        const given = this.expression("any", 1);
        const byDefault = this.expression("any", 1);
        this.#names.push("p1", "p2");
        const body = this.program(depth - 1);
        this.#names.splice(-2);
        const call = random.pick([
          `${name}(${given})`,
          `${name}(${given}, p2=${byDefault})`,
          `${name}()`,
        ]);
        return `${open(`macro ${name}(p1, p2=${byDefault})`)}${body}${open("endmacro")}{{ ${call} }}`;
      }
      case 7:
        return `${open(`filter ${random.pick(["upper", "trim", "length", "replace('a', 'b')", "indent(2)", "to_json"])}`)}${this.program(depth - 1)}${open("endfilter")}`;
      default: {
        const value = this.expression("any", 1);
        this.#names.push("w1");
        const body = this.program(depth - 1);
        this.#names.pop();
        return `${open(`with w1 = ${value}`)}${body}${open("endwith")}`;
      }
    }
  }

  #printed(kind: Kind): string {
    return `{{ ${this.expression(kind, 2)} }}`;
  }
}
