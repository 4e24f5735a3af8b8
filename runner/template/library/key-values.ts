/** `a b=c "d e=f"`: words with an equals sign are options, the rest is text (ansible/parsing/splitter.py). */
export function parseKeyValues(text: string): {
  readonly options: Map<string, string>;
  readonly rest: string;
} {
  const options = new Map<string, string>();
  const rest: string[] = [];
  for (const word of text.match(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|["'])+/g) ?? []) {
    const found = /^([^=\s"']+)=(.*)$/s.exec(word);
    if (found === null) rest.push(unquoted(word));
    else options.set(found[1] ?? "", unquoted(found[2] ?? ""));
  }
  return { options, rest: rest.join(" ") };
}

function unquoted(text: string): string {
  const found = /^(["'])(.*)\1$/s.exec(text);
  return found === null ? text : (found[2] ?? "");
}
