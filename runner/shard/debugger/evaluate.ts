import { isDict, PyTuple, UnsafeText, type Value } from "../../model/value.ts";
import { pyRepr, reprString } from "../../template/py-repr.ts";
import { PyObject, tupleOf, typeName } from "../../template/py-types.ts";
import { type Expression, PythonError } from "./expression.ts";

/** Names to what they stand for: values, and objects that exist in the debugger alone. */
export type Names = (name: string) => unknown;

/** The value of an expression. @throws PythonError for what is not there. */
export function evaluate(expression: Expression, names: Names): unknown {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "name": {
      const value = names(expression.name);
      if (value === undefined)
        throw new PythonError("NameError", reprString(`name '${expression.name}' is not defined`));
      return value;
    }
    case "attribute":
      return attributeOf(evaluate(expression.of, names), expression.name);
    case "item":
      return itemOf(evaluate(expression.of, names), evaluate(expression.key, names));
    case "list": {
      const items = expression.items.map((item) => plain(evaluate(item, names)));
      return expression.isTuple ? tupleOf(items) : items;
    }
    case "dict":
      return new Map(
        expression.entries.map(
          ([key, value]) => [plain(evaluate(key, names)), plain(evaluate(value, names))] as const,
        ),
      );
  }
}

/** A value that a playbook can have. @throws Error for an object of the debugger. */
export function plain(value: unknown): Value {
  if (value instanceof PyObject)
    throw new Error(`${value.pyRepr()} is no value that a task or variable can have`);
  return value as Value;
}

/** Puts a value under a key of a dict or list. @throws PythonError for other containers and for indices that are not there. */
export function setItem(container: unknown, key: Value, value: Value): void {
  if (isDict(container)) {
    container.set(textKey(key), value);
    return;
  }
  if (Array.isArray(container) && !(container instanceof PyTuple)) {
    container[indexIn(container, key, "list assignment index out of range")] = value;
    return;
  }
  throw new PythonError(
    "TypeError",
    reprString(`'${typeName(container)}' object does not support item assignment`),
  );
}

function attributeOf(value: unknown, name: string): unknown {
  const found = value instanceof PyObject ? value.pyGet(name) : undefined;
  if (found !== undefined) return found;
  throw new PythonError(
    "AttributeError",
    reprString(`'${typeName(value)}' object has no attribute '${name}'`),
  );
}

function itemOf(value: unknown, key: unknown): unknown {
  if (isDict(value)) {
    const found = value.get(textKey(plain(key)));
    if (found === undefined) throw new PythonError("KeyError", pyRepr(key));
    return found;
  }
  if (Array.isArray(value)) {
    const what = value instanceof PyTuple ? "tuple" : "list";
    return value[indexIn(value, key, `${what} index out of range`)];
  }
  const text = value instanceof UnsafeText ? value.text : value;
  if (typeof text === "string") {
    const characters = [...text];
    return characters[indexIn(characters, key, "string index out of range")];
  }
  throw new PythonError(
    "TypeError",
    reprString(`'${typeName(value)}' object is not subscriptable`),
  );
}

function textKey(key: Value): Value {
  return key instanceof UnsafeText ? key.text : key;
}

function indexIn(items: readonly unknown[], key: unknown, outside: string): number {
  if (typeof key !== "number" || !Number.isInteger(key)) {
    throw new PythonError(
      "TypeError",
      reprString(`list indices must be integers or slices, not ${typeName(key)}`),
    );
  }
  const index = key < 0 ? key + items.length : key;
  if (index < 0 || index >= items.length) throw new PythonError("IndexError", reprString(outside));
  return index;
}
