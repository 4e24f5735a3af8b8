import { decode } from "./answer.ts";

const dict = (...pairs: readonly unknown[][]) => ({ dict: pairs });
const float = (text: string) => ({ float: text });

/** The variables that every expression of the fuzzer may read, in the form that both sides decode. */
export const ENCODED = dict(
  ["s", "Hello World"],
  ["e", ""],
  ["u", "straße ÉÀ ☃ 😀"],
  ["w", "  padded\ttext \n"],
  ["csv", "a,b,,c"],
  ["num", "42"],
  ["fnum", "-3.50"],
  ["ver", "1.10.2"],
  ["path", "/etc/conf.d/file.tar.gz"],
  ["url", "https://user:pw@host.example.org:8443/a/b?x=1&y=2#frag"],
  ["date", "2024-02-29 12:34:56"],
  ["lit", "[1, 'two', None]"],
  ["jtext", '{"a": [1, true, null]}'],
  ["multi", "first line\n  second line\nthird\n"],
  ["yes", "yes"],
  ["n", 42],
  ["z", 0],
  ["neg", -7],
  ["big", { int: "1180591620717411303424" }],
  ["f", 3.25],
  ["g", float("2.0")],
  ["tiny", float("1e-07")],
  ["t", true],
  ["no", false],
  ["nil", null],
  ["l", [3, 1, 2]],
  ["ls", ["b", "a", "C", "b"]],
  ["le", []],
  ["lm", [1, "a", null, float("2.5"), [1], true]],
  ["ll", [[1, 2], [3], []]],
  ["d", dict(["b", 2], ["a", 1])],
  ["de", dict()],
  ["dn", dict(["x", dict(["y", [1, dict(["z", "deep"])]])], ["k", "v"])],
  ["dm", dict([1, "one"], ["1", "text"], [null, "none"])],
  [
    "users",
    [
      dict(["name", "bob"], ["age", 30], ["tags", ["x", "y"]], ["on", true]),
      dict(["name", "Ann"], ["age", 20], ["tags", []], ["on", false]),
      dict(["name", "cid"], ["age", 30], ["tags", ["x"]]),
    ],
  ],
  ["tup", { tuple: [1, "b", float("0.5")] }],
  ["tpl", "{{ n + 1 }}"],
  ["alias", "{{ l }}"],
  ["broken", "{{ nowhere }}"],
  ["kept", "{{ d | to_json }}"],
  ["box", dict(["text", "{{ l | to_json }}"], ["plain", "[5]"])],
);

/** The same, as values. */
export const VARIABLES = decode(ENCODED) as ReadonlyMap<string, unknown>;
