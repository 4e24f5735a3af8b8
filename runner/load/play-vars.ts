import { join } from "node:path";
import type { Play } from "../model/play.ts";
import type { Dict, Value } from "../model/value.ts";
import { exists } from "./file-kind.ts";
import { expandPath } from "./path.ts";
import { loadVarsFile } from "./vars-file.ts";

/**
 * What a play's own name, hosts and prompts are rendered with: its variables under those of its vars_files, as far
 * as their names need no host (`VariableManager.get_vars` without a host, `vars/manager.py`).
 *
 * @param render a name with the variables so far; throws when it needs a host's.
 * @throws LoadError for a file that cannot be read, parsed or decrypted: the run ends before the play starts.
 */
export function playVars(play: Play, render: (text: Value, vars: Dict) => Value): Dict {
  if (play.varsFiles.length === 0) return play.vars;
  const vars: Dict = new Map(play.vars);
  for (const entry of play.varsFiles) {
    const file = firstFile(Array.isArray(entry) ? entry : [entry], play, (name) =>
      render(name, vars),
    );
    if (file === undefined) continue;
    for (const [key, value] of loadVarsFile(file, { kind: "error", lists: true }))
      vars.set(key, value);
  }
  return vars;
}

function firstFile(
  names: readonly Value[],
  play: Play,
  render: (name: Value) => Value,
): string | undefined {
  const basedir = play.basedir ?? ".";
  for (const name of names) {
    let rendered: string;
    try {
      rendered = String(render(name));
    } catch {
      // It waits for the hosts' variables.
      return undefined;
    }
    const found = [expandPath(rendered, join(basedir, "vars")), expandPath(rendered, basedir)].find(
      exists,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
