import { listPlaybook, syntaxCheckText } from "../load/list.ts";
import type { Play } from "../model/play.ts";
import { withPromptDefaults } from "../run/vars-prompt.ts";
import type { RunOptions } from "./options.ts";
import type { Prepared } from "./prepare.ts";

/** Text for --list-hosts, --list-tasks, --list-tags and --syntax-check; undefined when the run is to run. */
export function listing(prepared: Prepared, options: RunOptions): string | undefined {
  const lists = options.listHosts || options.listTasks || options.listTags;
  if (!lists && !options.syntaxCheck) return undefined;
  const { settings, inventory, playbooks, match, renderPlay } = prepared;
  const known = new Map<Play, Play>();
  const listed = (play: Play): Play => {
    const found = known.get(play) ?? withPromptDefaults(play, prepared.extraVars);
    known.set(play, found);
    return found;
  };
  const texts = playbooks.map((playbook, index) => {
    const file = options.playbooks[index]!;
    if (!lists) return syntaxCheckText(file);
    return listPlaybook(playbook, file, {
      hosts: options.listHosts,
      tasks: options.listTasks,
      tags: options.listTags,
      onlyTags: settings.tagsRun.value,
      skipTags: settings.tagsSkip.value,
      render: (text, play) => String(renderPlay(text, listed(play))),
      matchHosts: match,
      inventory: inventory.current,
    });
  });
  return texts.map((text) => (text.endsWith("\n") ? text : `${text}\n`)).join("");
}
