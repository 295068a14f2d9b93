/**
 * Writes texts about invented people where there is no gold, and in the forms that gold does not have: forms, mail headers, chat,
 * tickets, JSON, CSV, log lines. Every span is known because this file put it there.
 */
import { type Example, LOC, ORG, OUT, PER, type Span } from "./corpora.ts";
import { inflect, type People, type Pool } from "./people.ts";
import type { Phrases } from "./phrases.ts";
import type { Random } from "./random.ts";
import { countries } from "./words.ts";

const COMPANY_WORDS =
  "Nord Alpha Delta Nova Euro Inter Global Tech Data Soft Media Trans Bio Eco Metal Auto Agro Omega Prima Optima Digital Solar Energo Aqua Terra Medi Pharma Logistik Consult Systems Solutions Partners Group Holding Capital Invest Trade Service Print Design Studio Labs Works Networks Foods Textil Bau Immobilien".split(
    " ",
  );
const COMPANY_TAILS: Readonly<Record<string, string>> = {
  en: "Ltd|Inc.|LLC|plc|Group|& Co|& Sons|Partners|University|Bank|Hospital",
  de: "GmbH|AG|KG|e.V.|GmbH & Co. KG|OHG|SE|Versicherung|Bank",
  fr: "SA|SARL|SAS|SASU|& Fils|Assurances",
  es: "S.A.|S.L.|SLU|Hermanos",
  it: "S.p.A.|S.r.l.|srl|spa|S.a.s.",
  nl: "B.V.|BV|N.V.|& Zonen",
  pl: "Sp. z o.o.|S.A.|sp. j.",
  pt: "Lda|S.A.|Ltda",
  sv: "AB|& Söner",
  da: "A/S|ApS",
  nb: "AS|ASA",
  cs: "s.r.o.|a.s.|spol. s r.o.",
  sk: "s.r.o.|a.s.",
  sl: "d.o.o.|d.d.",
  hr: "d.o.o.|d.d.",
  sr: "d.o.o.|a.d.",
  ro: "SRL|S.R.L.|SA",
  hu: "Kft.|Zrt.|Nyrt.|Bt.",
  fi: "Oy|Oyj|Ky",
  el: "Α.Ε.|ΕΠΕ|ΙΚΕ|Α.Β.Ε.Ε.",
  bg: "ООД|ЕООД|АД",
  et: "OÜ|AS",
  lv: "SIA|AS",
  lt: "UAB|AB",
};

export class Writer {
  text = "";
  spans: Span[] = [];

  add(text: string, may: number = OUT): this {
    if (may !== OUT)
      this.spans.push({
        s: this.text.length,
        e: this.text.length + text.length,
        may,
      });
    this.text += text;
    return this;
  }
}

export class Synthesis {
  readonly #people: People;
  readonly #random: Random;
  readonly #countries = new Map<string, string[]>();

  constructor(people: People, random: Random) {
    this.#people = people;
    this.#random = random;
  }

