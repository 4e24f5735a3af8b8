import type { CommandInput, CommandLine, CommandPlugin } from "./command-plugin.ts";
import { SHELL } from "./shell.ts";

/**
 * A container of a pod (kubernetes.core, plugins/connection/kubectl.py; community.okd, oc.py). What is secret would stand in its
 * arguments, and certificates and the like have rules of their own: such hosts are left to the plugins.
 */
export function kubectl(name: "kubectl" | "oc"): CommandPlugin {
  return (input) => commandLine(name, input);
}

function commandLine(name: string, input: CommandInput): CommandLine | undefined {
  const { host, variable, environment, program } = input;
  const option = (words: readonly string[], keys: readonly string[]): string | undefined =>
    variable(...words.map((word) => `ansible_${name}_${word}`)) ??
    environment(...keys.map((key) => `K8S_AUTH_${key}`));
  if (LEFT.some(([words, keys]) => option(words, keys) !== undefined)) return undefined;
  const options = TAKEN.flatMap(([flag, words, keys]) => {
    const value = option(words, keys);
    return value === undefined ? [] : [flag, value];
  });
  const more = option(["extra_args"], ["EXTRA_ARGS"]);
  const container = option(["container"], ["CONTAINER"]);
  return [
    program(name),
    ...options,
    ...(more === undefined ? [] : more.split(" ")),
    "exec",
    "-i",
    option(["pod"], ["POD"]) ?? variable("ansible_host") ?? host,
    ...(container === undefined ? [] : ["-c", container]),
    "--",
    ...SHELL,
  ];
}

/** Flag, ends of variables, ends of names in the environment. */
const TAKEN: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["-n", ["namespace"], ["NAMESPACE"]],
  ["--kubeconfig", ["kubeconfig", "config"], ["KUBECONFIG"]],
  ["--context", ["context"], ["CONTEXT"]],
  ["--server", ["host", "server"], ["HOST", "SERVER"]],
];

const LEFT: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["username", "user"], ["USERNAME"]],
  [["password"], ["PASSWORD"]],
  [
    ["token", "api_key"],
    ["TOKEN", "API_KEY"],
  ],
  [["cert_file", "client_cert"], ["CERT_FILE"]],
  [["key_file", "client_key"], ["KEY_FILE"]],
  [["ssl_ca_cert", "ca_cert"], ["SSL_CA_CERT"]],
  [["verify_ssl", "validate_certs"], ["VERIFY_SSL"]],
];
