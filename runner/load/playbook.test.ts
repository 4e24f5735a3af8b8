import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Node, Task } from "../model/play.ts";
import { dictOf } from "../model/value.ts";
import { flatten } from "./flatten.ts";
import { loadIncludedRole, loadIncludedTasks, resolveIncludePath } from "./include.ts";
import { findInstallation } from "./installation.ts";
import { listPlaybook, selectedByTags } from "./list.ts";
import { type LoadContext, loadPlaybook } from "./playbook.ts";
import { loadSettings } from "./settings.ts";
import { LoadError } from "./source.ts";

const TESTDATA = join(import.meta.dirname, "testdata");
const env = { ...process.env, ANSIBLE_CONFIG: "/nonexistent.cfg", HOME: "/nonexistent" };
const installation = findInstallation(env);

function createContext(
  extra: Partial<LoadContext> = {},
): LoadContext & { readonly warnings: string[] } {
  const warnings: string[] = [];
  return {
    settings: loadSettings({ env, cwd: TESTDATA }),
    extraVars: new Map(),
    installation,
    warn: (text) => warnings.push(text),
    // Stands for the template engine: names of variables, and nothing else.
    renderStatic: (text, vars) =>
      text.replace(/\{\{\s*(\w+)\s*\}\}/g, (_whole, name: string) => {
        if (!vars.has(name)) throw new Error(`'${name}' is undefined`);
        return String(vars.get(name));
      }),
    warnings,
    ...extra,
  };
}

const read = (name: string) => JSON.parse(readFileSync(join(TESTDATA, name), "utf8")) as unknown;

