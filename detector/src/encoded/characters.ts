/**
 * What the characters of a text may hide: one byte of classes for every UTF-16 code unit, and what a character stands for when it
 * only looks different from ASCII (Unicode's compatibility forms, digits of other scripts, letters of other scripts that look
 * like Latin ones). No behaviour beyond the tables.
 */

/** Digit of base64 or base64url; hexadecimal digits are among them. */
export const RUN = 1;
/** Begins an encoded character: `%`, `&`, `\`, `=`. */
export const MARK = 2;
/** Seen by nobody: zero-width characters, soft hyphen, directions, variation selectors, tags. */
export const INVISIBLE = 4;
/** A letter, digit or sign of ASCII in another guise, whatever stands around it. */
export const GUISE = 8;
/** A Cyrillic or Greek letter that looks like a Latin one. */
export const LOOKALIKE = 16;
/** Any other Cyrillic or Greek letter: a word with one in it is no Latin word in disguise. */
export const FOREIGN = 32;
/** A dash, space or sign that stands for one of ASCII between digits, and is ordinary typography elsewhere. */
export const TYPOGRAPHY = 64;

const BASE64_SIGNS = "+/-_";
const MARKS = "%&\\=";

/** First digit of each script's ten, https://www.unicode.org/Public/UCD/latest/ucd/extracted/DerivedNumericType.txt */
const ZEROS = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50,
  0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
  0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
];

const INVISIBLES: readonly (readonly [number, number])[] = [
  [0x00ad, 0x00ad],
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180e],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x206f],
  // The frame of a keycap: 0️⃣1️⃣7️⃣ is how some write a number that nobody is to find.
  [0x20e3, 0x20e3],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
];

/** Blocks of compatibility forms; what each stands for is asked of NFKC, https://www.unicode.org/reports/tr15/ */
const COMPATIBILITY: readonly (readonly [number, number])[] = [
  [0x2100, 0x214f],
  [0x2460, 0x2473],
  [0x249c, 0x24ea],
  [0xfb00, 0xfb06],
  [0xfe50, 0xfe6b],
  [0xff01, 0xff5e],
];
/** Signs of print that stand for themselves: №, ℠, ™. */
const PRINT = new Set([0x2116, 0x2120, 0x2122]);
/** Their signs are ordinary punctuation of Chinese and Japanese: folded where something else is, but no reason to look. */
const PUNCTUATION = ",:;!?()[]{}'\"<>|~^`\\$%&*#/=";

/** Dashes, spaces and dots between the groups of a number. The en and em dash are left out: they part, they do not join. */
const TYPOGRAPHIC: readonly (readonly [number, string])[] = [
  [0x2010, "-"],
  [0x2011, "-"],
  [0x2012, "-"],
  [0x2212, "-"],
  [0x2024, "."],
  [0x3002, "."],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2008, 0x200a, 0x205f, 0x3000].map(
    (code) => [code, " "] as const,
  ),
];

/** https://www.unicode.org/Public/security/latest/confusables.txt, the pairs that pass in running text. */
const LOOKALIKES: readonly (readonly [string, string])[] = [
  ["АВЕЗКМНОРСТУХІЈЅԚԜҮ", "ABE3KMHOPCTYXIJSQWY"],
  ["аеорсухіјѕһԁԛԝк", "aeopcyxijshdqwk"],
  ["ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"],
  ["αονρικυχϲϳ", "aovpikuxcj"],
];

const classes = new Uint8Array(0x10000);
const folds = new Map<number, string>();

function fold(code: number, to: string, as: number): void {
  classes[code] = as;
  folds.set(code, to);
}

for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(char) || BASE64_SIGNS.includes(char)) classes[code] = RUN;
  else if (MARKS.includes(char)) classes[code] = MARK;
}
for (const [first, last] of [
  [0x370, 0x3ff],
  [0x400, 0x52f],
] as const)
  classes.fill(FOREIGN, first, last + 1);
