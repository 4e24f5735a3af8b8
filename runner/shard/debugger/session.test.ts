import { describe, expect, it } from "vitest";
import type { Task } from "../../model/play.ts";
import { type Dict, dictOf, type Value } from "../../model/value.ts";
import type { DebugCommand } from "../../pool/messages.ts";
import { createEnvironment, MISSING } from "../../template/environment.ts";
import { createScope } from "../../vars/scope.ts";
import { createDebugSession, type DebugSession, type DebugWorld } from "./session.ts";

const environment = createEnvironment();
const PLAY_VARS: Dict = dictOf({
  word: "bash",
  nested: dictOf({ list: [1, 2], own: "{{ word }}" }),
  reads: "{{ word }} {{ inventory_hostname }}",
});
const FACTS: Dict = dictOf({ sent: "{{ word }}", inventory_hostname: "a" });

const world: DebugWorld = {
  environment,
  scope: (_task, vars) =>
    createScope({
      environment,
      layers: [
        { vars, final: false },
        { vars: FACTS, final: true },
        { vars: PLAY_VARS, final: false },
      ],
      magic: () => MISSING,
      magicNames: [],
      context: { searchPaths: [], cwd: "/" },
    }),
  args: (task, scope) => environment.renderValue(task.args, scope, task.origin) as Dict,
};

const TASK = {
  name: "install {{ word }}",
  action: "apt",
  args: dictOf({ name: "{{ word }}", list: ["{{ reads }}"] }),
  isHandler: false,
  when: [{ source: "word is defined" }],
  tags: ["t"],
  vars: [],
  environment: [],
  notify: [],
  origin: { file: "site.yml", line: 1, column: 1 },
} as unknown as Task;

function open(
  task: Partial<Task> = {},
  result: Dict = dictOf({ msg: "failed", rc: 1 }),
): DebugSession {
  const ran = { ...TASK, ...task };
  return createDebugSession(world, "a", { task: ran, original: ran, vars: new Map() }, result);
}

/** What a session answers to lines, each with its command in front. */
function answers(session: DebugSession, lines: readonly string[]): readonly string[] {
  return lines.map((line) => {
    const [command, ...rest] = line.split(" ");
    return session.hear(command as DebugCommand, rest.join(" "));
  });
}

describe("the prompt of the debugger", () => {
  it.each([
    [{}, "[a] TASK: install bash (debug)> "],
    [{ name: undefined }, "[a] TASK: apt (debug)> "],
    [{ isHandler: true, name: "restart" }, "[a] HANDLER: restart (debug)> "],
    [{ name: "x {{ nowhere }}" }, "[a] TASK: x {{ nowhere }} (debug)> "],
  ] as [Partial<Task>, string][])("of %j is %j", (task, prompt) => {
    expect(open(task).prompt).toBe(prompt);
  });
});

// The words of errors are Python's (3.11), those behind "*** " our own.
describe("the debugger shows", () => {
  it.each([
    ["task", "TASK: install bash"],
    ["host", "a"],
    ["task.name", "'install bash'"],
    ["task.args", "{'list': ['bash a'], 'name': 'bash'}"],
    ["task.args['list'][-1]", "'bash a'"],
    ["task.when", "['word is defined']"],
    ["task.register", "None"],
    ["result._result", "{'msg': 'failed', 'rc': 1}"],
    ["result._result['rc']", "1"],
    ["result._host", "a"],
    ["task_vars['reads']", "'{{ word }} {{ inventory_hostname }}'"],
    ["task_vars['nested']['list'][1]", "2"],
    ["('a', 1, [True, None], {'k': -1.5})", "('a', 1, [True, None], {'k': -1.5})"],
    ["'it\\'s', \"x\"", "(\"it's\", 'x')"],
    ["nowhere", "***NameError:NameError(\"name 'nowhere' is not defined\")"],
    [
      "task.nothing",
      "***AttributeError:AttributeError(\"'Task' object has no attribute 'nothing'\")",
    ],
    ["task_vars['nothing']", "***KeyError:KeyError('nothing')"],
    ["task.args['list'][3]", "***IndexError:IndexError('list index out of range')"],
    [
      "task.args['list']['x']",
      "***TypeError:TypeError('list indices must be integers or slices, not str')",
    ],
    ["1[0]", "***TypeError:TypeError(\"'int' object is not subscriptable\")"],
    ["", "***SyntaxError:SyntaxError('unexpected EOF while parsing')"],
    ["task.args[", "***SyntaxError:SyntaxError('unexpected EOF while parsing')"],
    [
      "len(task.args)",
      "*** names, attributes (task.args), items (task_vars['x']) and literals are understood here, not '(' at column 4",
    ],
    [
      "1 + 1",
      "*** names, attributes (task.args), items (task_vars['x']) and literals are understood here, not '+' at column 3",
    ],
    [
      "[x for x in y]",
      "*** names, attributes (task.args), items (task_vars['x']) and literals are understood here, not 'for' at column 4",
    ],
  ])("for %s: %s", (text, shown) => {
    expect(open().hear("print", text)).toBe(shown);
  });

  it("the variables by name, those set in it among them", () => {
    const session = open();
    session.hear("execute", "task_vars['added'] = 1");
    const shown = session.hear("print", "task_vars");
    expect(shown.split("\n").map((line) => line.trim())).toEqual([
      "{'added': 1,",
      "'inventory_hostname': 'a',",
      "'nested': {'list': [1, 2], 'own': '{{ word }}'},",
      "'reads': '{{ word }} {{ inventory_hostname }}',",
      "'sent': '{{ word }}',",
      "'word': 'bash'}",
    ]);
  });

  it("nothing of a result that no_log hides", () => {
    const session = open({}, dictOf({ msg: "secret", _ansible_no_log: true }));
    expect(session.hear("print", "result._result")).not.toContain("secret");
  });

  it("a bare expression as it is, and nothing for None", () => {
    expect(answers(open(), ["execute task.args", "execute task.register"])).toEqual([
      "{'name': 'bash', 'list': ['bash a']}",
      "",
    ]);
  });
});

