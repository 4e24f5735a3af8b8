import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createCatalogue } from "./collection.ts";
import { createInstallation, findInstallation } from "./installation.ts";

const root = mkdtempSync(join(tmpdir(), "catalogue-"));
afterAll(() => rmSync(root, { recursive: true }));
const put = (path: string, text = "") => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  return join(root, path);
};

const SITE = "lib/python3/dist-packages";
put(`${SITE}/ansible/release.py`, "__version__ = '2.14.99'\n");
for (const name of ["copy", "command", "setup", "debug"]) put(`${SITE}/ansible/modules/${name}.py`);
put(`${SITE}/ansible/module_utils/basic.py`);
put(`${SITE}/ansible/module_utils/common/__init__.py`);
put(`${SITE}/ansible/plugins/action/copy.py`);
put(`${SITE}/ansible/plugins/lookup/items.py`);
put(
  `${SITE}/ansible/config/ansible_builtin_runtime.yml`,
  "# comment\nplugin_routing:\n  lookup:\n    flattened:\n      redirect: ns.coll.flattened\n  modules:\n    moved:\n      redirect: ns.coll.moved\n    gone:\n      tombstone:\n        warning_text: Use copy.\n    moved_twice:\n      # why\n      redirect: ns.coll.old\naction_groups:\n  x: []\n",
);
put(`${SITE}/ansible_collections/ns/coll/plugins/modules/moved.py`);
put(`${SITE}/ansible_collections/ns/coll/plugins/modules/final.py`);
put(`${SITE}/ansible_collections/ns/coll/plugins/modules/acting.py`);
put(`${SITE}/ansible_collections/ns/coll/plugins/action/acting.py`);
put(`${SITE}/ansible_collections/ns/coll/plugins/module_utils/u.py`);
put(`${SITE}/ansible_collections/ns/coll/roles/r/tasks/main.yml`);
put(`${SITE}/ansible_collections/ns/coll/playbooks/site.yml`);
put(
  `${SITE}/ansible_collections/ns/coll/meta/runtime.yml`,
  "plugin_routing:\n  modules:\n    old:\n      redirect: ns.coll.final\n",
);
put("play/library/mine.py");
put("play/library/copy.py");
put("play/library/binary");
put("play/library/notes.md");
put("role/library/of_role.sh");
put("role/library/mine.py");
put("configured/a/b/deep.py");
put("configured/a/b/c/too_deep.py");
put("configured/a/twice.py");
put("configured/twice.py");
put("configured/_kept.py");
symlinkSync("_kept.py", join(root, "configured/_alias.py"));
put("user/ansible_collections/ns/coll2/plugins/modules/near.py");
put("bin/ansible-playbook", `#! ${join(root, "bin/python3")}\nimport sys\n`);

const installation = findInstallation({ PATH: join(root, "bin"), HOME: "/nonexistent" });
const loaded = [join(root, "play")];
const catalogue = createCatalogue({
  installation,
  playbookDirs: [join(root, "play")],
  pluginDirs: () => loaded,
  collectionsPaths: [join(root, "user")],
  library: [join(root, "configured")],
  actionPlugins: [],
});
const search = { collections: [] };

describe("an installation", () => {
  it("is found by the interpreter that ansible-playbook names, without running it", () => {
    expect(installation).toMatchObject({
      root: join(root, SITE, "ansible"),
      version: "2.14.99",
      python: join(root, "bin/python3"),
    });
  });

  it("knows the files of modules and of what they import", () => {
    expect(installation.modulePath("ansible.builtin.copy")).toBe(
      join(root, SITE, "ansible/modules/copy.py"),
    );
    expect(installation.modulePath("ns.coll.moved")).toBe(
      join(root, SITE, "ansible_collections/ns/coll/plugins/modules/moved.py"),
    );
    expect(installation.moduleUtilsPath("ansible.module_utils.basic")).toBe(
      join(root, SITE, "ansible/module_utils/basic.py"),
    );
    expect(installation.moduleUtilsPath("ansible.module_utils.common")).toBe(
      join(root, SITE, "ansible/module_utils/common/__init__.py"),
    );
    expect(
      installation.moduleUtilsPath("ansible_collections.ns.coll.plugins.module_utils.u"),
    ).toMatch(/module_utils\/u\.py$/);
    expect(installation.moduleUtilsPath("ansible.module_utils.nope")).toBeUndefined();
  });

  it("may be without collections", () => {
    expect(
      createInstallation(join(root, "elsewhere/ansible"), "1", "python3").collectionsPath,
    ).toBeUndefined();
  });
});

