/**
 * Which vendor's name stands beside a value of the vendor's form. The form is asked first, because most values have the length of
 * none, and only then is the name taken apart.
 */
import { codeAt, isAsciiAlnum, isLowerCode, isUpperCode } from "../scanner/characters.ts";
import { SECRET_RULES } from "./secret-rules/index.ts";
import type { SecretRule } from "./secret-rules/rule.ts";
import { fitsParts, parseParts, type ShapePart } from "./secret-shape.ts";
import { shapeOf } from "./secret-value.ts";

interface Beside {
  readonly rule: SecretRule;
  readonly forms: readonly (readonly ShapePart[])[];
}

const BESIDE: readonly Beside[] = SECRET_RULES.filter((rule) => rule.beside !== undefined).map((rule) => ({
  rule,
  forms: rule.shapes.map(parseParts),
}));
const ENTROPY_MIN = 3;
/** Signs that may stand behind a value in its run: `",);`. */
const SIGNS_BEHIND_MAX = 4;
/** By length: the rules whose values have it. */
const BY_LENGTH: Beside[][] = Array.from({ length: 128 }, () => []);
/** By length of the run from the value on: whether such a value fits in. */
const RUNS_MAX = 128;
const RUNS = new Uint8Array(RUNS_MAX);
/** Rules whose values have no fixed length, and the letters that end their names. */
const OPEN: Beside[] = [];
const OPEN_ENDS = new Set<number>();

for (const row of BESIDE) {
  if (!row.forms.every(isFixed)) {
    OPEN.push(row);
    for (const name of row.rule.beside ?? []) OPEN_ENDS.add(name.charCodeAt(name.length - 1));
    continue;
  }
  for (const length of row.forms.map(lengthOf)) {
    BY_LENGTH[length]?.push(row);
    RUNS.fill(1, length, length + SIGNS_BEHIND_MAX + 1);
  }
}

/** Whether besideRule need be asked about the value that begins at `start` in a run that ends at `limit`. Quick, and mostly no. */
export function mayStandBeside(text: string, start: number, limit: number): boolean {
  const fits = limit - start < RUNS_MAX && RUNS[limit - start] === 1;
  return fits || OPEN_ENDS.has(codeAt(text, nameEnd(text, start) - 1) | 0x20);
}

function isFixed(form: readonly ShapePart[]): boolean {
  return form.every((part) => part.min === part.max);
}

function lengthOf(form: readonly ShapePart[]): number {
  return form.reduce((sum, part) => sum + part.min, 0);
}

const NAME_CHARS_MAX = 48;
const SIGNS_BETWEEN_MAX = 8;

/** A name that ends so is about the vendor's thing, not its secret: `dd.trace_id`, `HEROKU_SLUG_COMMIT`, `facebook.pixel.url`. */
const OTHER_ENDS = new Set(
  (
    "id ids uuid guid hash sha sha1 sha256 md5 digest checksum commit revision version url uri name email user username host path " +
    "file region org organization project account public index etag trace span request dataset table color class page"
  ).split(" "),
);

/** The rule whose form [start, end) has and whose name stands before it. */
export function besideRule(text: string, start: number, end: number): SecretRule | undefined {
  const fixed = BY_LENGTH[end - start];
  if (fixed !== undefined && fixed.length > 0) {
    const rule = ruleOf(fixed, text, start, end);
    if (rule !== undefined) return rule;
  }
  return OPEN_ENDS.has(text.charCodeAt(nameEnd(text, start) - 1) | 0x20) ? ruleOf(OPEN, text, start, end) : undefined;
}

function ruleOf(rows: readonly Beside[], text: string, start: number, end: number): SecretRule | undefined {
  let words: readonly string[] | undefined;
  for (const { rule, forms } of rows) {
    if (!forms.some((form) => fitsParts(form, text, start, end))) continue;
    words ??= nameWords(text, start);
    if (!rule.beside?.some((name) => words?.includes(name))) continue;
    if (rule.plain !== true && shapeOf(text, start, end).entropy < ENTROPY_MIN) continue;
    if (rule.check?.(text.slice(start, end)) !== false) return rule;
  }
  return undefined;
}

function nameEnd(text: string, start: number): number {
  let end = start;
  const floor = Math.max(0, start - SIGNS_BETWEEN_MAX);
  while (end > floor && !isAsciiAlnum(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Words of the name before the sign before `start`, lower case; none when the name says that the value is something else. */
function nameWords(text: string, start: number): readonly string[] {
  const end = nameEnd(text, start);
  let from = end;
  const floor = Math.max(0, end - NAME_CHARS_MAX);
  while (from > floor && (isAsciiAlnum(text.charCodeAt(from - 1)) || "_.-".includes(text[from - 1] ?? " "))) from--;
  const words: string[] = [];
  let word = from;
  for (let at = from; at <= end; at++) {
    const code = at < end ? text.charCodeAt(at) : 0;
    const breaks = !isAsciiAlnum(code) || (isUpperCode(code) && isLowerCode(text.charCodeAt(at - 1)));
    if (!breaks) continue;
    if (at > word) words.push(text.slice(word, at).toLowerCase());
    word = isAsciiAlnum(code) ? at : at + 1;
  }
  return OTHER_ENDS.has(words.at(-1) ?? "") ? [] : words;
}