describe("a task that is put again", () => {
  it("has its arguments as they were rendered", () => {
    expect(open().again().task.args).toEqual(dictOf({ name: "bash", list: ["bash a"] }));
  });

  it("has what was assigned, and the playbook's own task stays as it is", () => {
    const session = open({ args: dictOf({ name: "{{ nowhere }}", deep: dictOf({ x: 1 }) }) });
    const said = answers(session, [
      "execute task.args['name'] = '{{ word }}'",
      "execute task.args['deep']['x'] = 2",
      "execute task_vars['nested']['list'][0] = 'one'",
      "execute task_vars['word'] = 'zsh'",
      "execute mine = task_vars['nested']",
      "execute mine['own'] = 3",
    ]);
    expect(said).toEqual(["", "", "", "", "", ""]);
    const { task, vars } = session.again();
    expect(task.args).toEqual(dictOf({ name: "{{ word }}", deep: dictOf({ x: 2 }) }));
    expect(vars.get("word")).toBe("zsh");
    expect((vars.get("nested") as Dict).get("list")).toEqual(["one", 2]);
    expect(PLAY_VARS.get("nested")).toEqual(dictOf({ list: [1, 2], own: "{{ word }}" }));
  });

  it("is taken anew from the playbook with the new variables by update_task", () => {
    const session = open();
    answers(session, [
      "execute task.args['state'] = 'absent'",
      "execute task_vars['word'] = 'zsh'",
      "update",
    ]);
    expect(session.again().task.args).toEqual(dictOf({ name: "zsh", list: ["zsh a"] }));
  });

  it("never renders what came from outside", () => {
    const session = open({ args: dictOf({ a: "{{ sent }}" }) }, dictOf({ msg: "{{ word }}" }));
    answers(session, [
      "execute task.args['b'] = task_vars['sent']",
      "execute task.args['c'] = result._result['msg']",
    ]);
    const { task } = session.again();
    const rendered = environment.renderValue(task.args, world.scope(task, new Map()));
    expect(rendered).toEqual(dictOf({ a: "{{ word }}", b: "{{ word }}", c: "{{ word }}" }));
  });

  it.each([
    "task = 1",
    "task.name = 'x'",
    "result._result['rc'] = 0",
    "host['x'] = 1",
    "task.when[0] = 'x'",
  ])("does not take %s", (text) => {
    const session = open();
    expect(session.hear("execute", text)).toMatch(
      /^\*\*\* what can be changed here are task\.args/,
    );
    expect(session.again().task.name).toBe("install bash");
  });

  it.each([
    ["task.args = 1", "*** the arguments of a task are a dictionary"],
    ["task.args = {'x': 1}", ""],
    [
      "task.args['x'] = task",
      "*** TASK: install bash is no value that a task or variable can have",
    ],
    ["1 = 2", '***SyntaxError:SyntaxError("cannot assign to literal")'],
    [
      "task_vars['word']['x'] = 1",
      "***TypeError:TypeError(\"'str' object does not support item assignment\")",
    ],
  ])("answers %s with %j", (text, shown) => {
    expect(open().hear("execute", text)).toBe(shown);
  });
});

describe("the arguments of a loop", () => {
  it("are shown as they are written", () => {
    const loop = { lookup: undefined, value: ["x"] as Value[] };
    const session = open({ loop, args: dictOf({ name: "{{ item }}" }) });
    expect(session.hear("print", "task.args")).toBe("{'name': '{{ item }}'}");
  });
});
