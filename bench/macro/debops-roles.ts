/*
 * A play with the proportions of a DebOps run, made up from counts alone: how often which module, condition, loop, template
 * statement, filter, lookup and become occurs. What it configures does not exist. Packages are those of `apt`, not of `package`:
 * Mitogen 0.3.3 cannot run the latter with ansible-core 2.14 (it does not pickle the name of the package manager).
 */

export interface Roles {
  /** Playbook and roles: path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Tasks in it, those that are skipped included; handlers and gathering facts are not. */
  readonly tasks: number;
}

const NAMES = [
  ...["accounts", "archive", "banner", "certs", "clock", "console", "environment", "extras"],
  ...["firewall", "folders", "hostsfile", "journal", "kernel", "locales", "logs", "mailer"],
  ...["mounts", "network", "packages", "policy"],
];
/** Tasks of every role. What is left of `TASKS` over all roles is spread over them from `MORE`. */
const TASKS = 246;

/** As many roles as asked for, at most 20; 20 of them have 246 tasks. */
export function toRoles(count: number): Roles {
  const names = NAMES.slice(0, count);
  const wanted = Math.round((TASKS * names.length) / NAMES.length);
  const files: Record<string, string> = { "play.yml": toPlay(names) };
  let tasks = 0;
  for (const [index, name] of names.entries()) {
    const share = Math.round((wanted * (index + 1)) / names.length) - tasks;
    const list = [...BASE, ...rotate(MORE, index * 3)].slice(0, share);
    tasks += list.length;
    files[`roles/${name}/tasks/main.yml`] = fill(
      `---\n${list.map((task) => task.trimStart()).join("\n")}`,
      name,
    );
    files[`roles/${name}/defaults/main.yml`] = fill(DEFAULTS, name);
    files[`roles/${name}/handlers/main.yml`] = fill(HANDLERS, name);
    files[`roles/${name}/meta/main.yml`] = "---\ndependencies: []\n";
    files[`roles/${name}/templates/main.conf.j2`] = fill(MAIN_TEMPLATE, name);
    files[`roles/${name}/templates/part.conf.j2`] = fill(PART_TEMPLATE, name);
    files[`roles/${name}/templates/facts.j2`] = fill(FACTS_TEMPLATE, name);
    files[`roles/${name}/tasks/extra.yml`] = fill(EXTRA, name);
    files[`roles/${name}/files/notice`] = fill("NAME keeps its state here.\n", name);
  }
  return { files, tasks };
}

function toPlay(names: readonly string[]): string {
  const roles = names.map((name) => `    - { role: ${name}, tags: ["role::${name}"] }\n`).join("");
  return `---
- name: Common configuration
  hosts: targets
  become: true
  gather_facts: true
  environment: "{{ inventory__environment | d({}) | combine(inventory__group_environment | d({})) }}"
  roles:
${roles}`;
}

function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

function fill(text: string, name: string): string {
  return text.replaceAll("NAME", name);
}

const BASE: readonly string[] = [
  `
- name: Check that the settings make sense
  assert:
    that: [ "NAME__items is iterable", "NAME__owner | length > 0", "NAME__port | int < 65536" ]
    quiet: true
  run_once: true
`,
  `
- name: Make sure that local facts have their folder
  file:
    path: /etc/ansible/facts.d
    state: directory
    mode: "0755"
`,
  `
- name: Save local facts of NAME
  template:
    src: facts.j2
    dest: /etc/ansible/facts.d/NAME.fact
    mode: "0755"
  register: NAME__register_facts
`,
  `
- name: Divert the packaged configuration
  community.general.dpkg_divert:
    path: /etc/skein-NAME/packaged.conf
    divert: /etc/skein-NAME/packaged.conf.orig
    rename: true
  when: NAME__enabled | bool and NAME__divert | d(False) | bool
`,
  `
- name: Create folders of NAME
  file:
    path: "{{ item.path }}"
    state: directory
    owner: "{{ item.owner | d('root') }}"
    group: "{{ item.group | d('root') }}"
    mode: "{{ item.mode | d('0755') }}"
  loop: "{{ q('flattened', NAME__folders + NAME__host_folders) }}"
  loop_control: { label: "{{ item.path }}" }
  when: NAME__enabled | bool and item.state | d('present') != 'absent'
`,
  `
- name: Write the configuration of NAME
  template:
    src: main.conf.j2
    dest: /etc/skein-NAME/main.conf
    mode: "0644"
  notify: [ "Check the configuration of NAME" ]
  when: NAME__enabled | bool
`,
  `
- name: Write parts of the configuration of NAME
  template:
    src: part.conf.j2
    dest: "/etc/skein-NAME/conf.d/{{ item.name }}.conf"
    mode: "{{ item.mode | d('0644') }}"
  loop: "{{ NAME__combined_items | selectattr('state', 'equalto', 'present') | list }}"
  loop_control: { label: "{{ {'name': item.name, 'state': item.state} }}" }
  notify: [ "Check the configuration of NAME" ]
`,
  `
- name: Remove parts that are not wanted
  file:
    path: "/etc/skein-NAME/conf.d/{{ item.name }}.conf"
    state: absent
  loop: "{{ NAME__combined_items | selectattr('state', 'equalto', 'absent') | list }}"
  loop_control: { label: "{{ item.name }}" }
  when: NAME__enabled | bool
`,
  `
- name: Look at the state of NAME
  command: sh -c "ls /etc/skein-NAME/conf.d | wc -l"
  register: NAME__register_state
  changed_when: false
  check_mode: false
`,
];

