import type { Loop, Task } from "../model/play.ts";
import { type Dict, isDict, PyTuple, UnsafeText, type Value } from "../model/value.ts";
import type { Environment } from "../template/environment.ts";
import { TemplateError } from "../template/error.ts";
import { copyMarks, isKept, markKept } from "../template/kept-text.ts";
import { pyStr } from "../template/py-repr.ts";
import type { VarScope } from "../vars/scope.ts";
import { isTrue, textOf } from "./values.ts";

/**
 * The items of a task's loop, or undefined when it has none (ansible/executor/task_executor.py, _get_loop_items).
 *
 * @throws TemplateError when the loop cannot be rendered; Error when `loop` is not a list.
 */
export function loopItems(
  task: Task,
  scope: VarScope,
  environment: Environment,
): readonly Value[] | undefined {
  const { loop } = task;
  if (loop === undefined) return undefined;
  const value = renderLoop(task, loop, scope, environment);
  if (loop.lookup === undefined) {
    if (Array.isArray(value)) return withoutTuples(value);
    throw new Error(
      `Invalid data passed to 'loop', it requires a list, got this instead: ${pyStr(value)}. Hint: If you passed a list/dict of just one element, try adding wantlist=True to your lookup invocation or use q/query instead of lookup.`,
    );
  }
  // A bare value is a list of one, but a dict goes to the lookup as it is (ansible/utils/listify.py).
  const terms = Array.isArray(value) || isDict(value) ? value : asTerms(value);
  const items = environment.runLookup(loop.lookup, terms, new Map(), scope);
  // Items that are tuples in Python are lists by the time a task sees them.
  return withoutTuples(items);
}

function withoutTuples(items: readonly Value[]): readonly Value[] {
  if (!items.some((item) => item instanceof PyTuple)) return items;
  const lists = items.map((item) => (item instanceof PyTuple ? asList(item) : item));
  copyMarks(items, lists);
  return lists;
}

function renderLoop(task: Task, loop: Loop, scope: VarScope, environment: Environment): Value {
  if (loop.lookup === undefined || !/^(ansible\.builtin\.)?first_found$/.test(loop.lookup))
    return environment.renderValue(loop.value, scope, task.origin, { boxed: true });
  return withoutUndefined(loop.value, (value) =>
    environment.renderValue(value, scope, task.origin),
  );
}

/** Names of files that cannot be rendered are files that are not there. */
function withoutUndefined(value: Value, renderOne: (value: Value) => Value): Value {
  if (Array.isArray(value)) return value.map((item) => withoutUndefined(item, renderOne));
  if (isDict(value))
    return new Map([...value].map(([key, item]) => [key, withoutUndefined(item, renderOne)]));
  try {
    return renderOne(value);
  } catch (error) {
    if (error instanceof TemplateError && error.kind === "undefined") return "";
    throw error;
  }
}

function asTerms(value: Value): readonly Value[] {
  if (!(value instanceof UnsafeText)) return [value];
  const terms: Value[] = [value.text];
  markKept(terms, 0);
  return terms;
}

function asList(tuple: PyTuple): Value[] {
  const list = Array.from(tuple);
  copyMarks(tuple, list);
  return list;
}

/** The task with the templates of its loop_control rendered; the same task when there are none. */
export function withLoopControl(task: Task, scope: VarScope, environment: Environment): Task {
  const { loopVar, indexVar, extended, extendedAllItems } = task.loopControl;
  const isTemplate = (value: unknown): value is string =>
    typeof value === "string" && value.includes("{");
  if (![loopVar, indexVar, extended, extendedAllItems].some(isTemplate)) return task;
  const render = (value: string): Value => environment.renderValue(value, scope, task.origin);
  const name = (value: string): string => (isTemplate(value) ? textOf(render(value)) : value);
  const isOn = (value: boolean | string): boolean =>
    typeof value === "string" ? isTrue(render(value)) : value;
  return {
    ...task,
    loopControl: {
      ...task.loopControl,
      loopVar: name(loopVar),
      indexVar: indexVar === undefined ? undefined : name(indexVar),
      extended: isOn(extended),
      ...(extendedAllItems === undefined ? {} : { extendedAllItems: isOn(extendedAllItems) }),
    },
  };
}

/** The loop variables of one item, final values; an item that stays text (to_json made it) is UnsafeText. */
export function loopLocals(
  task: Task,
  items: readonly Value[],
  index: number,
): ReadonlyMap<string, unknown> {
  const { loopVar, indexVar, extended, extendedAllItems } = task.loopControl;
  const locals = new Map<string, unknown>([
    ["ansible_loop_var", loopVar],
    [loopVar, isKept(items, index) ? new UnsafeText(items[index] as string) : items[index]],
  ]);
  if (indexVar !== undefined) {
    locals.set("ansible_index_var", indexVar);
    locals.set(indexVar, index);
  }
  if (extended) locals.set("ansible_loop", extendedLoop(items, index, extendedAllItems !== false));
  return locals;
}

function extendedLoop(items: readonly Value[], index: number, all: boolean): Dict {
  const loop = new Map<Value, Value>([
    ...(all ? ([["allitems", items as Value[]]] as const) : []),
    ["index", index + 1],
    ["index0", index],
    ["first", index === 0],
    ["last", index + 1 === items.length],
    ["length", items.length],
    ["revindex", items.length - index],
    ["revindex0", items.length - index - 1],
  ]);
  if (index + 1 < items.length) neighbour("nextitem", index + 1);
  if (index > 0) neighbour("previtem", index - 1);
  return loop;

  function neighbour(name: string, at: number): void {
    loop.set(name, items[at]!);
    if (isKept(items, at)) markKept(loop, name);
  }
}
