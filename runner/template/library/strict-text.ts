import { TemplateError, typeError, Undefined } from "../error.ts";
import { typeName } from "../py-types.ts";

/** Text where Python's os.path takes nothing else. Throws its TypeError. */
export function pathText(value: unknown): string {
  if (typeof value === "string") return value;
  throw typeError(`expected str, bytes or os.PathLike object, not ${typeName(value)}`);
}

/** Text whose method Python calls without asking what it is. Throws its AttributeError. */
export function textWith(method: string, value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Undefined) return value.fail();
  throw new TemplateError("attribute", `'${typeName(value)}' object has no attribute '${method}'`);
}
