import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { ConnectionDefaults } from "../../pool/messages.ts";
import { commandPlugin } from "./command-connection.ts";

type Texts = Readonly<Record<string, string>>;

/** The command line of a host `h`; `undefined` when Python is to do it. */
function lineOf(
  plugin: string,
  variables: Texts = {},
  { environment = {}, defaults = {}, remoteUser = undefined as string | undefined } = {},
): string | undefined {
  const last = (table: Texts, names: readonly string[]): string | undefined =>
    names.map((name) => table[name]).findLast((value) => value !== undefined);
  return commandPlugin(plugin)!({
    host: "h",
    variable: (...names) => last(variables, names),
    environment: (...names) => last(environment, names),
    remoteUser,
    defaults: {
      executable: "/bin/sh",
      dockerExtraArgs: "",
      podmanExtraArgs: "",
      podmanExecutable: "podman",
      chrootExe: "chroot",
      ...defaults,
    } as ConnectionDefaults,
    program: (name) => name,
  })?.join(" ");
}

// What the plugins of the collections run, with the shell that Ansible runs behind it; podman's and buildah's have none.
test.for([
  ["docker", {}, "docker exec -i h /bin/sh -c"],
  ["community.docker.docker", { ansible_user: "u" }, "docker exec -u u -i h /bin/sh -c"],
  [
    "docker",
    { ansible_host: "c", ansible_docker_host: "d", ansible_user: "u", ansible_docker_user: "v" },
    "docker exec -u v -i d /bin/sh -c",
  ],
  [
    "docker",
    { ansible_docker_extra_args: "-H tcp://a:1 --tls" },
    "docker -H tcp://a:1 --tls exec -i h /bin/sh -c",
  ],
  ["podman", {}, "podman exec -i h /bin/sh -c"],
  [
    "containers.podman.podman",
    { ansible_host: "c", ansible_user: "u", ansible_podman_extra_args: "--root '/a b'" },
    "podman --root /a b exec --user u -i c /bin/sh -c",
  ],
  ["podman", { ansible_podman_executable: "/opt/podman" }, "/opt/podman exec -i h /bin/sh -c"],
  ["podman", { ansible_podman_host: "c" }, undefined],
  ["buildah", { ansible_user: "root" }, "buildah run h /bin/sh -c"],
  ["buildah", { ansible_user: "u" }, "buildah run --user u h /bin/sh -c"],
  ["lxd", {}, "lxc exec local:h -- /bin/sh -c"],
  [
    "community.general.lxd",
    {
      ansible_lxd_host: "c",
      ansible_lxd_remote: "r",
      ansible_lxd_project: "p",
      ansible_lxd_executable: "/bin/bash",
    },
    "lxc --project p exec r:c -- /bin/bash -c",
  ],
  ["kubectl", {}, "kubectl exec -i h -- /bin/sh -c"],
  [
    "kubernetes.core.kubectl",
    {
      ansible_kubectl_pod: "pod",
      ansible_kubectl_container: "c",
      ansible_kubectl_namespace: "n",
      ansible_kubectl_config: "/k",
      ansible_kubectl_context: "x",
      ansible_kubectl_extra_args: "--v=1 -a",
    },
    "kubectl -n n --kubeconfig /k --context x --v=1 -a exec -i pod -c c -- /bin/sh -c",
  ],
  [
    "oc",
    { ansible_oc_host: "a", ansible_oc_server: "b", ansible_kubectl_namespace: "other" },
    "oc --server b exec -i h -- /bin/sh -c",
  ],
  ["kubectl", { ansible_kubectl_token: "secret" }, undefined],
  ["kubectl", { ansible_kubectl_validate_certs: "false" }, undefined],
] as const)("%s with %o is %s", ([plugin, variables, expected]) => {
  expect(lineOf(plugin, variables)).toBe(expected);
});

test("keywords, settings and the environment come behind variables", () => {
  const more = {
    remoteUser: "k",
    defaults: { dockerExtraArgs: "-D", podmanExtraArgs: "-x", podmanExecutable: "p" },
  };
  expect(lineOf("docker", {}, more)).toBe("docker -D exec -u k -i h /bin/sh -c");
  expect(lineOf("docker", { ansible_user: "v" }, more)).toBe("docker -D exec -u v -i h /bin/sh -c");
  expect(lineOf("podman", {}, more)).toBe("p -x exec --user k -i h /bin/sh -c");
  const environment = { K8S_AUTH_NAMESPACE: "e", K8S_AUTH_POD: "pod" };
  expect(lineOf("kubectl", {}, { environment })).toBe("kubectl -n e exec -i pod -- /bin/sh -c");
  expect(lineOf("oc", { ansible_oc_namespace: "v" }, { environment })).toBe(
    "oc -n v exec -i pod -- /bin/sh -c",
  );
  expect(lineOf("kubectl", {}, { environment: { K8S_AUTH_API_KEY: "secret" } })).toBeUndefined();
});

const place = mkdtempSync(join(tmpdir(), "chroot-"));
afterAll(() => rmSync(place, { recursive: true }));
const isRoot = process.geteuid?.() === 0;

test.runIf(isRoot)("a chroot is a folder with a shell", () => {
  expect(() => lineOf("chroot", { ansible_host: join(place, "none") })).toThrow(
    "none is not a directory",
  );
  expect(() => lineOf("chroot", { ansible_host: place })).toThrow(
    "does not look like a chrootable dir (/bin/sh missing)",
  );
  mkdirSync(join(place, "bin"));
  symlinkSync("dash", join(place, "bin/sh"));
  const variables = { ansible_host: place, ansible_executable: "/bin/dash" };
  expect(lineOf("chroot", variables)).toBe(`chroot ${place} /bin/dash -c`);
  expect(lineOf("chroot", { ...variables, ansible_chroot_exe: "/c" })).toBe(
    `/c ${place} /bin/dash -c`,
  );
});

test.skipIf(isRoot)("a chroot is for root alone", () => {
  expect(() => lineOf("chroot")).toThrow("chroot connection requires running as root");
});

test("other plugins are no commands", () => {
  for (const name of ["winrm", "ns.coll.docker", "community.docker.docker_api", "ssh"])
    expect(commandPlugin(name)).toBeUndefined();
});
