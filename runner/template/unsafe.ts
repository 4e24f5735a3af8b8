/*
 * Text that came from outside (results of modules, facts, `!unsafe`) is marked in Ansible by its class, and what a template makes
 * of it is marked again (AnsibleUnsafe of ansible/utils/unsafe_proxy.py, AnsibleContext of ansible/template/__init__.py). Here text
 * is plain, so that it costs nothing; instead, whoever hands out such a value says so while a template is rendered, and whoever
 * must know asks for it. Rendering is synchronous, so that one flag is enough.
 */
let touched = false;

/** Says that the value that is being read came from outside. */
export function touchUnsafe(): void {
  touched = true;
}

/** Runs something that renders, and tells whether it read a value from outside. */
export function trackUnsafe<T>(run: () => T): { readonly value: T; readonly unsafe: boolean } {
  const before = touched;
  touched = false;
  try {
    const value = run();
    return { value, unsafe: touched };
  } finally {
    touched ||= before;
  }
}

/** Whether a value is text, or holds any: numbers and booleans from outside do no harm. */
export function holdsText(value: unknown): boolean {
  if (typeof value === "string") return true;
  if (Array.isArray(value)) return value.some(holdsText);
  if (!(value instanceof Map)) return value !== null && typeof value === "object";
  for (const [key, item] of value) if (holdsText(key) || holdsText(item)) return true;
  return false;
}
