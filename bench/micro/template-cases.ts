/** The variables of the templates that are measured. */
export const VARIABLES: Readonly<Record<string, unknown>> = {
  name: "web",
  domain: "example.org",
  port: 8080,
  enabled: true,
  state: "yes",
  version: "2.14.18",
  path: "/etc/nginx/sites-available/default.conf",
  packages: ["nginx", "curl", "git", "vim", "htop"],
  numbers: [5, 3, 9, 1, 7],
  users: [
    { name: "ann", uid: 1001, groups: ["adm", "sudo"], shell: "/bin/bash" },
    { name: "bob", uid: 1002, groups: [], shell: "/bin/zsh" },
    { name: "cid", uid: 1003, groups: ["adm"], shell: "/bin/bash" },
  ],
  limits: { nofile: 65536, nproc: 4096, core: "unlimited" },
  overrides: { nproc: 8192, stack: 8192 },
  fqdn: "{{ name }}.{{ domain }}",
  result: { rc: 0, stdout: "active\nrunning", stdout_lines: ["active", "running"], changed: false },
  text: "listen 80; listen 443 ssl; server_name a b c;",
  json: '{"a": [1, 2, {"b": null}], "c": "text"}',
};

/** What playbooks are full of. */
export const EVERYDAY: readonly string[] = [
  "{{ name }}",
  "{{ fqdn }}",
  "{{ name }}.{{ domain }}:{{ port }}",
  "{{ port + 1 }}",
  "{{ port | string }}",
  "{{ users[0].name }}",
  "{{ limits['nofile'] }}",
  "{{ nothing | default('none') }}",
  "{{ nothing.deep | default(omit_me | default('')) }}",
  "{{ state | bool }}",
  "{{ enabled | ternary('present', 'absent') }}",
  "{{ 'on' if enabled else 'off' }}",
  "{{ packages | join(',') }}",
  "{{ packages | length }}",
  "{{ packages | map('upper') | list }}",
  "{{ users | map(attribute='name') | list }}",
  "{{ users | selectattr('shell', 'equalto', '/bin/bash') | map(attribute='uid') | list }}",
  "{{ users | sort(attribute='uid', reverse=true) | first }}",
  "{{ numbers | sort | last }}",
  "{{ packages | union(['make']) | unique }}",
  "{{ limits | combine(overrides) }}",
  "{{ limits | dict2items }}",
  "{{ path | basename | splitext | first }}",
  "{{ text | regex_replace('listen (\\d+)', 'port \\1') }}",
  "{{ text | regex_findall('\\d+') }}",
  "{{ version is version('2.10', '>=') }}",
  "{{ result.rc == 0 and 'active' in result.stdout }}",
  "{{ json | from_json }}",
  "{{ users | to_json }}",
  "{{ limits | to_nice_yaml }}",
];

const SERVER = `server {
    listen {{ port }}{% if enabled %} ssl{% endif %};
    server_name {{ fqdn }} {{ packages | join(' ') }};
{% for user in users %}
    location /{{ user.name }} {
        root /home/{{ user.name }};
        # {{ loop.index }} of {{ loop.length }}{{ ', last' if loop.last }}
    }
{% endfor %}
}
`;
const ACCOUNTS = `{% for user in users | sort(attribute='name') %}
{{ '%-10s' | format(user.name) }}:{{ user.uid }}:{{ user.groups | join(',') | default('-', true) }}:{{ user.shell }}
{% endfor %}
`;
const SETTINGS = `{% macro setting(key, value, note='') %}
{{ key }} = {{ value }}{% if note %} # {{ note }}{% endif %}

{% endmacro %}
{% for key, value in limits.items() %}{{ setting('limit.' ~ key, value) }}{% endfor %}
{% for key, value in overrides | dictsort %}{{ setting(key | upper, value, 'changed') }}{% endfor %}
`;
const TABLE = `{% for i in range(100) %}
{{ i }} {{ i * i }} {{ i % 7 }} {% if i is odd %}odd{% else %}even{% endif %} {{ numbers[i % 5] }}
{% endfor %}
`;
const DUMP = `# {{ name | upper }}
{{ users | to_nice_yaml(indent=2) }}
{{ limits | combine(overrides) | to_nice_json }}
{% for line in result.stdout_lines %}{{ line | quote }} {% endfor %}
{% set ns = namespace(total=0) %}{% for n in numbers %}{% set ns.total = ns.total + n %}{% endfor %}{{ ns.total }}
`;

/** Whole files, as the template action renders them. */
export const FILES: Readonly<Record<string, string>> = {
  server: SERVER.repeat(5),
  accounts: ACCOUNTS.repeat(10),
  settings: SETTINGS,
  table: TABLE,
  dump: DUMP,
};
