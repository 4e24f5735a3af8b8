/** Whether a list of host patterns matches a name (ssh_config(5), PATTERNS): a negated one that does rules it out. */
export function matchesPatterns(patterns: readonly string[], name: string): boolean {
  const lower = name.toLowerCase();
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith("!");
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, lower)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** `*` and `?`; every other character is itself. Linear in the text for each star. */
function matchesPattern(pattern: string, name: string): boolean {
  const lower = pattern.toLowerCase();
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;
  while (at < name.length) {
    const char = lower[inPattern];
    if (char === "*") {
      star = inPattern;
      starAt = at;
      inPattern += 1;
    } else if (char === "?" || char === name[at]) {
      inPattern += 1;
      at += 1;
    } else if (star >= 0) {
      inPattern = star + 1;
      starAt += 1;
      at = starAt;
    } else return false;
  }
  while (lower[inPattern] === "*") inPattern += 1;
  return inPattern === lower.length;
}