for (const zero of ZEROS) for (let digit = 0; digit < 10; digit++) fold(zero + digit, String(digit), GUISE);
for (const [first, last] of COMPATIBILITY) {
  for (let code = first; code <= last; code++) {
    const to = String.fromCharCode(code).normalize("NFKC").replace("\u2044", "/");
    if (PRINT.has(code) || !/^[\x21-\x7e]{1,3}$/.test(to)) continue;
    fold(code, to, PUNCTUATION.includes(to) ? TYPOGRAPHY : GUISE);
  }
}
for (const [code, to] of TYPOGRAPHIC) fold(code, to, TYPOGRAPHY);
for (const [from, to] of LOOKALIKES) {
  for (const [index, char] of [...from].entries()) fold(char.charCodeAt(0), to[index] ?? "", LOOKALIKE);
}
for (const [first, last] of INVISIBLES) classes.fill(INVISIBLE, first, last + 1);
/** High surrogates of the mathematical alphabets and of the tags. */
const MATHEMATICAL = 0xd835;
const TAGS = 0xdb40;
classes[MATHEMATICAL] = GUISE;
classes[TAGS] = INVISIBLE;

/** Index: UTF-16 code unit. */
export const ENCODED_CLASSES: Uint8Array = classes;

/** Whether a text without this character, and without long runs of base64 digits, hides nothing by it. */
export function isHiding(code: number): boolean {
  return ((classes[code] as number) & ~(RUN | FOREIGN)) !== 0;
}

/** What the character at `at` stands for, or undefined. One code unit; see foldPair for two. */
export function foldOf(code: number): string | undefined {
  return folds.get(code);
}

const MATH_LETTERS = 0x1d400;
const MATH_LETTERS_END = 0x1d6a4;
const MATH_DIGITS = 0x1d7ce;
const MATH_DIGITS_END = 0x1d800;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** What the surrogate pair stands for: "" for a tag that nobody sees, undefined when nothing is known of it. */
export function foldPair(highCode: number, lowCode: number): string | undefined {
  if (highCode === TAGS) return lowCode >= 0xdc00 && lowCode <= 0xddef ? "" : undefined;
  if (highCode !== MATHEMATICAL || lowCode < 0xdc00 || lowCode > 0xdfff) return undefined;
  const point = 0x10000 + ((highCode - 0xd800) << 10) + (lowCode - 0xdc00);
  if (point < MATH_LETTERS_END) return LETTERS[(point - MATH_LETTERS) % LETTERS.length];
  return point >= MATH_DIGITS && point < MATH_DIGITS_END ? String((point - MATH_DIGITS) % 10) : undefined;
}

/**
 * Named character references that hide something: https://html.spec.whatwg.org/multipage/named-characters.html. Those of
 * Latin-1 follow in the order of their code points.
 */
const NAMED: Readonly<Record<string, string>> = {
  commat: "@",
  period: ".",
  lowbar: "_",
  UnderBar: "_",
  plus: "+",
  hyphen: "-",
  dash: "-",
  colon: ":",
  semi: ";",
  comma: ",",
  sol: "/",
  num: "#",
  equals: "=",
  percnt: "%",
  excl: "!",
  quest: "?",
  lpar: "(",
  rpar: ")",
  dollar: "$",
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  ensp: " ",
  emsp: " ",
  thinsp: " ",
  Tab: "\t",
  NewLine: "\n",
  zwnj: "",
  zwj: "",
};
const LATIN_1 =
  "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil " +
  "sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave " +
  "Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute " +
  "acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml " +
  "divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

export const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...LATIN_1.split(" ").map((name, index) => [name, name === "shy" ? "" : String.fromCharCode(0xa0 + index)] as const),
  ...Object.entries(NAMED),
]);
export const ENTITY_CHARS_MAX = 8;
/** On every page, and in the way of nothing: no reason to look. */
export const COMMON_ENTITIES: ReadonlySet<string> = new Set([
  "amp",
  "lt",
  "gt",
  "quot",
  "apos",
  "nbsp",
  "copy",
  "laquo",
  "raquo",
]);
