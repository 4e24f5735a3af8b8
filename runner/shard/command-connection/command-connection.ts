import { buildah } from "./buildah.ts";
import { chroot } from "./chroot.ts";
import type { CommandPlugin } from "./command-plugin.ts";
import { docker } from "./docker.ts";
import { kubectl } from "./kubectl.ts";
import { lxd } from "./lxd.ts";
import { podman } from "./podman.ts";

/** By whole name; the short names are those that ansible-core leads to them (config/ansible_builtin_runtime.yml). */
const PLUGINS: ReadonlyMap<string, CommandPlugin> = new Map([
  ...named("community.docker.docker", docker),
  ...named("containers.podman.buildah", buildah),
  ...named("containers.podman.podman", podman),
  ...named("community.general.chroot", chroot),
  ...named("community.general.lxd", lxd),
  ...named("kubernetes.core.kubectl", kubectl("kubectl")),
  ...named("community.okd.oc", kubectl("oc")),
]);

/** The plugin of a name, if it is a command that is known here. */
export function commandPlugin(transport: string): CommandPlugin | undefined {
  return PLUGINS.get(transport);
}

function named(name: string, plugin: CommandPlugin): readonly (readonly [string, CommandPlugin])[] {
  return [
    [name, plugin],
    [name.slice(name.lastIndexOf(".") + 1), plugin],
  ];
}
