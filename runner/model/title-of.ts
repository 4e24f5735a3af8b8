import type { Task } from "./play.ts";

/** `TASK: web : install packages`: how a task calls itself, its name as written (`Task.__repr__` of ansible/playbook/task.py). */
export function titleOf({ isHandler, role, name, action }: Task): string {
  const own = name === undefined || name === "" ? action : name;
  return `${isHandler ? "HANDLER" : "TASK"}: ${role === undefined ? own : `${role.name} : ${own}`}`;
}