/** Each role has a few of these, others than the one before. */
const MORE: readonly string[] = [
  `
- name: Install packages of NAME
  apt:
    name: "{{ q('flattened', NAME__base_packages + NAME__packages) }}"
    state: present
  register: NAME__register_packages
  until: NAME__register_packages is succeeded
  when: NAME__enabled | bool
`,
  `
- name: Create the group of NAME
  group:
    name: "{{ NAME__owner }}"
    system: true
    state: present
`,
  `
- name: Create the account of NAME
  user:
    name: "{{ NAME__owner }}"
    group: "{{ NAME__owner if (NAME__own_group | bool) else 'daemon' }}"
    home: /var/lib/skein-NAME
    shell: /bin/sh
    system: true
    create_home: true
`,
  `
- name: Remember what was found
  set_fact:
    NAME__fact_parts: "{{ NAME__register_state.stdout | d('0') | int + 1 }}"
    NAME__fact_names: "{{ NAME__combined_items | map(attribute='name') | sort | join(',') }}"
`,
  `
- name: Place a notice
  copy:
    src: notice
    dest: /etc/skein-NAME/NOTICE
    mode: "0644"
`,
  `
- name: Set kernel parameters of NAME
  lineinfile:
    path: /etc/sysctl.d/skein-NAME.conf
    regexp: '^net\\.core\\.somaxconn'
    line: "net.core.somaxconn = {{ NAME__backlog }}"
    create: true
    mode: "0644"
  when: NAME__enabled | bool and ansible_system == 'Linux'
`,
  `
- name: Load services of NAME
  systemd:
    name: skein-NAME.service
    state: started
    enabled: true
  when: NAME__enabled | bool and ansible_service_mgr == 'systemd' and NAME__service | d(False) | bool
`,
  `
- name: Decide by a shell script
  shell: |
    set -e
    if [ -f /etc/skein-NAME/main.conf ] ; then printf present ; else printf missing ; fi
  register: NAME__register_shell
  changed_when: NAME__register_shell.stdout == 'missing'
`,
  `
- name: See whether NAME was here before
  stat:
    path: /var/lib/skein-NAME/state
  register: NAME__register_stat
`,
  `
- name: Import an old state
  command: "cp /var/lib/skein-NAME/state /var/lib/skein-NAME/state.old"
  when: NAME__register_stat.stat.exists | d(False) | bool
`,
  `
- name: Write content without a file
  copy:
    content: |
      # written by a task
      {% for key, value in NAME__environment | dictsort %}
      {{ key }}="{{ value }}"
      {% endfor %}
    dest: /etc/skein-NAME/environment
    mode: "0640"
`,
  `
- name: Look up accounts
  getent:
    database: passwd
    key: root
`,
  `
- name: Configure packages before they are installed
  debconf:
    name: "{{ item.package }}"
    question: "{{ item.question }}"
    vtype: "{{ item.vtype }}"
    value: "{{ item.value }}"
  loop: "{{ NAME__debconf }}"
  when: ansible_pkg_mgr == 'apt' and NAME__debconf | length > 0
`,
  `
- name: Assemble all parts
  assemble:
    src: /etc/skein-NAME/conf.d
    dest: /etc/skein-NAME/all.conf
    mode: "0644"
`,
  `
- name: Include what few hosts need
  include_tasks: extra.yml
  when: NAME__extra | bool
`,
  `
- name: Keep a block in a shared file
  blockinfile:
    path: /etc/skein-shared.conf
    block: |
      NAME = {{ NAME__items | length }}
      owner = {{ NAME__owner }}
    marker: "# {mark} NAME"
    create: true
    mode: "0644"
`,
  `
- name: Link the current configuration
  file:
    src: /etc/skein-NAME/main.conf
    path: /etc/skein-NAME/current
    state: link
    force: true
`,
  `
- name: Run as the account of NAME
  command: id -un
  become_user: "{{ NAME__owner if (NAME__drop | bool) else 'root' }}"
  register: NAME__register_id
  changed_when: false
  failed_when: NAME__register_id.stdout | length == 0
`,
  `
- name: Keep a secret on the controller
  file:
    path: "{{ playbook_dir }}/secret/NAME"
    state: directory
    mode: "0700"
  delegate_to: localhost
  become: false
  run_once: true
`,
  `
- name: Write a secret
  copy:
    content: "{{ lookup('password', playbook_dir ~ '/secret/NAME.password length=22 chars=ascii_letters,digits') }}"
    dest: /etc/skein-NAME/secret
    mode: "0600"
  no_log: true
`,
  `
- name: Set the mode of what others wrote
  file:
    path: "{{ item.0.path }}/{{ item.1 }}"
    state: touch
    mode: "0640"
    modification_time: preserve
    access_time: preserve
  with_subelements:
    - "{{ NAME__folders }}"
    - marks
    - { skip_missing: true }
`,
];

