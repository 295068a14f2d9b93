/**
 * International bank account numbers, ISO 13616: country, length and the mod-97 checksum must fit; groups may be set off by
 * one space, hyphen or dot each. Lengths are those of the SWIFT registry, https://www.swift.com/resource/iban-registry-pdf.
 */
import { DIGIT, isAsciiAlnum, isDigitCode } from "../scanner/characters.ts";
import { atomEnd, atomLength, atomStart, gapAfter, type Island } from "../scanner/island.ts";
import { type Recognizer, type Sink, wording } from "./recognizer.ts";

const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 " +
    "FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 " +
    "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 " +
    "RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
  )
    .split(" ")
    .map((row) => [row.slice(0, 2), Number(row.slice(2))]),
);
export const IBAN_LENGTHS = LENGTHS;
/** Half of the fifteen characters of the shortest. */
const DIGITS_MIN = 8;
const GROUP_CHARS = 4;

const WHY = wording((country) => `checksum mod-97, country ${country}`);

export const iban: Recognizer = {
  name: "iban",
  trigger: DIGIT,
  digitsMin: DIGITS_MIN,
  find(island: Island, sink: Sink): void {
    for (let atom = 0; atom < island.atoms; atom++) {
      const start = atomStart(island, atom);
      const length = ibanLength(island.text, start, atomEnd(island, atom));
      if (length === 0) continue;
      const last = lastGroup(island, atom, length);
      if (last < 0) continue;
      const end = atomEnd(island, last);
      const country = island.text.slice(start, start + 2).toUpperCase();
      if (!checksumHolds(island.text, start, end)) continue;
      sink.add("IBAN", start, end, 0.99, "iban", WHY(country));
      atom = last;
    }
  },
};

/** Full length of the IBAN that a word begins, in letters and digits without spaces; 0 when it begins none. */
export function ibanLength(text: string, start: number, end: number): number {
  if (end - start < 4 || !isDigitCode(text.charCodeAt(start + 2)) || !isDigitCode(text.charCodeAt(start + 3))) return 0;
  const country = text.charCodeAt(start) & ~0x20;
  if (country < 0x41 || country > 0x5a) return 0;
  return LENGTHS.get(text.slice(start, start + 2).toUpperCase()) ?? 0;
}

/** The atom in which an IBAN of `length` that begins with `atom` ends exactly, or -1. */
function lastGroup(island: Island, atom: number, length: number): number {
  let total = atomLength(island, atom);
  let last = atom;
  while (total < length) {
    const gap = gapAfter(island, last);
    if (gap !== 0x20 && gap !== 0x2d && gap !== 0x2e) return -1;
    // "…-ee19-df9d-227ab8faa437" is the end of a UUID: hyphens stand between groups of four.
    if (gap === 0x2d && atomLength(island, last) !== GROUP_CHARS) return -1;
    last++;
    total += atomLength(island, last);
  }
  if (last > atom && gapAfter(island, last - 1) === 0x2d && atomLength(island, last) > GROUP_CHARS) return -1;
  return total === length ? last : -1;
}

/** ISO 7064 MOD 97-10 over the rearranged number, https://www.iso.org/standard/81090.html; at least half must be digits. */
function checksumHolds(text: string, start: number, end: number): boolean {
  let remainder = 0;
  let digits = 0;
  let characters = 0;
  // The first four characters come last.
  for (let i = start + 4; i < end + 4; i++) {
    const code = text.charCodeAt(i < end ? i : start + i - end);
    if (!isAsciiAlnum(code)) continue;
    characters++;
    if (isDigitCode(code)) {
      digits++;
      remainder = (remainder * 10 + code - 0x30) % 97;
    } else {
      remainder = (remainder * 100 + (code & ~0x20) - 0x41 + 10) % 97;
    }
  }
  return remainder === 1 && digits * 2 >= characters;
}
