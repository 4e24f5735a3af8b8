import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { runBoth } from "./harness/reference-ansible.ts";
import { runCli } from "./harness/run-cli.ts";

const HOSTS = "localhost ansible_connection=local ansible_python_interpreter=/usr/bin/python3\n";

const FILTERS = `
import collections, datetime, os, time
from ansible.errors import AnsibleFilterError
from jinja2.filters import pass_context, pass_environment

def throw(error):
    raise error

@pass_environment
def environment(env, value):
    return type(env).__name__

@pass_context
def variable(context, name):
    return context.get(name)

class FilterModule(object):
    def filters(self):
        return {
            "shout": lambda value, mark="!": str(value) + mark,
            "generator": lambda value: (item for item in value),
            "views": lambda value: value.keys(),
            "tuple": tuple,
            "integer": lambda value: 2 ** 100,
            "floating": float,
            "nothing": lambda value: None,
            "moment": lambda value: datetime.datetime(2020, 1, 2, 3, 4, 5),
            "deque": collections.deque,
            "walk": lambda value: [item for item in value],
            "name": lambda value: type(value).__name__,
            "environment": environment,
            "variable": variable,
            "to_uuid": lambda value: "replaced " + value,
            "value_error": lambda value: throw(ValueError("bad " + value)),
            "filter_error": lambda value: throw(AnsibleFilterError("no " + value)),
            "os_error": lambda value: throw(OSError("broken " + value)),
            "type_error": lambda value: 1 + value,
            "hang": lambda value: time.sleep(1000),
            "leave": lambda value: os._exit(3),
        }
`;

const LOOKUPS = `
from ansible.errors import AnsibleError, AnsibleLookupError
from ansible.plugins.lookup import LookupBase

class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        what = terms[0]
        if what == "error":
            raise AnsibleError("an error")
        if what == "lookup error":
            raise AnsibleLookupError("a lookup error")
        if what == "value error":
            raise ValueError("a value error")
        if what == "variable":
            return [variables[terms[1]]]
        if what == "template":
            return [self._templar.template(variables[terms[1]])]
        if what == "names":
            return sorted(name for name in variables if name.startswith("own_"))
        if what == "keywords":
            return [kwargs]
        if what == "warning":
            self._display.warning("a warning of a lookup")
        return terms
`;

const VARS = `
from ansible.plugins.vars import BaseVarsPlugin

class VarsModule(BaseVarsPlugin):
    def get_vars(self, loader, path, entities, cache=True):
        super(VarsModule, self).get_vars(loader, path, entities)
        found = {"text": "{{ inventory_hostname }}", "both": "plugin"}
        for entity in entities if isinstance(entities, list) else [entities]:
            found["of_" + entity.name] = type(entity).__name__
            found["last"] = entity.name
        return found
`;

const MISBEHAVING = `
import os, signal, subprocess, sys, time
from ansible.plugins.action import ActionBase

class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        what = self._task.args["what"]
        if what == "exit":
            sys.exit(3)
        if what == "leave":
            os._exit(3)
        if what == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "hang":
            subprocess.Popen(["sleep", "4321"])
            time.sleep(1000)
        if what == "endless":
            nested = {}
            nested["self"] = nested
            return nested
        result["what"] = what
        return result
`;

const FILES = {
  "hosts.ini": HOSTS,
  "filter_plugins/own.py": FILTERS,
  "test_plugins/own.py":
    "class TestModule(object):\n    def tests(self):\n        return {'even': lambda value: value % 2 == 0}\n",
  "lookup_plugins/own.py": LOOKUPS,
  "roles/one/filter_plugins/one.py":
    "class FilterModule(object):\n    def filters(self):\n        return {'of_role': lambda value: 'role ' + value}\n",
  "roles/one/lookup_plugins/one.py":
    "from ansible.plugins.lookup import LookupBase\nclass LookupModule(LookupBase):\n    def run(self, terms, variables=None, **kwargs):\n        return ['one ' + term for term in terms]\n",
  "roles/one/tasks/main.yml":
    "- debug: msg=\"{{ 'x' | of_role }} {{ lookup('one', 'y') }}\"\n- debug: msg=\"{{ item }}\"\n  with_one: [a, b]\n",
};

