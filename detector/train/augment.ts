/**
 * Copies of gold examples that say the same of other people, in other cases of letters, or together: what makes the tagger
 * learn where names stand rather than which names the corpora hold.
 */
import { type Example, LOC, ORG, PER, type Span } from "./corpora.ts";
import { inflect, type People, type Pool } from "./people.ts";
import type { Random } from "./random.ts";

/** Replaces spans; `replace` gives the new text or undefined to leave one as it is. */
export function rewrite(example: Example, replace: (value: string, span: Span) => string | undefined): Example {
  let text = "";
  let at = 0;
  const spans: Span[] = [];
  for (const span of example.spans) {
    text += example.text.slice(at, span.s);
    const value = example.text.slice(span.s, span.e);
    const fresh = replace(value, span) ?? value;
    spans.push({
      s: text.length,
      e: text.length + fresh.length,
      may: span.may,
    });
    text += fresh;
    at = span.e;
  }
  return { ...example, text: text + example.text.slice(at), spans };
}

const INFLECTING = new Set(["hr", "sr", "sl", "sk", "cs", "pl", "fi", "et", "hu", "lv", "lt"]);
const GENITIVE_S = new Set(["sv", "da", "nb", "de"]);

const PARTICLES = [
  "al-",
  "al-",
  "Al-",
  "el-",
  "O'",
  "van ",
  "van der ",
  "von ",
  "de ",
  "de la ",
  "di ",
  "bin ",
  "ben ",
];

/** A few surnames have a particle, or are two. */
function withParticle(last: string, pool: Pool, random: Random): string {
  if (!random.chance(0.08)) return last;
  return random.chance(0.35) ? `${last}-${random.pick(pool.last)}` : random.pick(PARTICLES) + last;
}

/** Names as they stand in texts: given name, surname, both, with initials. */
export function inventName(words: number, language: string, people: People, random: Random, own = 0.6): string {
  const pool = people.mixed(language, random, own);
  const first = random.pick(pool.first);
  const last = withParticle(random.pick(pool.last), pool, random);
  const bent = INFLECTING.has(language) ? random.chance(0.5) : GENITIVE_S.has(language) && random.chance(0.06);
  const close = (word: string): string => (bent ? inflect(word, language, random) : word);
  if (words <= 1) return close(random.chance(0.5) ? first : last);
  const head = random.chance(0.06)
    ? `${first[0] as string}.`
    : INFLECTING.has(language) && bent
      ? inflect(first, language, random)
      : first;
  if (language === "hu" && random.chance(0.7)) return `${last} ${close(first)}`;
  if (words === 2) return `${head} ${close(last)}`;
  const middle = random.chance(0.4)
    ? `${random.pick(pool.first)[0] as string}.`
    : random.chance(0.5)
      ? random.pick(pool.first)
      : random.pick(pool.last);
  return `${head} ${middle} ${close(last)}`;
}

/** The same sentence about other people and, where words do not bend, other places. */
export function substitute(
  example: Example,
  people: People,
  harvest: ReadonlyMap<number, readonly string[]>,
  random: Random,
): Example {
  const language = example.lang;
  const fresh = new Map<string, string>();
  return rewrite(example, (value, { may }) => {
    if (may === PER) {
      if (!/^\p{Lu}/u.test(value)) return undefined;
      const known = fresh.get(value);
      if (known !== undefined) return known;
      const words = value.split(/\s+/).length;
      const made = random.chance(0.15)
        ? random.pick(harvest.get(PER) as string[])
        : inventName(words, language, people, random);
      const cased = value === value.toUpperCase() && value.length > 3 ? made.toUpperCase() : made;
      fresh.set(value, cased);
      return cased;
    }
    if (may === LOC && !INFLECTING.has(language) && /^\p{Lu}[\p{Ll}]+$/u.test(value) && random.chance(0.4)) {
      const { cities } = people.mixed(language, random, 0.6);
      return cities.length > 5 ? random.pick(cities) : undefined;
    }
    if (may === ORG && random.chance(0.2)) return random.pick(harvest.get(ORG) as string[]);
    return undefined;
  });
}

/** Only where the letters stay as many, so that the spans still fit. */
export function recase(example: Example, change: (text: string) => string): Example | undefined {
  const text = change(example.text);
  return text.length === example.text.length ? { ...example, text } : undefined;
}

/** People who write with care write their friends' names without it. */
export function lowerNames(example: Example): Example {
  return rewrite(example, (value, { may }) =>
    may === PER && value.toLowerCase().length === value.length ? value.toLowerCase() : undefined,
  );
}

export function join(examples: readonly Example[]): Example {
  let text = "";
  const spans: Span[] = [];
  for (const example of examples) {
    if (text !== "") text += " ";
    for (const { s, e, may } of example.spans) spans.push({ s: s + text.length, e: e + text.length, may });
    text += example.text;
  }
  const [head] = examples as [Example];
  return { lang: head.lang, text, spans };
}