  #pool(lang: string): Pool {
    return this.#people.mixed(lang, this.#random, 0.75);
  }

  #first(lang: string): string {
    return this.#random.pick(this.#pool(lang).first);
  }

  #last(lang: string): string {
    return this.#random.pick(this.#pool(lang).last);
  }

  #name(lang: string): string {
    const r = this.#random;
    const pool = this.#pool(lang);
    const first = r.pick(pool.first);
    const last = r.pick(pool.last);
    if (lang === "hu" && r.chance(0.85)) return `${last} ${first}`;
    const roll = r.below(20);
    if (roll === 0) return `${first} ${r.pick(pool.first)} ${last}`;
    if (roll === 1) return `${first[0] as string}. ${last}`;
    if (roll === 2 && (lang === "es" || lang === "pt")) return `${first} ${last} ${r.pick(pool.last)}`;
    if (roll === 3) return `${first} ${last}-${r.pick(pool.last)}`;
    return `${first} ${last}`;
  }

  #city(lang: string): string {
    const { cities } = this.#pool(lang);
    return cities.length > 5 ? this.#random.pick(cities) : this.#random.pick(this.#people.of("en").cities);
  }

  #country(lang: string): string {
    let list = this.#countries.get(lang);
    if (list === undefined) this.#countries.set(lang, (list = countries(lang)));
    return this.#random.pick(list);
  }

  #company(lang: string): string {
    const r = this.#random;
    const tails = (COMPANY_TAILS[lang] ?? "Ltd").split("|");
    const roll = r.below(6);
    const head =
      roll < 2
        ? r.pick(this.#pool(lang).last)
        : roll === 2
          ? `${r.pick(this.#pool(lang).last)} & ${r.pick(this.#pool(lang).last)}`
          : roll === 3
            ? `${r.pick(COMPANY_WORDS)} ${r.pick(COMPANY_WORDS)}`
            : roll === 4
              ? `${r.pick(COMPANY_WORDS)}${r.pick(COMPANY_WORDS).toLowerCase()}`
              : this.#city(lang);
    return `${head} ${r.pick(tails)}`;
  }

  #slot(out: Writer, slot: string, lang: string): void {
    const r = this.#random;
    const bend = (value: string): string =>
      slot.endsWith("i")
        ? value
            .split(" ")
            .map((part) => inflect(part, lang, r))
            .join(" ")
        : value;
    switch (slot[0]) {
      case "N":
        out.add(bend(this.#name(lang)), PER);
        return;
      case "F":
        out.add(bend(this.#first(lang)), PER);
        return;
      case "L":
        out.add(bend(this.#last(lang)), PER);
        return;
      case "C":
        out.add(bend(this.#city(lang)), LOC);
        return;
      case "K":
        out.add(this.#country(lang), LOC);
        return;
      case "O":
        out.add(this.#company(lang), ORG);
        return;
      default:
        throw new Error(`no slot ${slot}`);
    }
  }

  /** A template's text. Slots next to each other, "{F} {L}", become one name. */
  fill(template: string, lang: string, out: Writer): void {
    let at = 0;
    for (const slot of template.matchAll(/\{(\w+)\}/g)) {
      const between = template.slice(at, slot.index);
      out.add(between);
      this.#slot(out, slot[1] as string, lang);
      const last = out.spans.at(-1) as Span;
      const before = out.spans.at(-2);
      if (
        before !== undefined &&
        before.may === PER &&
        last.may === PER &&
        /^ (?:(?:van|de|den|der|von) ?){0,3} ?$/.test(between) &&
        before.e + between.length === last.s
      ) {
        before.e = last.e;
        out.spans.pop();
      }
      at = slot.index + slot[0].length;
    }
    out.add(template.slice(at));
  }

  #digits(count: number): string {
    let text = "";
    for (let k = 0; k < count; k++) text += String(this.#random.below(10));
    return text;
  }

  #mail(name: string): string {
    return `${
      name
        .normalize("NFD")
        .replace(/[^A-Za-z ]/g, "")
        .toLowerCase()
        .split(" ")
        .filter((w) => w !== "")
        .join(".") || "info"
    }@example.${this.#random.pick(["com", "org", "eu", "de", "fr"])}`;
  }

  /** One line or short text in one of the shapes that gold does not have. */
  form(p: Phrases, out: Writer): void {
    const r = this.#random;
    const { lang } = p;
    const sep = r.pick([": ", ": ", ": ", ":", " : ", " - ", "\t", " = "]);
    const label = (list: readonly string[]): string => {
      const text = r.pick(list);
      return r.chance(0.1) ? text.toUpperCase() : r.chance(0.1) ? text.toLowerCase() : text;
    };
    const shout = r.chance(0.08);
    const name = shout ? this.#name(lang).toUpperCase() : this.#name(lang);
    switch (r.below(19)) {
      case 0:
        out.add(label(p.nameLabels) + sep).add(name, PER);
        return;
      case 1:
        out.add(label(p.firstLabels) + sep).add(this.#first(lang), PER);
        return;
      case 2:
        out.add(label(p.lastLabels) + sep).add(this.#last(lang), PER);
        return;
      case 3:
        out.add(label(p.cityLabels) + sep).add(this.#city(lang), LOC);
        return;
      case 4:
        out.add(label(p.companyLabels) + sep).add(this.#company(lang), ORG);
        return;
      case 5:
        out
          .add(`${label(p.firstLabels)}${sep}`)
          .add(this.#first(lang), PER)
          .add(`${r.pick([", ", "; ", " | ", "  "])}${label(p.lastLabels)}${sep}`)
          .add(this.#last(lang), PER);
        return;
      case 6:
        out.add(`${r.pick(p.greetings)} ${r.chance(0.3) ? `${r.pick(p.titles)} ` : ""}`);
        this.#slot(out, r.chance(0.6) ? "F" : "L", lang);
        out.add(r.pick([",", "!", "", ":", " -"]));
        return;
      case 7:
        out
          .add(`${r.pick(p.farewells)}${r.pick([", ", " ", ",  "])}`)
          .add(r.chance(0.5) ? name : this.#first(lang), PER);
        return;
      case 8:
        out.add(r.chance(0.5) ? name : this.#first(lang), PER);
        if (r.chance(0.3)) out.add(r.pick([",", "!", "?", ":"]));
        return;
      case 9: {
        const n = this.#name(lang);
        out
          .add(
            r.pick(["From: ", "To: ", "Cc: ", "", "Reply-To: ", "Von: ", "De : ", "Da: ", "Van: ", "Od: "]) +
              r.pick(["", "", '"']),
          )
          .add(n, PER)
          .add(`${out.text.endsWith('"') ? '"' : ""} <${this.#mail(n)}>`);
        return;
      }
      case 10: {
        const q = r.pick(['"', ""]);
        out
          .add(r.pick(["From: ", "To: ", "", "Cc: "]) + q)
          .add(`${this.#last(lang)}, ${this.#first(lang)}`, PER)
          .add(q);
        if (r.chance(0.6)) out.add(` <${this.#mail("a b")}>`);
        return;
      }
      case 11:
        out
          .add(
            r.pick([
              '{"name":"',
              '{"id":12,"fullName":"',
              '{"customer_name": "',
              '  "displayName": "',
              '{"user":{"name":"',
            ]),
          )
          .add(name, PER)
          .add('","')
          .add(r.pick(["city", "town", "location", "addressLocality"]))
          .add(r.pick(['":"', '": "']))
          .add(this.#city(lang), LOC)
          .add('"}');
        return;
      case 12:
        out
          .add(r.pick(['{"firstName":"', '"first_name": "', '{"given_name":"', '"firstname":"']))
          .add(this.#first(lang), PER)
          .add(r.pick(['","lastName":"', '", "last_name": "', '","family_name":"', '","surname":"']))
          .add(this.#last(lang), PER)
          .add(`","id":${this.#digits(5)}}`);
        return;
      case 13: {
        const q = r.pick([";", ",", "\t", "|"]);
        out
          .add(`${this.#digits(4)}${q}`)
          .add(name, PER)
          .add(q + this.#mail("x y") + q)
          .add(this.#city(lang), LOC)
          .add(q + this.#digits(5));
        return;
      }
      case 14: {
        const q = r.pick([";", ",", "\t"]);
        out
          .add(this.#first(lang), PER)
          .add(q)
          .add(this.#last(lang), PER)
          .add(q + this.#digits(8) + q)
          .add(this.#company(lang), ORG);
        return;
      }
      case 15:
        out
          .add(`[${this.#digits(2)}:${this.#digits(2)}] `)
          .add(r.chance(0.6) ? this.#first(lang) : name, PER)
          .add(": ");
        this.fill(r.pick(p.sentences), lang, out);
        return;
      case 16:
        out
          .add(
            `20${this.#digits(2)}-0${1 + r.below(9)}-1${r.below(10)} ${this.#digits(2)}:${this.#digits(2)}:${this.#digits(2)} ${r.pick(["INFO", "WARN", "ERROR", "DEBUG"])} ${r.pick(["user=", "customer=", "name=", "owner=", 'user "', "Login by ", "assigned to "])}`,
          )
          .add(name, PER)
          .add(r.pick([" action=login", '" logged in', " status=200", " id=4711", ""]));
        return;
      case 17: {
        const { streets } = this.#pool(lang);
        out.add(name, PER).add(", ");
        if (streets.length > 0)
          out
            .add(`${r.pick(streets)} ${1 + r.below(99)}`, OUT | LOC)
            .add(`, ${this.#digits(5)} `)
            .add(this.#city(lang), LOC);
        else out.add(`${this.#digits(5)} `).add(this.#city(lang), LOC);
        return;
      }
      default:
        out
          .add(`${r.pick(p.titles)} `)
          .add(r.chance(0.5) ? this.#last(lang) : name, PER)
          .add(r.pick([", ", " (", " - "]));
        out.add(this.#company(lang), ORG).add(r.pick(["", ")", ", "]));
        return;
    }
  }

  sentence(p: Phrases, out: Writer): void {
    this.fill(this.#random.pick(p.sentences), p.lang, out);
  }

  /** One to three lines or sentences. */
  example(p: Phrases): Example {
    const r = this.#random;
    const out = new Writer();
    const parts = r.chance(0.5) ? 1 : 1 + r.below(3);
    for (let k = 0; k < parts; k++) {
      if (k > 0) out.add(r.chance(0.5) ? "\n" : " ");
      const roll = r.below(10);
      if (roll < 4) this.form(p, out);
      else if (roll < 8) this.sentence(p, out);
      else out.add(r.pick(p.impersonal));
    }
    return { lang: p.lang, text: out.text, spans: out.spans };
  }
}