/** One play that prints each of these, whatever becomes of the ones before. */
function playOf(texts: readonly string[], more = ""): string {
  const tasks = texts.map(
    (text) => `    - debug: {msg: ${JSON.stringify(text)}}\n      ignore_errors: true\n`,
  );
  return `- hosts: localhost\n  gather_facts: false\n  vars: {own_a: "{{ own_b }}!", own_b: b}\n  tasks:\n${tasks.join("")}${more}`;
}

const SAME: readonly (readonly [string, string])[] = [
  [
    "filters, with arguments, over lists, and in the place of built-in ones",
    playOf([
      "{{ 'a' | shout }} {{ 'a' | shout(mark='?') }} {{ ['a'] | map('shout', '#') | list }}",
      "{{ 'x' | to_uuid }}",
      "{{ 'x' is even }}",
      "{{ [1, 2, 3, 4] | select('even') | list }} {{ 4 is even }}",
    ]),
  ],
  [
    "results of all kinds",
    playOf([
      "{{ [1, 2] | generator }}",
      "{{ {'a': 1} | views }}",
      "{{ [1, 2] | tuple }} {{ 1 | integer }} {{ 1 | floating }}",
      "{{ [1 | nothing, 1 | floating, 1 | integer, [1] | tuple] }}",
      "{{ 1 | moment }} {{ (1 | moment).year }}",
      "{{ [1, 2] | deque }} {{ [1, 2] | deque | walk }}",
    ]),
  ],
  [
    "arguments of all kinds",
    playOf([
      "{{ [1.5, 1, 'a', true, none, (1,), {}, []] | map('name') | list }}",
      "{{ now() | name }} {{ gone | name }} {{ 2 ** 70 | name }}",
    ]),
  ],
  [
    "filters that want Jinja's environment or its context",
    playOf(["{{ 1 | environment }} {{ 'own_a' | variable }} {{ 'gone' | variable }}"]),
  ],
  [
    "lookups, which read variables",
    playOf([
      "{{ lookup('own', 'x', 'y') }} {{ query('own', 'keywords', a=1) }}",
      "{{ lookup('own', 'variable', 'own_a') }} {{ lookup('own', 'template', 'own_a') }}",
      "{{ query('own', 'names') }} {{ lookup('own', 'variable', 'inventory_hostname') }}",
    ]),
  ],
  [
    "plugins of roles",
    "- hosts: localhost\n  gather_facts: false\n  roles: [one]\n- hosts: localhost\n  gather_facts: false\n  tasks:\n    - include_role: {name: one}\n",
  ],
];

