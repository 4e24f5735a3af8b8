import { TemplateError, typeError, Undefined, valueError } from "../error.ts";
import { callLookup } from "../lookup-call.ts";
import { indexOf, truth } from "../py-compare.ts";
import { PyDateTime } from "../py-datetime.ts";
import { update } from "../py-dict-methods.ts";
import { pyStr } from "../py-repr.ts";
import { type Invoke, PyFunction, PyRange, typeName } from "../py-types.ts";
import { Cycler, Namespace } from "../runtime-objects.ts";

/** The functions that every template knows (jinja2/defaults.py and Templar of ansible/template/__init__.py). */
export const GLOBALS: ReadonlyMap<string, PyFunction> = new Map(
  [
    define("range", "*args", (_run, args) => range(args as readonly unknown[])),
    define("dict", "*args **kwargs", (_run, args, kwargs) => {
      const made = new Map<unknown, unknown>();
      update(made, args as unknown[], kwargs as Map<unknown, unknown>);
      return made;
    }),
    define("lookup", "name *terms **kwargs", (run, name, terms, kwargs) =>
      callLookup(run, name, terms as unknown[], kwargs as Map<unknown, unknown>, false),
    ),
    define("query", "name *terms **kwargs", (run, name, terms, kwargs) =>
      callLookup(run, name, terms as unknown[], kwargs as Map<unknown, unknown>, true),
    ),
    define("q", "name *terms **kwargs", (run, name, terms, kwargs) =>
      callLookup(run, name, terms as unknown[], kwargs as Map<unknown, unknown>, true),
    ),
    define("now", "utc? fmt?", (run, utc = false, format = null) => {
      const now = PyDateTime.fromDate(run.engine.outside.now(), truth(utc));
      return format === null || format === "" ? now : now.strftime(pyStr(format));
    }),
    define(
      "undef",
      "hint?",
      (_run, hint = null) =>
        new Undefined(
          null,
          hint === null || hint instanceof Undefined || hint === ""
            ? "Mandatory variable has not been overridden"
            : pyStr(hint),
        ),
    ),
    define("namespace", "*args **kwargs", (_run, args, kwargs) => {
      const attributes = new Map<unknown, unknown>();
      update(attributes, args as unknown[], kwargs as Map<unknown, unknown>);
      return new Namespace(attributes);
    }),
    define("cycler", "*items", (_run, items) => new Cycler(items as readonly unknown[])),
    define("joiner", "sep?", (_run, separator = ", ") => joiner(pyStr(separator))),
    define("lipsum", "*args **kwargs", () => {
      throw new TemplateError(
        "runtime",
        "lipsum() is not supported: it makes random text that no run can repeat; write the text out",
      );
    }),
  ].map((callable) => [callable.name, callable]),
);

function define(name: string, params: string, invoke: Invoke): PyFunction {
  return new PyFunction(name, params.split(" "), invoke);
}

function range(args: readonly unknown[]): PyRange {
  if (args.length === 0) throw typeError("range expected at least 1 argument, got 0");
  if (args.length > 3) throw typeError(`range expected at most 3 arguments, got ${args.length}`);
  const numbers = args.map((arg) => {
    if (arg instanceof Undefined) arg.fail();
    const index = indexOf(arg);
    if (index === undefined)
      throw typeError(`'${typeName(arg)}' object cannot be interpreted as an integer`);
    return index;
  });
  const [first = 0, second, step = 1] = numbers;
  if (step === 0) throw valueError("range() arg 3 must not be zero");
  return second === undefined ? new PyRange(0, first, 1) : new PyRange(first, second, step);
}

function joiner(separator: string): PyFunction {
  let isUsed = false;
  return new PyFunction("joiner", [], () => {
    const text = isUsed ? separator : "";
    isUsed = true;
    return text;
  });
}
