import { expect, test } from "vitest";
import { loadSettings } from "../load/settings.ts";
import { stagesOf } from "./stages.ts";

// What the installed Ansible asks host_group_vars for (get_vars_from_path of vars/plugins.py): while the inventory is read, for a
// task, and for ansible-inventory.
test.each([
  [{}, [false, true, true]],
  [{ ANSIBLE_RUN_VARS_PLUGINS: "demand" }, [false, true, true]],
  [{ ANSIBLE_RUN_VARS_PLUGINS: "start" }, [true, false, true]],
  [{ ANSIBLE_VARS_PLUGIN_STAGE: "task" }, [false, true, false]],
  [{ ANSIBLE_VARS_PLUGIN_STAGE: "inventory" }, [true, false, false]],
  [{ ANSIBLE_VARS_PLUGIN_STAGE: "all" }, [true, true, true]],
  [{ ANSIBLE_VARS_PLUGIN_STAGE: "task", ANSIBLE_RUN_VARS_PLUGINS: "start" }, [false, true, false]],
  [{ ANSIBLE_VARS_ENABLED: "other.vars.plugin" }, [false, false, false]],
])("files of variables count at their times: %j", (env, [inventory, task, shown]) => {
  const settings = loadSettings({
    env: { ANSIBLE_CONFIG: "/nonexistent.cfg", ...env },
    cwd: "/nonexistent",
    flags: {},
    warn: () => {},
  });
  expect(stagesOf(settings, false)).toEqual({ inventory, task, late: "task" });
  expect(stagesOf(settings, true)).toEqual({ inventory, task: shown, late: "all" });
});