describe("plugins in Python", () => {
  it.each(SAME)("do the same as in ansible-playbook: %s", async (_title, play) => {
    const files = { ...FILES, "site.yml": play };
    const { skein, ansible } = await runBoth({ args: ["-i", "hosts.ini", "site.yml"], files });
    expect(skein.stdout).toBe(ansible.stdout);
    expect(skein.exitCode).toBe(ansible.exitCode);
  });

  it("fail in Ansible's words", async () => {
    const site = playOf([
      "{{ 'x' | filter_error }}",
      "{{ 'x' | os_error }}",
      "{{ 'x' | type_error }}",
      "{{ 'x' | a.b.c }}",
      "{{ 'x' | honk }}",
      "{{ lookup('own', 'error') }}",
      "{{ lookup('own', 'lookup error') }}",
      "{{ lookup('own', 'value error') }}",
      "{{ lookup('own', 'value error', errors='ignore') }}",
      "{{ lookup('honk') }}",
    ]);
    const loops = ["error", "lookup error", "value error"].map(
      (term) => `    - debug: {msg: x}\n      with_own: ["${term}"]\n      ignore_errors: true\n`,
    );
    const files = { ...FILES, "site.yml": site + loops.join("") };
    const { skein, ansible } = await runBoth({ args: ["-i", "hosts.ini", "site.yml"], files });
    expect(skein.stdout).toBe(ansible.stdout);
  });

  it("that hang or leave end in one failed task, and the next is served", async () => {
    const site = playOf([
      "{{ 1 | hang }}",
      "{{ 1 | shout }}",
      "{{ 1 | leave }}",
      "{{ 2 | shout }}",
    ]);
    const { stdout, exitCode } = await runCli("skein", {
      args: ["-i", "hosts.ini", "site.yml"],
      files: { ...FILES, "site.yml": site },
      env: { SKEIN_PLUGIN_TIMEOUT: "1" },
      timeout: 60,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("the filter plugin 'hang' did not come back within 1 seconds");
    expect(stdout).toContain("ended while it ran the filter plugin 'leave'");
    expect(stdout).toMatch(/"msg": "1!"[\s\S]*"msg": "2!"/);
    expect(stdout).toMatch(/ok=4 .*failed=0 .*ignored=2/);
  });

  it("that are actions and end their process or hang end in one failed task each", async () => {
    const tasks = ["exit", "leave", "kill", "hang", "endless", "fine"].map(
      (what) =>
        `    - misbehaving: {what: "{{ '${what}' if inventory_hostname == 'a' else 'fine' }}"}\n      timeout: 2\n      ignore_errors: true\n`,
    );
    const { stdout, exitCode } = await runCli("skein", {
      args: ["-i", "hosts.ini", "site.yml", "-v"],
      files: {
        "hosts.ini":
          "a\nb\n[all:vars]\nansible_connection=local\nansible_python_interpreter=/usr/bin/python3\n",
        "action_plugins/misbehaving.py": MISBEHAVING,
        "site.yml": `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join("")}`,
      },
      timeout: 60,
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("it ended its process (SystemExit(3))");
    expect(stdout).toContain("its process ended without a result");
    expect(stdout).toContain("failed to execute in the expected time frame (2)");
    expect(stdout).toMatch(/nested more than \d+ levels deep/);
    expect(stdout).toMatch(/a +: ok=6 .*ignored=5/);
    expect(stdout).toMatch(/b +: ok=6 .*ignored=0/);
    const { stdout: left } = spawnSync("ps", ["-eo", "args"], { encoding: "utf8" });
    expect(left).not.toContain("sleep 4321");
  });

  it("are not started by a play that needs none", async () => {
    const files = {
      "hosts.ini": HOSTS,
      "filter_plugins/own.py": "import sys\nsys.stderr.write('IMPORTED')\n",
      "site.yml": playOf(["{{ [1] | join }} {{ 'a' is string }} {{ lookup('env', 'HOME') }}"]),
    };
    const { stderr, stdout } = await runCli("skein", {
      args: ["-i", "hosts.ini", "site.yml"],
      files,
    });
    expect(stdout).toContain("ok=1");
    expect(stderr).not.toContain("IMPORTED");
  });

  it("make an inventory and its variables, as in ansible-playbook", async () => {
    const files = {
      "site.yml":
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: msg=\"{{ nick | default('-') }} {{ group_names }} {{ of_all }} {{ last }} {{ text }} {{ both }} {{ inventory_file | basename }}\"\n",
      "group_vars/all.yml": "both: file\n",
      "hosts/10.ini":
        "[web]\nw1 ansible_connection=local color=red\n[db]\nd1 ansible_connection=local color=blue\n",
      "hosts/20.yml":
        "plugin: constructed\nstrict: true\ncompose: {nick: \"'n-' + inventory_hostname\"}\ngroups: {reds: color == 'red'}\nkeyed_groups: [{prefix: c, key: color}]\n",
      "hosts/30.yml":
        'plugin: generator\nhosts: {name: "{{ a }}-{{ b }}"}\nlayers: {a: [x], b: [y, z]}\n',
      "hosts/40.toml": "[web.hosts]\nt1={color='green'}\n",
      "hosts/50.yml": "plugin: no.such.plugin\n",
      "vars_plugins/own.py": VARS,
    };
    const { skein, ansible } = await runBoth({
      args: ["-i", "hosts", "--forks", "1", "site.yml"],
      files,
    });
    expect(skein.output).toEqual(ansible.output);
    expect(skein.exitCode).toBe(ansible.exitCode);
    const failed = /Failed to parse \S+50.yml with auto plugin: [^\n]*/;
    expect(failed.exec(skein.stderr)?.[0]).toBe(failed.exec(ansible.stderr)?.[0]);
  });
});
