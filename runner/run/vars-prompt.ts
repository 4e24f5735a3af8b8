import type { Play, VarsPrompt } from "../model/play.ts";
import { type Dict, UnsafeText, type Value } from "../model/value.ts";

/** What asking for variables needs. */
export interface PromptTools {
  /** Whether somebody sits at the terminal; the defaults count when not. */
  readonly interactive: boolean;
  /** Undefined at the end of input. */
  readonly ask: (prompt: string, isPrivate: boolean) => Promise<string | undefined>;
  readonly show: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly extraVars: Dict;
  readonly render: (value: Value, play: Play) => Value;
  /** crypt(3) text. @throws Error for schemes that are not available. */
  readonly crypt: (request: PromptCrypt) => string;
}

export interface PromptCrypt {
  readonly password: string;
  readonly scheme: string;
  readonly salt: string | undefined;
  readonly saltSize: number | undefined;
}

/**
 * The play with the answers to its vars_prompt among its variables; what extra variables give is not asked for
 * (`executor/playbook_executor.py`, `Display.do_var_prompt`).
 *
 * @throws Error when input ends, or an answer cannot be encrypted.
 */
export async function askVars(play: Play, tools: PromptTools): Promise<Play> {
  const prompts = play.varsPrompt ?? [];
  if (prompts.length === 0) return play;
  const vars: Dict = new Map(play.vars);
  const rendered = prompts.map((prompt) => tools.render(prompt as Dict, play) as VarsPrompt);
  for (const prompt of rendered) {
    const name = String(prompt.get("name"));
    if (!tools.extraVars.has(name)) vars.set(name, await promptedValue(name, prompt, tools));
  }
  return { ...play, vars };
}

/** The same for listings, where nobody is asked: the defaults. */
export function withPromptDefaults(play: Play, extraVars: Dict): Play {
  const prompts = play.varsPrompt ?? [];
  if (prompts.length === 0) return play;
  const vars: Dict = new Map(play.vars);
  for (const prompt of prompts) {
    const name = String(prompt.get("name"));
    if (!extraVars.has(name)) vars.set(name, prompt.get("default") ?? null);
  }
  return { ...play, vars };
}

async function promptedValue(name: string, prompt: VarsPrompt, tools: PromptTools): Promise<Value> {
  const fallback = prompt.get("default") ?? null;
  let answer: string | undefined;
  if (tools.interactive) answer = await answerTo(name, prompt, tools);
  else tools.warn("Not prompting as we are not in interactive mode");
  // Without an answer and a default, Ansible makes text of Python's None.
  let text =
    answer === undefined || (answer === "" && fallback !== null)
      ? fallback === null
        ? "None"
        : textOf(fallback)
      : answer;
  const scheme = prompt.get("encrypt");
  if (isSet(scheme)) {
    const salt = prompt.get("salt");
    const size = prompt.get("salt_size");
    text = tools.crypt({
      password: text,
      scheme: textOf(scheme),
      salt: isSet(salt) ? textOf(salt) : undefined,
      saltSize: isSet(size) ? Number(size) : undefined,
    });
  }
  return isTrue(prompt.get("unsafe") ?? false) ? new UnsafeText(text) : text;
}

async function answerTo(name: string, prompt: VarsPrompt, tools: PromptTools): Promise<string> {
  const text = prompt.get("prompt") ?? name;
  const fallback = prompt.get("default") ?? null;
  const isPrivate = isTrue(prompt.get("private") ?? true);
  const question = !isSet(text)
    ? `input for ${name}: `
    : fallback === null
      ? `${textOf(text)}: `
      : `${textOf(text)} [${textOf(fallback)}]: `;
  const once = async (words: string): Promise<string> => {
    const answer = await tools.ask(words, isPrivate);
    if (answer === undefined) throw new Error(`the input ended at the prompt for '${name}'`);
    return answer;
  };
  for (;;) {
    const answer = await once(question);
    if (!isTrue(prompt.get("confirm") ?? false)) return answer;
    if ((await once(`confirm ${question}`)) === answer) return answer;
    tools.show("***** VALUES ENTERED DO NOT MATCH ****\n");
  }
}

function isSet(value: Value | undefined): value is Value {
  return value !== undefined && value !== null && value !== "" && value !== false;
}

function textOf(value: Value): string {
  if (value instanceof UnsafeText) return value.text;
  return value === true ? "True" : value === false ? "False" : String(value);
}

function isTrue(value: Value): boolean {
  if (typeof value === "string") return /^(?:y|yes|on|1|true|t)$/i.test(value.trim());
  return value === true || value === 1;
}
