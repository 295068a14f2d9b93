/** Stand-ins for addresses of the internet, all from what its standards set aside for examples, so that nothing of it is reachable. */
import { BASE32 } from "../bytes.ts";
import type { Draws } from "./draws.ts";
import type { Environment, SurrogateRow } from "./environment.ts";
import { choiceOf, languageOf, personKey } from "./people.ts";
import { knownFirstName } from "./pools.ts";

/** https://www.rfc-editor.org/rfc/rfc2606#section-3 */
const DOMAINS = ["example.org", "example.com", "example.net"];
const LIGATURES: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  ø: "o",
  œ: "oe",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

function ascii(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFD")
    .replaceAll(/[ßæøœłđðþı]/g, (letter) => LIGATURES[letter] ?? "")
    .replaceAll(/[^a-z0-9-]/g, "");
}

/** The words of the local part are names more often than not, and become what these names become; the number makes it unique. */
export const email: SurrogateRow = (value, attempt, environment) => {
  const at = value.replace("%40", "@").lastIndexOf("@");
  const local = at < 1 ? value : value.slice(0, at);
  const domain = at < 1 ? "" : value.slice(at + 1);
  const words = local.match(/[\p{L}\p{M}]{2,}/gu)?.slice(0, 2) ?? [];
  const choices = environment.draws("EMAIL", environment.key, String(attempt));
  const names = words.map((word, index) => ascii(nameFor(word, index, words, environment)));
  const host = environment.draws("EMAIL", "domain", domain.toLowerCase()).pick(DOMAINS);
  return `${[...names, ""].join(".").replace(/\.$/, "") || "mail"}${1000 + choices.int(9000)}@${host}`;
};

function nameFor(word: string, index: number, words: readonly string[], environment: Environment): string {
  const key = personKey(word);
  const known = environment.replacements?.find("PERSON", key);
  if (known !== undefined && !/\s/.test(known.written)) return known.written;
  const latin = /^\p{Script=Latin}+$/u.test(word);
  const language = latin
    ? languageOf(
        words.map((text) => ({ text: title(text) })),
        environment.language,
      )
    : "en";
  const places = knownFirstName(word);
  const first = index < words.length - 1 || (words.length === 1 && places.length > 0);
  const sexes = new Set(places.map((place) => place.sex));
  const sex = first && sexes.size === 1 ? [...sexes][0] : undefined;
  return choiceOf(key, first ? "first" : "last", sex, language, environment)(0);
}

function title(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function token(choices: Draws, length: number): string {
  return Array.from({ length }, () => choices.pick([...BASE32])).join("");
}

export const url: SurrogateRow = (value, attempt, { draws, key }) => {
  const scheme = /^[a-z][a-z0-9+.-]{0,20}:\/\//i.exec(value)?.[0] ?? "";
  return `${scheme}www.example.org/${token(draws("URL", key, String(attempt)), 8)}`;
};

/** https://www.rfc-editor.org/rfc/rfc5737, then RFC 2544's network for benchmarks; https://www.rfc-editor.org/rfc/rfc3849. */
const NETWORKS = ["192.0.2", "198.51.100", "203.0.113"];
const SMALL_NETWORK_TRIES = 32;

export const ip: SurrogateRow = (value, attempt, { draws, key }) => {
  const choices = draws("IP_ADDRESS", key, String(attempt));
  if (value.includes(":")) {
    const groups = Array.from({ length: 3 }, () => choices.int(0x1_0000).toString(16));
    return `2001:db8::${groups.join(":")}`;
  }
  if (!/[0-9]/.test(value)) return undefined;
  if (attempt < SMALL_NETWORK_TRIES) return `${choices.pick(NETWORKS)}.${1 + choices.int(254)}`;
  return `198.${18 + choices.int(2)}.${choices.int(256)}.${1 + choices.int(254)}`;
};

/** https://www.rfc-editor.org/rfc/rfc9542#section-2.1.4: 00-00-5E-00-53-00 to FF are for documentation. */
export const mac: SurrogateRow = (value, attempt, { draws }) => {
  const digits = value.replaceAll(/[^0-9a-f]/gi, "");
  if (digits.length !== 12) return undefined;
  const last = draws("MAC_ADDRESS", digits.toLowerCase(), String(attempt)).int(256).toString(16).padStart(2, "0");
  const fake = `00005e0053${last}`;
  const lower = value === value.toLowerCase();
  let next = 0;
  return value.replace(/[0-9a-f]/gi, () => {
    const digit = fake[next++] ?? "";
    return lower ? digit : digit.toUpperCase();
  });
};

const ADJECTIVES = "quiet brave amber silver gentle swift lucky misty sunny clever humble merry".split(" ");
const ANIMALS = "otter heron badger falcon marten lynx plover beaver raven trout hare stork".split(" ");

export const handle: SurrogateRow = (value, attempt, { draws, key }) => {
  const choices = draws("USER_HANDLE", key.toLowerCase(), String(attempt));
  const prefix = /^(?:@|\/?u\/)/i.exec(value)?.[0] ?? "";
  return `${prefix}${choices.pick(ADJECTIVES)}_${choices.pick(ANIMALS)}${100 + choices.int(900)}`;
};
