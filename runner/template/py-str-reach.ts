import { TemplateError, Undefined } from "./error.ts";
import { PyObject, typeName } from "./py-types.ts";

/** An attribute inside `"{0.name}".format(...)`, where Python looks at attributes only. Throws AttributeError. */
export function formatAttribute(value: unknown, name: string): unknown {
  if (value instanceof Undefined) return value;
  const found = value instanceof PyObject ? value.pyGet(name) : undefined;
  if (found === undefined) {
    throw new TemplateError("attribute", `'${typeName(value)}' object has no attribute '${name}'`);
  }
  return found;
}
