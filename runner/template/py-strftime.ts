import { valueError } from "./error.ts";
import { reprString } from "./py-repr.ts";

/** The parts of a moment, without a zone or with an offset. */
export interface TimeParts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** Minutes east of UTC; undefined for a naive time. */
  readonly offset?: number | undefined;
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** C's strftime in the C locale; unknown directives are left as they are, as glibc does. */
export function formatTime(format: string, time: TimeParts, zoneName = ""): string {
  return format.replace(/%([-_0^#]?)([a-zA-Z%])/g, (all, flag: string, letter: string) => {
    const text = directive(letter, time, zoneName);
    if (text === undefined) return all;
    if (flag === "-") return text.replace(/^[0 ]+(?=.)/, "");
    if (flag === "_") return text.replace(/^0+(?=.)/, (zeros) => " ".repeat(zeros.length));
    return flag === "^" ? text.toUpperCase() : text;
  });
}

function directive(letter: string, time: TimeParts, zoneName: string): string | undefined {
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = new Date(Date.UTC(time.year, time.month - 1, time.day));
  const weekday = date.getUTCDay();
  const yearDay = Math.round((date.getTime() - Date.UTC(time.year, 0, 1)) / 86_400_000);
  const twelve = time.hour % 12 || 12;
  switch (letter) {
    case "Y":
      return String(time.year);
    case "y":
      return two(time.year % 100);
    case "C":
      return two(Math.floor(time.year / 100));
    case "m":
      return two(time.month);
    case "d":
      return two(time.day);
    case "e":
      return String(time.day).padStart(2, " ");
    case "H":
      return two(time.hour);
    case "k":
      return String(time.hour).padStart(2, " ");
    case "I":
      return two(twelve);
    case "l":
      return String(twelve).padStart(2, " ");
    case "M":
      return two(time.minute);
    case "S":
      return two(time.second);
    case "f":
      return String(time.microsecond).padStart(6, "0");
    case "p":
      return time.hour < 12 ? "AM" : "PM";
    case "P":
      return time.hour < 12 ? "am" : "pm";
    case "a":
      return DAYS[weekday]?.slice(0, 3);
    case "A":
      return DAYS[weekday];
    case "b":
    case "h":
      return MONTHS[time.month - 1]?.slice(0, 3);
    case "B":
      return MONTHS[time.month - 1];
    case "j":
      return String(yearDay + 1).padStart(3, "0");
    case "u":
      return String(weekday || 7);
    case "w":
      return String(weekday);
    case "U":
      return two(Math.floor((yearDay + 7 - weekday) / 7));
    case "W":
      return two(Math.floor((yearDay + 7 - ((weekday + 6) % 7)) / 7));
    case "V":
      return two(isoWeek(date).week);
    case "G":
      return String(isoWeek(date).year);
    case "s":
      return String(
        Math.floor(
          new Date(
            time.year,
            time.month - 1,
            time.day,
            time.hour,
            time.minute,
            time.second,
          ).getTime() / 1000,
        ),
      );
    case "z":
      return time.offset === undefined ? "" : offsetText(time.offset);
    case "Z":
      return zoneName;
    case "D":
    case "x":
      return `${two(time.month)}/${two(time.day)}/${two(time.year % 100)}`;
    case "F":
      return `${time.year}-${two(time.month)}-${two(time.day)}`;
    case "T":
    case "X":
      return `${two(time.hour)}:${two(time.minute)}:${two(time.second)}`;
    case "R":
      return `${two(time.hour)}:${two(time.minute)}`;
    case "r":
      return `${two(twelve)}:${two(time.minute)}:${two(time.second)} ${time.hour < 12 ? "AM" : "PM"}`;
    case "c":
      return `${DAYS[weekday]?.slice(0, 3)} ${MONTHS[time.month - 1]?.slice(0, 3)} ${String(time.day).padStart(2, " ")} ${two(time.hour)}:${two(time.minute)}:${two(time.second)} ${time.year}`;
    case "n":
      return "\n";
    case "t":
      return "\t";
    case "%":
      return "%";
    default:
      return undefined;
  }
}

function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  return {
    year,
    week: Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 + 1) / 7),
  };
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}${String(size % 60).padStart(2, "0")}`;
}

const PATTERNS: Readonly<Record<string, string>> = {
  Y: "(\\d{4})",
  y: "(\\d{2})",
  m: "(1[0-2]|0[1-9]|[1-9])",
  d: "(3[01]|[12]\\d|0[1-9]|[1-9]| [1-9])",
  H: "(2[0-3]|[01]\\d|\\d)",
  I: "(1[0-2]|0[1-9]|[1-9])",
  M: "([0-5]\\d|\\d)",
  S: "(6[01]|[0-5]\\d|\\d)",
  f: "(\\d{1,6})",
  j: "(36[0-6]|3[0-5]\\d|[12]\\d\\d|0[1-9]\\d|00[1-9]|[1-9]\\d|0[1-9]|[1-9])",
  p: "(am|pm)",
  b: `(${MONTHS.map((name) => name.slice(0, 3)).join("|")})`,
  B: `(${MONTHS.join("|")})`,
  a: `(${DAYS.map((name) => name.slice(0, 3)).join("|")})`,
  A: `(${DAYS.join("|")})`,
  z: "([+-]\\d\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d{1,6})?)?|Z)",
  Z: "(utc|gmt|[a-z]{3,4})",
};

/** Python's strptime. Throws ValueError for text that does not fit. */
export function parseTime(text: string, format: string): TimeParts {
  const letters: string[] = [];
  const expanded = format
    .replaceAll("%T", "%H:%M:%S")
    .replaceAll("%D", "%m/%d/%y")
    .replaceAll("%F", "%Y-%m-%d");
  const pattern = expanded.replace(
    /%(.)|\s+|[\\^$.*+?()[\]{}|]/g,
    (found, letter: string | undefined) => {
      if (letter === undefined) return /\s/.test(found) ? "\\s+" : `\\${found}`;
      if (letter === "%") return "%";
      const part = PATTERNS[letter];
      if (part === undefined)
        throw valueError(`'${letter}' is a bad directive in format ${reprString(format)}`);
      letters.push(letter);
      return part;
    },
  );
  const found = new RegExp(`^${pattern}`, "i").exec(text);
  if (found === null)
    throw valueError(`time data ${reprString(text)} does not match format ${reprString(format)}`);
  if (found[0].length < text.length)
    throw valueError(`unconverted data remains: ${text.slice(found[0].length)}`);
  return assemble(new Map(letters.map((letter, index) => [letter, found[index + 1] ?? ""])));
}

function assemble(fields: ReadonlyMap<string, string>): TimeParts {
  const number = (letter: string, otherwise: number): number => {
    const text = fields.get(letter);
    return text === undefined ? otherwise : Number(text);
  };
  const short = fields.get("y");
  const year =
    short === undefined ? number("Y", 1900) : Number(short) + (Number(short) < 69 ? 2000 : 1900);
  let hour = number("H", 0);
  if (fields.has("I"))
    hour = (number("I", 12) % 12) + (fields.get("p")?.toLowerCase() === "pm" ? 12 : 0);
  let month = number("m", 1);
  const named = (fields.get("b") ?? fields.get("B"))?.slice(0, 3).toLowerCase();
  if (named !== undefined)
    month = MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === named) + 1;
  let day = number("d", 1);
  if (fields.has("j")) {
    const date = new Date(Date.UTC(year, 0, number("j", 1)));
    month = date.getUTCMonth() + 1;
    day = date.getUTCDate();
  }
  if (new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day)
    throw valueError("day is out of range for month");
  const microsecond = Number((fields.get("f") ?? "0").padEnd(6, "0"));
  return {
    year,
    month,
    day,
    hour,
    minute: number("M", 0),
    second: number("S", 0),
    microsecond,
    offset: parseOffset(fields.get("z")),
  };
}

function parseOffset(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text.toUpperCase() === "Z") return 0;
  const digits = text.slice(1).replaceAll(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4));
  return text.startsWith("-") ? -minutes : minutes;
}
