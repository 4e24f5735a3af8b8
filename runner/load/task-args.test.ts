import { describe, expect, it } from "vitest";
import type { Dict } from "../model/value.ts";
import { LoadError } from "./source.ts";
import { parseTaskAction } from "./task-args.ts";
import { plainValue } from "./testdata/plain-value.ts";
import { parseYaml } from "./yaml.ts";

const ORIGIN = { file: "f", line: 1, column: 1 };
const parse = (text: string) => parseTaskAction(parseYaml(text, "f") as Dict, ORIGIN);
const pairs = (args: Dict) => (plainValue(args) as { $dict: unknown[] }).$dict;

describe("the action of a task", () => {
  it.each<[string, string, unknown[]]>([
    [
      "copy: src=a dest='b c'",
      "copy",
      [
        ["src", "a"],
        ["dest", "b c"],
      ],
    ],
    [
      "copy: {src: a, mode: 0644}",
      "copy",
      [
        ["src", "a"],
        ["mode", 420],
      ],
    ],
    ["copy:\nargs: {src: a}", "copy", [["src", "a"]]],
    [
      "copy: src=x\nargs: {src: a, dest: b}",
      "copy",
      [
        ["src", "x"],
        ["dest", "b"],
      ],
    ],
    ["ping:", "ping", []],
    [
      "action: copy src=a dest=b",
      "copy",
      [
        ["src", "a"],
        ["dest", "b"],
      ],
    ],
    ["action: {module: copy, src: a}", "copy", [["src", "a"]]],
    [
      "action: {module: copy src=a, args: {dest: b}}",
      "copy",
      [
        ["src", "a"],
        ["dest", "b"],
      ],
    ],
    [
      "command: echo a=b chdir=/x",
      "command",
      [
        ["chdir", "/x"],
        ["_raw_params", "echo a=b"],
      ],
    ],
    [
      "ansible.builtin.shell: echo a=b creates=/x",
      "ansible.builtin.shell",
      [
        ["creates", "/x"],
        ["_raw_params", "echo a=b"],
      ],
    ],
    [
      "command: {cmd: echo hi, chdir: /}",
      "command",
      [
        ["chdir", "/"],
        ["_raw_params", "echo hi"],
      ],
    ],
    ["command: {argv: [a, b]}", "command", [["argv", ["a", "b"]]]],
    [
      "command: pwd\nargs: {chdir: /}",
      "command",
      [
        ["chdir", "/"],
        ["_raw_params", "pwd"],
      ],
    ],
    ["include_tasks: x.yml", "include_tasks", [["_raw_params", "x.yml"]]],
    ["meta: flush_handlers", "meta", [["_raw_params", "flush_handlers"]]],
    [
      "set_fact: a=1 b={{ c }}",
      "set_fact",
      [
        ["a", "1"],
        ["b", "{{ c }}"],
      ],
    ],
    ["copy: '{{ all_args }}'", "copy", [["_variable_params", "{{ all_args }}"]]],
    ["copy:\nargs: '{{ all_args }}'", "copy", [["_variable_params", "{{ all_args }}"]]],
  ])("of %j is %s", (text, action, args) => {
    const parsed = parse(text);
    expect(parsed.action).toBe(action);
    expect(pairs(parsed.args).sort()).toEqual([...args].sort());
  });

  it("is delegated to localhost by local_action", () => {
    expect(parse("local_action: command echo hi")).toMatchObject({
      action: "command",
      delegateTo: "localhost",
    });
    expect(parse("ping:\ndelegate_to: other").delegateTo).toBe("other");
  });

  it.each([
    ["name: x", "no module/action detected in task."],
    ["ping:\ncopy: src=a", "conflicting action statements: ping, copy"],
    ["action: ping\ncopy: src=a", "conflicting action statements: ping, copy"],
    ["action: ping\nlocal_action: ping", "action and local_action are mutually exclusive"],
    ["copy: [a]", "unexpected parameter type in action"],
    ["copy: src=a _ansible_x=1", "invalid parameter specified for action 'copy': '_ansible_x'"],
    ["copy:\nargs: text", "Complex args containing variables cannot use bare variables"],
    ["copy:\nargs: [1]", "Complex args must be a dictionary or variable string"],
    [
      "command: {cmd: a, _raw_params: b}",
      "The 'cmd' argument cannot be used when other raw parameters are specified.",
    ],
    ["ping: stray", "this task 'ping' has extra params"],
  ])("of %j is refused: %s", (text, message) => {
    expect(() => parse(text)).toThrow(LoadError);
    expect(() => parse(text)).toThrow(message);
  });
});