describe("the name of an action", () => {
  it.each<[string, string, string | undefined]>([
    ["command", "ansible.builtin.command", "modules/command.py"],
    ["ansible.builtin.copy", "ansible.builtin.copy", "ansible/modules/copy.py"],
    ["shell", "ansible.builtin.shell", "modules/command.py"],
    ["gather_facts", "ansible.builtin.gather_facts", "modules/setup.py"],
    ["debug", "ansible.builtin.debug", undefined],
    ["meta", "ansible.builtin.meta", undefined],
    ["moved", "ns.coll.moved", "modules/moved.py"],
    ["ansible.builtin.moved", "ns.coll.moved", "modules/moved.py"],
    ["moved_twice", "ns.coll.final", "modules/final.py"],
    ["ns.coll.old", "ns.coll.final", "modules/final.py"],
    ["ns.coll2.near", "ns.coll2.near", "modules/near.py"],
    ["mine", "ansible.legacy.mine", "play/library/mine.py"],
    ["binary", "ansible.legacy.binary", "play/library/binary"],
    ["copy", "ansible.builtin.copy", "play/library/copy.py"],
  ])("%s is %s", (name, fqcn, path) => {
    const found = catalogue.action(name, search);
    expect(found?.fqcn).toBe(fqcn);
    if (path === undefined) expect(found?.modulePath).toBeUndefined();
    else expect(found?.modulePath?.endsWith(path)).toBe(true);
  });

  it.each(["nope", "notes", "ns.coll.nope", "ns.nope.x", "a.b"])("%s is unknown", (name) => {
    expect(catalogue.action(name, search)).toBeUndefined();
  });

  it("is looked up in the collections of a play and the library of a role", () => {
    expect(catalogue.action("final", search)).toBeUndefined();
    expect(catalogue.action("final", { ...search, collections: ["ns.coll"] })?.fqcn).toBe(
      "ns.coll.final",
    );
    expect(catalogue.action("of_role", search)).toBeUndefined();
    loaded.push(join(root, "role"));
    expect(catalogue.action("of_role", search)?.modulePath).toBe(
      join(root, "role/library/of_role.sh"),
    );
    // The one that was loaded first stays.
    expect(catalogue.action("mine", search)?.modulePath).toBe(join(root, "play/library/mine.py"));
  });

  it("may lie up to two levels below a configured folder, which comes last itself", () => {
    expect(catalogue.action("deep", search)?.modulePath).toBe(join(root, "configured/a/b/deep.py"));
    expect(catalogue.action("twice", search)?.modulePath).toBe(join(root, "configured/a/twice.py"));
    expect(catalogue.action("too_deep", search)).toBeUndefined();
  });

  it("is deprecated where its file begins with an underscore, unless that is a link", () => {
    expect(catalogue.action("kept", search)).toMatchObject({
      modulePath: join(root, "configured/_kept.py"),
      deprecation: expect.stringMatching(/^kept is kept for backwards compatibility/),
    });
    expect(catalogue.action("alias", search)?.modulePath).toBe(join(root, "configured/_alias.py"));
    expect(catalogue.action("alias", search)?.deprecation).toBeUndefined();
  });

  it("tells of removed modules, and of action plugins in Python", () => {
    expect(() => catalogue.action("gone", search)).toThrow(
      "'ansible.builtin.gone' has been removed. Use copy.",
    );
    expect(catalogue.action("ns.coll.acting", search)?.actionPlugin).toMatch(
      /plugins\/action\/acting\.py$/,
    );
  });
});

describe("names of other things", () => {
  it("are found in collections", () => {
    expect(catalogue.isLookup("items")).toBe(true);
    expect(catalogue.isLookup("flattened")).toBe(true);
    expect(catalogue.isLookup("nope")).toBe(false);
    expect(catalogue.role("ns.coll.r", [])).toEqual({
      path: join(root, SITE, "ansible_collections/ns/coll/roles/r"),
      collection: "ns.coll",
    });
    expect(catalogue.role("r", ["ns.coll"])?.collection).toBe("ns.coll");
    expect(catalogue.role("r", [])).toBeUndefined();
    expect(catalogue.playbook("ns.coll.site")).toMatch(/playbooks\/site\.yml$/);
  });
});

it("says what to install when there is no ansible-core", () => {
  const find = () =>
    findInstallation({ PATH: "/nonexistent", HOME: "/nonexistent" }, [join(root, "user")]);
  expect(find).toThrow("Install it (apt install ansible-core");
  expect(find).toThrow(join(root, "user/lib/python3/dist-packages"));
});