describe("listings", () => {
  const rows = read("expected-listings.json") as {
    playbook: string;
    options: string[];
    text: string;
  }[];
  it.each(rows.map((row) => [`${row.playbook} ${row.options.join(" ")}`, row] as const))(
    "are Ansible's for %s",
    (_title, row) => {
      const value = (name: string) => row.options[row.options.indexOf(name) + 1]?.split(",") ?? [];
      const playbook = loadPlaybook(
        join(TESTDATA, row.playbook),
        createContext({ keepRepeatedRoles: true }),
      );
      const text = listPlaybook(playbook, row.playbook, {
        render: (name) => (name.includes("{{") ? "all" : name),
        hosts: false,
        tasks: row.options.includes("--list-tasks"),
        tags: row.options.includes("--list-tags"),
        onlyTags: row.options.includes("--tags") ? value("--tags") : [],
        skipTags: row.options.includes("--skip-tags") ? value("--skip-tags") : [],
      });
      // Ansible prints the tags of a play in any order.
      const sorted = (listing: string) =>
        listing.replace(
          /(play #.*TAGS: \[)(.*)\]/g,
          (_all, head: string, tags: string) => `${head}${tags.split(",").sort().join(",")}]`,
        );
      expect(sorted(`${text}\n`)).toBe(sorted(row.text));
    },
  );
});

describe("broken playbooks", () => {
  const expected = read("expected-errors.json") as Record<string, string>;
  it("all have a reference", () => {
    expect(Object.keys(expected)).toEqual(readdirSync(join(TESTDATA, "errors")).sort());
  });

  it.each(Object.entries(expected))("fail as under Ansible: %s", (name, text) => {
    const error = errorOf(() => loadPlaybook(join(TESTDATA, "errors", name), createContext()));
    // Where Ansible names no place, skein may.
    const placed = text.includes("The error appears to be in");
    expect(essence(placed ? error.message : `ERROR! ${error.detail}`)).toBe(essence(text));
  });
});

/** The statement, the place and the excerpt: what comes behind is advice, which is worded anew. */
function essence(message: string): string {
  const plain = message.replaceAll(TESTDATA, "HERE").replaceAll("\n\n\n", "\n\n");
  if (!plain.includes("The error appears to be in"))
    return (
      plain
        .trim()
        .split("\n\n")[0]
        ?.replace(/\nIf you are using a module.*/s, "") ?? ""
    );
  return plain
    .replace(/(\^ here)[\s\S]*$/, "$1")
    .replace(/(following modules: ).*/, "$1")
    .trim();
}

function errorOf(run: () => unknown): LoadError {
  try {
    run();
  } catch (error) {
    if (error instanceof LoadError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

const tasksOf = (nodes: readonly Node[]): Task[] => flatten(nodes);

describe("a loaded playbook", () => {
  const playbook = loadPlaybook(join(TESTDATA, "playbooks/imports.yml"), createContext());
  const [first, second, third] = playbook.plays;

  it("has the plays of imported playbooks in place, with vars and tags of the import", () => {
    expect(playbook.plays.map((play) => play.hosts)).toEqual([
      "all",
      "a,b",
      "{{ target | default('all') }}",
    ]);
    expect(first?.vars.get("from_import")).toBe(1);
    expect(first?.tags).toEqual(["p", "outer"]);
  });

  it("gathers facts under the play's keywords, and always when the play has no tags", () => {
    expect(first?.setup).toMatchObject({
      name: "Gathering Facts",
      resolvedAction: "ansible.builtin.gather_facts",
      become: true,
      tags: ["p", "outer"],
    });
    expect(second?.setup.tags).toEqual(["always"]);
    expect(second?.gatherFacts).toBe(false);
  });

  it("merges conditions and tags from the outside in", () => {
    const copy = tasksOf(first?.sections[1].children ?? []).find((task) => task.action === "copy");
    expect(copy?.when.map((condition) => condition.source)).toEqual(["x", "y", "z"]);
    expect(copy?.tags).toEqual(["p", "outer", "blk"]);
    expect(copy?.args.get("mode")).toBe(420);
    expect(copy?.origin).toEqual({
      file: join(TESTDATA, "playbooks/site.yml"),
      line: 15,
      column: 11,
    });
  });

  it("keeps rescue and always apart, with imports replaced inside of them", () => {
    const block = first?.sections[1].children.find((node) => node.kind === "block");
    expect(
      block?.kind === "block" && block.rescue.map((node) => node.kind === "task" && node.action),
    ).toEqual(["ping"]);
    expect(
      block?.kind === "block" &&
        tasksOf(block.always).map((task) => [task.action, task.vars.map((vars) => vars.get("q"))]),
    ).toEqual([
      ["debug", [1]],
      ["command", [1]],
    ]);
  });

  it("gives imported roles the keywords of the import", () => {
    const imported = tasksOf(second?.sections[1].children ?? []).filter(
      (task) => task.role?.name === "web",
    );
    expect(imported.map((task) => task.name)).toEqual(["more", "inner"]);
    expect(imported[0]).toMatchObject({ tags: ["ir"], when: [{ source: false }] });
  });

  it("merges the files of a defaults directory", () => {
    expect(third?.roles.find((role) => role.name === "dir")?.defaults.get("a")).toBe(2);
  });

  it("leaves out a use of a role that can only repeat an earlier one", () => {
    const uses = tasksOf(third?.sections[1].children ?? []).filter(
      (task) => task.role?.name === "web",
    );
    // With vars, with a condition, plain; the second plain one is the first again.
    expect(uses.map((task) => [task.name, task.when.length])).toEqual([
      ["x", 0],
      ["x", 1],
      ["x", 0],
    ]);
    expect(
      third?.roles.filter((role) => role.name === "web").map((role) => role.vars.get("x")),
    ).toEqual([1, undefined, undefined, undefined]);
  });

  it("resolves actions to modules of ansible-core and of collections", () => {
    const tasks = tasksOf(first?.sections[1].children ?? []);
    const rows = tasks.map((task) => [
      task.action,
      task.resolvedAction,
      task.modulePath?.split("/").at(-1),
    ]);
    expect(rows).toContainEqual(["copy", "ansible.builtin.copy", "copy.py"]);
    expect(rows).toContainEqual(["shell", "ansible.builtin.shell", "command.py"]);
    expect(rows).toContainEqual(["debug", "ansible.builtin.debug", undefined]);
    if (existsSync(join(installation.root, "../ansible_collections/community/general"))) {
      expect(rows).toContainEqual(["ini_file", "community.general.ini_file", "ini_file.py"]);
    }
  });

  it("has the handlers of roles before those of the play", () => {
    expect(first?.handlers.map((task) => [task.name, task.isHandler, task.listen])).toEqual([
      ["rh", true, []],
      ["h", true, ["foo"]],
    ]);
  });
});

describe("includes at run time", () => {
  const context = createContext();
  const playbook = loadPlaybook(join(TESTDATA, "playbooks/site.yml"), context);
  const tasks = tasksOf(playbook.plays[0]?.sections[1].children ?? []);
  const includeTasks = tasks.find((task) => task.action === "include_tasks") as Task;
  const includeRole = tasks.find((task) => task.action === "include_role") as Task;

  it("find the file beside the playbook", () => {
    expect(resolveIncludePath("t.yml", includeTasks, context)).toBe(
      join(TESTDATA, "playbooks/t.yml"),
    );
  });

  it("inherit from the blocks around the include, and get its vars and apply", () => {
    const apply = dictOf({ tags: ["applied"], become: false, vars: dictOf({ z: 2 }) });
    const block = loadIncludedTasks(join(TESTDATA, "playbooks/t.yml"), includeTasks, context, {
      vars: dictOf({ item: 1 }),
      apply,
    });
    const [debug] = tasksOf(block.children);
    expect(debug).toMatchObject({ action: "debug", become: false, tags: ["p", "applied"] });
    expect(debug?.vars.map((vars) => [...vars])).toEqual([[["item", 1]], [["z", 2]]]);
    expect(debug?.includeVars?.map((vars) => [...vars])).toEqual([[["item", 1]]]);
    expect(
      loadIncludedTasks(join(TESTDATA, "playbooks/t.yml"), includeTasks, context).children,
    ).toHaveLength(2);
  });

  it("load roles with their dependencies and handlers", () => {
    const { block, role, handlers } = loadIncludedRole(
      includeRole,
      dictOf({ name: "web" }),
      context,
    );
    expect(tasksOf(block.children).map((task) => task.role?.name)).toEqual([
      "common",
      "common",
      "web",
    ]);
    expect(role).toMatchObject({ name: "web", isPrivate: true });
    expect(handlers.map((task) => task.name)).toEqual(["rh"]);
    expect(() => loadIncludedRole(includeRole, dictOf({ name: "nope" }), context)).toThrow(
      "the role 'nope' was not found",
    );
    expect(() =>
      loadIncludedRole(includeRole, dictOf({ name: "web", tasks_from: "../../x" }), context),
    ).toThrow("Could not find specified file in role: tasks/../../x");
  });

  it("refuse keywords that an include does not have", () => {
    const apply = dictOf({ register: "x" });
    expect(() =>
      loadIncludedTasks(join(TESTDATA, "playbooks/t.yml"), includeTasks, context, { apply }),
    ).toThrow("'register' is not a valid attribute for a Block");
  });
});

describe("tags", () => {
  const rows: readonly (readonly [string, string[], string[], string[], boolean])[] = [
    ["run untagged tasks by default", [], [], [], true],
    ["do not run never by default", ["never"], [], [], false],
    ["run never when another of its tags is asked for", ["never", "a"], ["a"], [], true],
    ["run always whatever is asked for", ["always"], ["a"], [], true],
    ["skip always when it is named", ["always"], ["a"], ["always"], false],
    ["keep always under --skip-tags all", ["always"], [], ["all"], true],
    ["leave out tasks with another tag", ["b"], ["a"], [], false],
    ["select tagged", ["b"], ["tagged"], [], true],
    ["select untagged", [], ["untagged"], [], true],
    ["skip tagged", ["b"], [], ["tagged"], false],
    ["skip untagged", [], [], ["untagged"], false],
  ];
  it.each(rows)("%s", (_title, tags, only, skip, runs) => {
    expect(selectedByTags(tags, only, skip)).toBe(runs);
  });
});
