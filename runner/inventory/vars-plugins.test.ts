import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Dict, dictOf } from "../model/value.ts";
import type { VarsRequest } from "../plugin-host/inventory-message.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { createInventoryBuilder } from "./builder.ts";
import { createVarsPlugins, mixed } from "./vars-plugins.ts";

const place = mkdtempSync(join(tmpdir(), "skein-test-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));
writeFileSync(join(place, "one.py"), "");

function setUp(
  vars: PluginHost["vars"],
  { folders = [place], enabled = ["host_group_vars"], merge = false } = {},
) {
  const builder = createInventoryBuilder({
    warn: () => undefined,
    merge: false,
    transform: "never",
  });
  builder.addHost("h", "ungrouped").vars.set("own", 1);
  const never = (): never => {
    throw new Error("nothing else is asked");
  };
  const host: PluginHost = {
    find: never,
    call: never,
    inventory: never,
    callbacks: never,
    event: never,
    cache: never,
    close: never,
    vars,
  };
  return { plugins: createVarsPlugins({ host, folders, enabled, builder, merge }) };
}

const never = (): never => {
  throw new Error("Python was asked");
};

describe("vars plugins in Python", () => {
  it("are not asked where there are none", () => {
    expect(setUp(never, { folders: ["/nowhere"] }).plugins).toBeUndefined();
    expect(
      setUp(never, { folders: [], enabled: ["ansible.builtin.host_group_vars"] }).plugins,
    ).toBeUndefined();
    expect(setUp(never, { folders: [], enabled: ["a.b.c"] }).plugins).toBeDefined();
  });

  it("speak before and behind the files beside them, later paths over earlier ones", () => {
    const requests: VarsRequest[] = [];
    const { plugins } = setUp((request) => {
      requests.push(request);
      const count = request.groups.length + request.hosts.length;
      return request.paths.map((path) =>
        Array.from({ length: count }, () => [
          dictOf({ a: path, b: "before" }),
          dictOf({ c: path }),
        ]),
      );
    });
    const filesOf = ([path]: readonly string[]): Dict | undefined =>
      path === "/x" ? dictOf({ a: "file", b: "file", d: "file" }) : undefined;
    const filesIn = (directories: readonly string[]) => ({
      group: () => undefined,
      host: () => filesOf(directories),
    });
    const vars = mixed(filesIn, plugins, ["/x", "/y"], "task");
    // What is said in front of later files is still over earlier ones.
    expect(vars.host("h")).toEqual(dictOf({ a: "/y", b: "before", c: "/y", d: "file" }));
    expect(vars.group("all")).toEqual(dictOf({ a: "/y", b: "before", c: "/y" }));
    expect(vars.host("unknown")).toEqual(dictOf({ a: "file", b: "file", d: "file" }));
    mixed(filesIn, plugins, ["/y", "/x", "/y"], "task");
    expect(requests).toMatchObject([
      { stage: "task", paths: ["/x", "/y"], groups: ["all", "ungrouped"], hosts: ["h"] },
      { paths: ["/x", "/y"] },
    ]);
  });

  it("add to each other's dicts where the settings say so", () => {
    const { plugins } = setUp(
      ({ paths, groups, hosts }) =>
        paths.map((path) =>
          [...groups, ...hosts].map(() => [
            dictOf({ d: dictOf({ [path]: 1 }) }),
            dictOf({ d: dictOf({ behind: 1 }) }),
          ]),
        ),
      { merge: true },
    );
    const files: Dict = dictOf({ d: dictOf({ file: 1 }) });
    const filesIn = () => ({ group: () => undefined, host: () => files });
    const vars = mixed(filesIn, plugins, ["/x", "/y"], "all");
    expect(vars.host("h")).toEqual(dictOf({ d: dictOf({ "/x": 1, "/y": 1, file: 1, behind: 1 }) }));
  });
});
