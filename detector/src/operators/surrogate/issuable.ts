/**
 * Whether a number passes the check digits of any identifier that this detector knows, in whatever country. A stand-in that
 * passes one could be the number of a living person.
 */
import { IDENTIFIERS } from "../../identifiers/countries/all.ts";
import type { Check } from "../../identifiers/row.ts";

interface Form {
  /** `#`, `@`, `*` and literal letters and digits, without separators. */
  readonly pattern: string;
  readonly check: Check;
}

let forms: readonly Form[] | undefined;

function allForms(): readonly Form[] {
  const all = new Map<string, Form>();
  for (const { id, shapes, check, checkDigits } of IDENTIFIERS) {
    if (check === undefined || checkDigits === undefined) continue;
    for (const shape of shapes) {
      const pattern = shape.replaceAll(/[^#@*A-Za-z0-9]/g, "").toUpperCase();
      all.set(`${id} ${pattern}`, { pattern, check });
    }
  }
  return [...all.values()];
}

export function isIssuable(value: string): boolean {
  forms ??= allForms();
  const compact = value.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();
  for (const { pattern, check } of forms) {
    const places = placesOf(compact, pattern);
    if (places !== undefined && check(places)) return true;
  }
  return false;
}

/** The places of the identifier, as its check wants them; undefined when the value has another form. */
function placesOf(compact: string, pattern: string): Uint8Array | undefined {
  if (compact.length !== pattern.length) return undefined;
  const places = new Uint8Array(compact.length);
  let count = 0;
  for (let at = 0; at < compact.length; at++) {
    const code = compact.charCodeAt(at);
    const wanted = pattern[at];
    const digit = code < 0x3a;
    if (wanted === "#" ? !digit : wanted === "@" ? digit : wanted !== "*" && wanted !== compact[at]) return undefined;
    if (wanted === "#" || wanted === "@" || wanted === "*") places[count++] = digit ? code - 0x30 : code - 55;
  }
  return places.subarray(0, count);
}
