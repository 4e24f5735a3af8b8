import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { toRoles } from "./debops-roles.ts";

describe("toRoles()", () => {
  const { files, tasks } = toRoles(20);
  const lists = Object.entries(files).filter(([name]) => name.endsWith("/tasks/main.yml"));

  it("makes 246 tasks in 20 roles, as many as it says", () => {
    expect(tasks).toBe(246);
    const found = lists.map(([, text]) => (parseAllDocuments(text)[0]!.toJS() as unknown[]).length);
    expect(found).toHaveLength(20);
    expect(found.reduce((sum, count) => sum + count, 0)).toBe(246);
  });

  it("leaves no role without its name, and no name unfilled", () => {
    for (const text of Object.values(files)) expect(text).not.toContain("NAME");
  });

  it("can be a tenth of it", () => {
    expect(toRoles(2).tasks).toBe(25);
  });
});
