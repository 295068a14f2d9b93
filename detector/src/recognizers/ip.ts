/**
 * IP addresses, v4 and v6, without the port. Addresses that name no device on a network are left out: loopback,
 * unspecified, multicast, broadcast and netmasks are no personal data because every computer has the same ones.
 */
import { DIGIT, isAsciiAlnum, isDigitCode, isGlued, isUpperCode, PAIR } from "../scanner/characters.ts";
import { contextBefore, meaningAt } from "../scanner/context.ts";
import { atomEnd, atomLength, atomStart, gapAfter, isNumber, type Island } from "../scanner/island.ts";
import { LINK, VERSION } from "../scanner/words.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

/** "fd00::" */
const CHARS_MIN = 6;
const WHY_V4 = "four octets, no version, loopback, multicast or netmask";
const WHY_V6 = "grammar of RFC 4291, neither loopback, unspecified nor multicast";

export const ip: Recognizer = {
  name: "ip",
  trigger: DIGIT,
  charsMin: CHARS_MIN,
  find(island: Island, sink: Sink): void {
    for (let atom = 0; atom + 3 < island.atoms; atom++) {
      if (gapAfter(island, atom) !== 0x2e) continue;
      let last = atom;
      while (gapAfter(island, last) === 0x2e) last++;
      // Exactly four groups: a fifth makes it a version, a section or part of a name.
      if (last - atom === 3 && isAddress(island, atom)) {
        const plain = atomEnd(island, last) - atomStart(island, atom) > 7;
        sink.add("IP_ADDRESS", atomStart(island, atom), atomEnd(island, last), plain ? 0.9 : 0.6, "ip", WHY_V4);
      }
      atom = last;
    }
    if ((island.classes & PAIR) !== 0) findV6(island, sink);
  },
};

function octet(island: Island, atom: number): number {
  const length = atomLength(island, atom);
  if (!isNumber(island, atom) || length > 3) return -1;
  const start = atomStart(island, atom);
  if (length > 1 && island.text.charCodeAt(start) === 0x30) return -1;
  let value = 0;
  for (let i = start; i < start + length; i++) value = value * 10 + island.text.charCodeAt(i) - 0x30;
  return value <= 255 ? value : -1;
}

function isAddress(island: Island, atom: number): boolean {
  const { text } = island;
  const first = octet(island, atom);
  for (let i = 1; i <= 3; i++) if (octet(island, atom + i) < 0) return false;
  // 0/8 unspecified, 127/8 loopback, 224/4 multicast, 240/4 reserved with broadcast and netmasks: RFC 6890.
  if (first <= 0 || first === 127 || first >= 224) return false;
  const start = atomStart(island, atom);
  const end = atomEnd(island, atom + 3);
  const before = start > 0 ? (text[start - 1] ?? "") : "";
  // A range "10.0.0.5-10.0.0.9" is two addresses; "name-10.0.0.5" is a name.
  if (
    before === "-" ? start > 1 && isGlued(text, start - 2) && !isDigitCode(text.charCodeAt(start - 2)) : isTail(before)
  )
    return false;
  if (end + 1 < island.end && "-".includes(text[end] ?? "") && !isDigitCode(text.charCodeAt(end + 1))) return false;
  // "22.141.243.230,00" is an amount.
  if (
    text[end] === "," &&
    end + 3 <= island.end &&
    /^\d\d(?![\d.])/.test(text.slice(end + 1, Math.min(island.end, end + 4)))
  ) {
    return false;
  }
  if (text[end] === "/" && isNetwork(island, atom, end)) return false;
  if (before === "/" && isProduct(text, start - 1) && text[end] !== ":") return false;
  contextBefore(text, start);
  const nearest = meaningAt(0);
  const second = (nearest & LINK) !== 0 ? meaningAt(1) : 0;
  return ((nearest | second) & VERSION) === 0;
}

function isTail(before: string): boolean {
  return before !== "" && ".+#$€£%".includes(before);
}

/** "10.0.0.0/8" names a network, not a device. */
function isNetwork(island: Island, atom: number, slash: number): boolean {
  return octet(island, atom + 3) === 0 && slash + 1 < island.end && isDigitCode(island.text.charCodeAt(slash + 1));
}

/** "Chrome/120.0.0.0": a capitalised product before the slash. */
function isProduct(text: string, slash: number): boolean {
  let at = slash;
  while (at > 0 && slash - at < 24 && isAsciiAlnum(text.charCodeAt(at - 1))) at--;
  return at < slash && isUpperCode(text.charCodeAt(at));
}

/** Runs of hexadecimal digits, colons and dots with at least two colons. Left to right, each character seen once. */
function findV6(island: Island, sink: Sink): void {
  const { text } = island;
  let i = island.start;
  while (i < island.end) {
    if (!isV6Code(text.charCodeAt(i))) {
      i++;
      continue;
    }
    const start = i;
    let colons = 0;
    for (; i < island.end && isV6Code(text.charCodeAt(i)); i++) if (text.charCodeAt(i) === 0x3a) colons++;
    if (colons < 2 || isGlued(text, i)) continue;
    let end = i;
    while (end > start && (text[end - 1] === "." || (text[end - 1] === ":" && text[end - 2] !== ":"))) end--;
    let from = start;
    // "address:2001:db8::1" leaves a colon before the address; "::1" begins with two.
    if (text[from] === ":" && text[from + 1] !== ":") from++;
    else if (from > 0 && isGlued(text, from - 1)) continue;
    // "2001:db8::/32" names a network.
    if (text[end] === "/" && text[end - 1] === ":") continue;
    if (end - from <= 45 && isV6(text.slice(from, end))) sink.add("IP_ADDRESS", from, end, 0.95, "ip", WHY_V6);
  }
}

function isV6Code(code: number): boolean {
  return isDigitCode(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66) || code === 0x3a || code === 0x2e;
}

/**
 * https://www.rfc-editor.org/rfc/rfc4291#section-2.2. Compressed forms must begin with a group of four digits or with the
 * IPv4-mapped prefix: "a::b" and "12::30" are code and times more often than addresses.
 */
function isV6(value: string): boolean {
  const halves = value.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const tail = groups.at(-1) ?? "";
  const mapped = tail.includes(".");
  if (mapped && !/^\d{1,3}(?:\.\d{1,3}){3}$/.test(tail)) return false;
  const hex = mapped ? groups.slice(0, -1) : groups;
  if (hex.some((group) => group.length < 1 || group.length > 4 || group.includes("."))) return false;
  const length = hex.length + (mapped ? 2 : 0);
  const first = (hex[0] ?? "").toLowerCase();
  if (halves.length === 1)
    return length === 8 && !isEui64(hex) && !first.startsWith("ff") && hex.some((group) => /[1-9a-f]/i.test(group));
  if (length > 7) return false;
  if (value.startsWith("::")) return mapped && first === "ffff" && !tail.startsWith("127.") && !tail.startsWith("0.");
  return first.length === 4 && !first.startsWith("ff") && /\d/.test(value);
}

/** Eight pairs are the hardware address of an interface, see mac.ts: an address would leave out the zeros in front. */
function isEui64(groups: readonly string[]): boolean {
  return groups.every((group) => group.length === 2);
}
