import { playbooks } from "../playbooks.ts";
import type { Scenario } from "../scenario.ts";

const TEMPLATES = 20;

/** Templates of configuration files: content that is new on the target, and computed here. */
export const templates20: Scenario = {
  name: "templates-20",
  about: "one host at 26 ms, 20 templates of configuration files, of about 60 lines each, as root",
  runners: ["skein", "ansible", "mitogen"],
  runs: 3,
  run: playbooks((scale) => {
    const count = Math.max(1, Math.round(TEMPLATES * scale));
    const names = Array.from({ length: count }, (_, index) => `service${index}`);
    return [
      {
        title: "",
        link: { rtt: 26 },
        disposable: true,
        files: {
          "play.yml": toPlaybook(names),
          ...Object.fromEntries(names.map((name) => [`templates/${name}.conf.j2`, TEMPLATE])),
        },
        lines: { changed: count },
        items: count,
      },
    ];
  }),
};

function toPlaybook(names: readonly string[]): string {
  const tasks = names.map(
    (name) => `    - template:
        src: ${name}.conf.j2
        dest: /etc/${name}.conf
        mode: "0644"
      vars: { service: ${name} }
`,
  );
  return `- hosts: targets
  gather_facts: false
  become: true
  vars:
    listeners:
${[8080, 8081, 8443].map((port) => `      - { name: l${port}, port: ${port}, tls: ${port === 8443} }\n`).join("")}    limits: { nofile: 65536, nproc: 4096, core: unlimited }
    upstreams: [alpha, beta, gamma, delta]
    features: { cache: true, trace: false, compress: "yes" }
  tasks:
${tasks.join("")}`;
}

const TEMPLATE = `{% macro setting(key, value) %}
{{ '%-24s' | format(key) }} = {{ value }}
{% endmacro %}
# {{ ansible_managed }}
# {{ service | upper }}
[{{ service }}]
{{ setting('name', service) -}}
{{ setting('user', service_user | default('daemon')) -}}
{% for key, value in limits.items() %}
{{ setting('limit.' ~ key, value) -}}
{% endfor %}

{% for listener in listeners %}
[listener {{ listener.name }}]
{{ setting('port', listener.port) -}}
{% if listener.tls | bool %}
{{ setting('certificate', '/etc/ssl/certs/' ~ service ~ '.pem') -}}
{{ setting('ciphers', ['modern', 'strong'] | join(':')) -}}
{% else %}
{{ setting('redirect', 'none') -}}
{% endif %}
{% endfor %}

{% for upstream in upstreams | sort(reverse=true) %}
[upstream {{ upstream }}]
{{ setting('address', upstream ~ '.' ~ (domain | default('example.org')) ~ ':' ~ (9000 + loop.index)) -}}
{{ setting('weight', (loop.first | ternary(10, 5))) -}}
{{ setting('pattern', upstream | regex_replace('^(.)', '\\\\1-')) -}}
{% endfor %}

[features]
{% for key in features | dictsort %}
{{ setting(key[0], key[1] | bool | string | lower) -}}
{% endfor %}
`;
