/** The value behind the name of a field: `religion: Catholic`, `"religion": "catholic"`, `<religion>catholic</religion>`, `religion<tab>catholic`. */
import { FOLDED } from "./fold.ts";

/** Longer values are prose that happens to follow a colon; UTF-16 code units. */
export const VALUE_CHARS_MAX = 80;
const SIGNS_MAX = 6;

export interface Value {
  start: number;
  end: number;
}

/** Folded words that say that there is no value, or name its type. */
const EMPTY =
  /^(?:none|null|undefined|nil|na|nan|unknown|unspecified|string|str|text|varchar|char|boolean|bool|number|int|integer|float|date|object|array|list|enum|any|true|false|optional|required|yes|no)\b/iu;
/** No value of a form holds these; code does. */
const CODE = /[(){}[\]<>=$_|\\/@#*`]|\w\.\w|::|=>/u;
/** Letter, two digits, and more behind a dot: https://icd.who.int/browse10/2019/en */
const ICD = /(?<![A-Za-z0-9])[A-TV-Z]\d{2}(?:\.\d{1,2})?(?![A-Za-z0-9])/u;

function isWord(text: string, at: number): boolean {
  return (FOLDED[text.charCodeAt(at)] ?? 0) !== 0;
}

/** The value of the field whose name ends at `end`, or undefined. */
export function valueBehind(text: string, end: number): Value | undefined {
  let at = end;
  let separator = "";
  for (let signs = 0; at < text.length && signs < SIGNS_MAX && !isWord(text, at); at++, signs++) {
    const char = text.charAt(at);
    if (":=\t>|→".includes(char)) {
      // "a == b" and "a >= b" ask; they do not say.
      if (separator !== "" && char !== ">" && char !== "\t") return undefined;
      separator = char;
    } else if (!" \"'”“([*".includes(char)) return undefined;
  }
  if (separator === "" || at >= text.length || !isWord(text, at)) return undefined;
  const limit = Math.min(text.length, at + VALUE_CHARS_MAX);
  const ends = separator === "|" ? '\n\r"<>;|' : '\n\r"<>;\t{}';
  let to = at;
  while (to < limit && !ends.includes(text.charAt(to)) && !endsField(text, to)) to++;
  if (to === limit && limit < text.length && isWord(text, to)) return undefined;
  return { start: at, end: trimmed(text, at, to) };
}

/** A comma before the next `key:`, or a full stop at the end of a sentence. */
function endsField(text: string, at: number): boolean {
  const char = text.charAt(at);
  if (char === ".") return !isWord(text, at + 1);
  return char === "," && /^,\s*["']?[\p{L}\p{N}_ ]{1,24}["']?\s*[:=]/u.test(text.slice(at, at + 32));
}

function trimmed(text: string, start: number, end: number): number {
  let to = end;
  while (to > start && !isWord(text, to - 1) && text.charAt(to - 1) !== ")") to--;
  return to;
}

/** Whether something is filled in, and not the type of a field or an expression. */
export function isFilledIn(text: string, { start, end }: Value): boolean {
  const value = text.slice(start, end);
  return end - start >= 2 && /\p{L}{3}/u.test(value) && !EMPTY.test(value) && !CODE.test(value);
}

export function holdsDiagnosisCode(text: string, { start, end }: Value): boolean {
  return ICD.test(text.slice(start, end));
}
