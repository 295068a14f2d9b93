/** Stand-ins for places, addresses, organisations and points on the map. The pools are common names; their combination is invented. */
import type { Environment, SurrogateRow } from "./environment.ts";
import { LANGUAGES, poolOf } from "./pools.ts";

/** Coined, and followed by a common word of business. That no company bears the name is likely, not certain. */
const COINED =
  "Velmora Tarnwick Ostrelis Brindal Kasparon Luminor Ferrandis Solvanta Quorvale Merivant Altabrook Norvika Zelmarin Pravion Ostara Calidor Wendrell Harvonne Istrana Belcora Dorvane Elmstrand Falkirin Grenova Hollmark Ivarsson Jorland Kelvara Lindoro Marsfeld Nordholm Orlenz Pallador Quintara Rosvik Seldane Torvello Umbrion Varlando Westerlin".split(
    " ",
  );
const BUSINESS =
  "Systems Logistics Foods Energy Media Trading Medical Consulting Textiles Optics Marine Robotics".split(" ");
/** Legal forms of the countries of the pools, the longer first. */
const FORMS =
  /(?:GmbH & Co\. KG|sp\. z o\.o\.|S\.p\.A\.|S\.r\.l\.|S\.A\.R\.L\.|S\.A\.S\.|S\.R\.L\.|S\.L\.U\.|S\.L\.|S\.A\.|a\.s\.|s\.r\.o\.|d\.o\.o\.|d\.d\.|e\.V\.|B\.V\.|N\.V\.|Lda\.|Kft\.|Zrt\.|GmbH|SARL|SAS|SpA|Srl|UAB|SIA|ApS|PLC|plc|LLC|LLP|Inc\.?|Ltd\.?|Corp\.?|AG|KG|SE|SA|BV|NV|AB|AS|A\/S|Oyj|Oy|OÜ|ООД|АД|Α\.Ε\.)$/;

function languageFor(value: string, language: string | undefined): string {
  if (/\p{Script=Greek}/u.test(value)) return "el";
  if (/\p{Script=Cyrillic}/u.test(value)) return "bg";
  if (language === undefined || !LANGUAGES.includes(language)) return "en";
  return language === "el" || language === "bg" ? "en" : language;
}

function inCaseOf(value: string, name: string): string {
  if (!/\p{L}/u.test(value)) return name;
  if (value === value.toUpperCase()) return name.toUpperCase();
  return value === value.toLowerCase() ? name.toLowerCase() : name;
}

function choicesFor(type: string, attempt: number, { draws, key }: Environment) {
  return draws(type, key.toLowerCase(), String(attempt));
}

export const location: SurrogateRow = (value, attempt, environment) => {
  if (!/\p{L}/u.test(value)) return undefined;
  const { cities } = poolOf(languageFor(value, environment.language));
  // The pool in order from a keyed start: different places stay different while it lasts.
  const start = choicesFor("LOCATION", 0, environment).int(cities.length);
  return inCaseOf(value, cities[(start + attempt) % cities.length] as string);
};

export const address: SurrogateRow = (value, attempt, environment) => {
  if (!/[\p{L}\p{N}]/u.test(value)) return undefined;
  const pool = poolOf(languageFor(value, environment.language));
  const choices = choicesFor("ADDRESS", attempt, environment);
  const parts: Readonly<Record<string, string>> = {
    S: choices.pick(pool.streets),
    // Few streets are that long.
    N: String(300 + choices.int(600)),
    P: pool.postcode.replace(/[#?]/g, (place) =>
      place === "#" ? String(choices.int(10)) : choices.pick([..."ABDEFGHJLN"]),
    ),
    C: choices.pick(pool.cities),
  };
  const written = pool.address.replace(/\b[SNPC]\b/g, (part) => parts[part] ?? part);
  return value.includes("\n") ? written.replace(", ", "\n") : written;
};

export const organization: SurrogateRow = (value, attempt, environment) => {
  if (!/\p{L}/u.test(value)) return undefined;
  const choices = choicesFor("ORGANIZATION", attempt, environment);
  const form = FORMS.exec(value.trim())?.[0];
  return `${choices.pick(COINED)} ${choices.pick(BUSINESS)}${form === undefined ? "" : ` ${form}`}`;
};

/** As many decimals as before; anywhere between the polar circles, land or sea. */
export const coordinates: SurrogateRow = (value, attempt, environment) => {
  const choices = choicesFor("COORDINATES", attempt, environment);
  let found = 0;
  const written = value.replace(/-?[0-9]{1,3}([.,])([0-9]+)/g, (_, point: string, fraction: string) => {
    const limit = found++ % 2 === 0 ? 66 : 180;
    return `${choices.int(2 * limit) - limit}${point}${choices.digits(fraction.length)}`;
  });
  return found > 0 ? written : undefined;
};
