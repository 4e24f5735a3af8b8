import { describe, expect, it } from "vitest";
import { dictOf } from "../model/value.ts";
import type { InventoryRequest, InventorySnapshot } from "../plugin-host/inventory-message.ts";
import type { PluginHost } from "../plugin-host/plugin-host.ts";
import { createInventoryBuilder } from "./builder.ts";
import { DECLINED, parsePluginInventory } from "./plugin.ts";

function hostThat(inventory: PluginHost["inventory"]): PluginHost {
  const never = (): never => {
    throw new Error("nothing else is asked");
  };
  return {
    find: never,
    call: never,
    vars: never,
    callbacks: never,
    event: never,
    cache: never,
    close: never,
    inventory,
  };
}

describe("an inventory plugin in Python", () => {
  it("sees what the sources before it made, and adds to it", () => {
    const builder = createInventoryBuilder({
      warn: () => undefined,
      merge: false,
      transform: "never",
    });
    builder.startSource("hosts.ini");
    builder.addGroup("web");
    builder.addHost("w1", "web").vars.set("color", "red");
    builder.startSource("more.yml");
    let request: InventoryRequest | undefined;
    const host = hostThat((asked) => {
      request = asked;
      return {
        groups: [
          ...asked.inventory.groups,
          { name: "reds", priority: 7, vars: dictOf({ a: 1 }), children: ["web"], hosts: ["w2"] },
        ],
        hosts: [
          { name: "w1", source: undefined, vars: dictOf({ color: "red", nick: "n" }) },
          { name: "w2", source: undefined, vars: dictOf({}) },
        ],
      } satisfies InventorySnapshot;
    });
    expect(parsePluginInventory(host, "auto", "more.yml", ["hosts.ini"], builder)).toBeUndefined();
    expect(request).toMatchObject({ plugin: "auto", source: "more.yml", sources: ["hosts.ini"] });
    expect(request?.inventory.hosts).toEqual([
      {
        name: "w1",
        source: "hosts.ini",
        vars: new Map([
          ["color", "red"],
          ["nick", "n"],
        ]),
      },
    ]);
    expect(request?.inventory.groups.map(({ name, hosts }) => [name, hosts])).toEqual([
      ["all", []],
      ["ungrouped", []],
      ["web", ["w1"]],
    ]);
    const reds = builder.groups.get("reds");
    expect([
      reds?.priority,
      reds?.vars,
      [...(reds?.children ?? [])],
      [...(reds?.hosts ?? [])],
    ]).toEqual([7, dictOf({ a: 1 }), ["web"], ["w2"]]);
    expect(builder.hosts.get("w1")?.vars.get("nick")).toBe("n");
    expect(builder.sources.get("w2")).toBe("more.yml");
  });

  it("may decline a source", () => {
    const builder = createInventoryBuilder({
      warn: () => undefined,
      merge: false,
      transform: "never",
    });
    const host = hostThat(() => undefined);
    expect(parsePluginInventory(host, "a.b.c", "x.yml", [], builder)).toBe(DECLINED);
  });
});
