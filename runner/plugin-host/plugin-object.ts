import { PyObject } from "../template/py-types.ts";

/** In front of tuples that stand for something else. */
export const MARK = "\0skein";

/** An object of a plugin's own class: it stays in the host; here are its number and its looks. */
export class PluginObject extends PyObject {
  readonly pyType: string;
  readonly number: number;
  readonly #text: string;
  readonly #repr: string;

  constructor(number: number, pyType: string, text: string, repr: string) {
    super();
    this.number = number;
    this.pyType = pyType;
    this.#text = text;
    this.#repr = repr;
  }

  pyGet(): undefined {
    return undefined;
  }

  override pyStr(): string {
    return this.#text;
  }

  override pyRepr(): string {
    return this.#repr;
  }
}
