import { describe, expect, it } from "vitest";
import type { Host, Inventory } from "../model/host.ts";
import { hostNamed, strangerNamed } from "./host-named.ts";

describe("the host of a name", () => {
  it("is the inventory's own before an implicit one", () => {
    expect(hostNamed(inventoryOf("web"), "web")?.implicit).toBe(false);
    expect(hostNamed(inventoryOf("web"), "127.0.0.1")?.implicit).toBe(true);
  });

  it("is none for another name, and a stranger has the variables of all", () => {
    expect(hostNamed(inventoryOf("web"), "elsewhere")).toBeUndefined();
    expect(strangerNamed("elsewhere")).toMatchObject({ name: "elsewhere", groups: ["all"] });
  });
});

function inventoryOf(name: string): Inventory {
  const implicit: Host = { ...strangerNamed("127.0.0.1"), implicit: true };
  return {
    hosts: new Map([[name, strangerNamed(name)]]),
    groups: new Map(),
    sources: new Map(),
    implicit: new Map([["127.0.0.1", implicit]]),
  };
}
