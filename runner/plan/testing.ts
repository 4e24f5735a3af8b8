import type { Block, Node, Play, Task } from "../model/play.ts";
import type { HostStats } from "../model/result.ts";

/** Builders for tests of plan and strategy: plays made of named tasks, with nothing behind them. */

let ids = 0;
const origin = { file: "test.yml", line: 1, column: 1 };

export function nextId(): number {
  return ++ids;
}

export function task(name: string, more: Partial<Task> = {}): Task {
  return {
    kind: "task",
    id: nextId(),
    origin,
    name,
    action: "command",
    resolvedAction: "ansible.builtin.command",
    modulePath: undefined,
    args: new Map(),
    moduleDefaults: [],
    isHandler: false,
    listen: [],
    role: undefined,
    vars: [],
    when: [],
    tags: [],
    register: undefined,
    loop: undefined,
    loopControl: {
      loopVar: "item",
      indexVar: undefined,
      label: undefined,
      pause: undefined,
      extended: false,
    },
    until: [],
    retries: undefined,
    delay: undefined,
    changedWhen: [],
    failedWhen: [],
    ignoreErrors: undefined,
    ignoreUnreachable: undefined,
    noLog: undefined,
    runOnce: undefined,
    anyErrorsFatal: undefined,
    checkMode: undefined,
    diff: undefined,
    become: undefined,
    becomeUser: undefined,
    becomeMethod: undefined,
    becomeExe: undefined,
    becomeFlags: undefined,
    connection: undefined,
    remoteUser: undefined,
    port: undefined,
    timeout: undefined,
    throttle: undefined,
    environment: [],
    delegateTo: undefined,
    delegateFacts: undefined,
    notify: [],
    ...more,
  };
}

export function block(children: readonly Node[], more: Partial<Block> = {}): Block {
  return {
    kind: "block",
    id: nextId(),
    origin,
    name: undefined,
    children,
    rescue: [],
    always: [],
    role: undefined,
    ...more,
  };
}

export function play(
  tasks: readonly Node[],
  handlers: readonly Task[] = [],
  more: Partial<Play> = {},
): Play {
  return {
    id: nextId(),
    origin,
    name: "play",
    hosts: "all",
    vars: new Map(),
    varsFiles: [],
    roles: [],
    gatherFacts: false,
    setup: task("Gathering Facts"),
    sections: [block([]), block(tasks), block([])],
    handlers,
    strategy: "linear",
    serial: [],
    maxFailPercentage: undefined,
    anyErrorsFatal: false,
    order: "inventory",
    forceHandlers: undefined,
    throttle: 0,
    ...more,
  };
}

export function emptyStats(): HostStats {
  return { ok: 0, changed: 0, unreachable: 0, failures: 0, skipped: 0, rescued: 0, ignored: 0 };
}