const EXTRA = `---
- name: An extra of NAME
  command: "true"
  changed_when: false
`;

const DEFAULTS = `---
NAME__enabled: true
NAME__divert: False
NAME__service: True
NAME__own_group: False
NAME__drop: '{{ ansible_local.NAME.drop | d(False) }}'
NAME__extra: '{{ inventory_hostname in groups.none | d([]) }}'
NAME__owner: 'daemon'
NAME__port: 8443
NAME__backlog: '{{ 4096 if (ansible_memtotal_mb | d(0) | int > 1024) else 512 }}'
NAME__base_packages: [ 'coreutils', [ 'grep', 'sed' ] ]
NAME__packages: '{{ [ "tar" ] if (NAME__enabled | bool) else [] }}'
NAME__environment:
  LANG: 'C.UTF-8'
  NAME_HOME: '/var/lib/skein-NAME'
NAME__debconf: []
NAME__folders:
  - { path: '/etc/skein-NAME', marks: [ 'a', 'b' ] }
  - { path: '/etc/skein-NAME/conf.d' }
  - { path: '/var/lib/skein-NAME', owner: '{{ NAME__owner }}', mode: '0750' }
NAME__host_folders: '{{ inventory__NAME_folders | d([]) }}'
NAME__default_items:
  - { name: 'first', options: { port: '{{ NAME__port }}', tls: true } }
  - { name: 'second', options: { listen: [ '::1', '127.0.0.1' ], depth: 3 }, comment: 'The second of NAME, with a comment that is wide enough.' }
  - { name: 'third', state: '{{ "present" if (NAME__enabled | bool) else "absent" }}', raw: "one\\ntwo" }
  - { name: 'old', state: 'absent' }
NAME__items: []
NAME__combined_items: "{{ (NAME__default_items | selectattr('state', 'undefined') | map('combine', {'state': 'present'}) | list)
                          + (NAME__default_items | selectattr('state', 'defined') | list) + NAME__items }}"
`;

const HANDLERS = `---
- name: Check the configuration of NAME
  command: grep -c . /etc/skein-NAME/main.conf
  changed_when: false
`;

const MAIN_TEMPLATE = `{% macro option(key, value) %}
{% if value is mapping %}
{%   for name in value.keys() | sort %}
{{ key }}.{{ name }} = {{ value[name] }}
{%   endfor %}
{% elif value is string or value is number %}
{{ key }} = {{ value }}
{% else %}
{{ key }} = {{ value | list | join(' ') }}
{% endif %}
{% endmacro %}
{# What stands in main.conf comes from the defaults of the role #}
# {{ ansible_managed }}

{% set seen = [] %}
{% set settings = {} %}
{% set _ = settings.update({'host': inventory_hostname, 'system': ansible_system, 'backlog': NAME__backlog}) %}
{% for item in NAME__combined_items %}
{%   if item.state | d('present') not in ['absent', 'ignore'] and item.name not in seen %}
{%     set _ = seen.append(item.name) %}
{%     if item.comment | d() %}
{{ item.comment | regex_replace('\\n$', '') | comment(prefix='', postfix='') -}}
{%     endif %}
[{{ item.name }}]
{%     for key, value in (item.options | d({})).items() %}
{{ option(key, value) -}}
{%     endfor %}
{%     if item.raw is defined %}
{{ item.raw | indent(4, true) }}
{%     endif %}

{%   endif %}
{% endfor %}
[settings]
{% for key, value in settings | dictsort %}
{{ option(key, value) -}}
{% endfor %}
names = {{ seen | unique | sort | join(', ') }}
json = {{ settings | to_nice_json | replace('\\n', ' ') }}
`;

const PART_TEMPLATE = `# {{ ansible_managed }}
{% set part = item.name | upper | replace('-', '_') %}
[{{ part }}]
{% if item.options | d() %}
{%   for key, value in item.options | dictsort %}
{%     if value is string %}
{{ key }} = "{{ value }}"
{%     elif value is sameas true %}
{{ key }} = yes
{%     elif value is iterable and value is not string %}
{{ key }} = {{ value | join(':') }}
{%     else %}
{{ key }} = {{ value | int }}
{%     endif %}
{%   endfor %}
{% endif %}
{% if item.raw is defined %}
{{ item.raw }}
{% endif %}
`;

const FACTS_TEMPLATE = `#!/usr/bin/python3
# {{ ansible_managed }}
from json import dumps

output = {'configured': True, 'drop': False, 'enabled': {{ NAME__enabled | bool }}}
output.update({{ {'port': NAME__port | int, 'owner': NAME__owner} | to_nice_json }})
print(dumps(output, sort_keys=True, indent=4))
`;
