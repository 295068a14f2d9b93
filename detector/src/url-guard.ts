/**
 * Knows whether the next character of a model's text stands inside a URL. A restored value inside a URL can leave the
 * client without anybody clicking: a markdown image or a link preview is fetched by itself. So a placeholder there stays a
 * placeholder. The guard is fed every character of the model's text once, in order, and keeps sixteen characters and a
 * mode: however the text is cut, it answers the same. When in doubt it says "inside".
 *
 * Inside are: what follows `http:`, `https:`, `ftp:`, `ws:`, `wss:`, any `scheme://`, `www.`, a protocol-relative `//`, the
 * destination of a markdown link or image, CSS `url(`, and the value of `src`, `srcset`, `href`, `poster`, `background`,
 * `action`, `formaction`; the last three groups whatever their scheme (it may be spelled with entities), unless they begin
 * with `mailto:`, `tel:` or `sms:`. A destination that *is* a placeholder (`[site]([URL_1])`) is fine; what follows it in
 * the same URL is not. Known weakness: a bare `host.example/path` without a scheme is not recognized as a URL.
 */

const NONE = 0;
/** A bare URL in text: ends at white space, `"`, `<`, `>`. */
const TOKEN = 1;
/** `<https://…>`: may hold spaces (CommonMark 6.3), ends at `>` or a line end. */
const ANGLE = 2;
/** A quoted attribute value: may hold spaces, ends at its quote. */
const QUOTED = 3;
/** `](…)`: ends at white space or its own parenthesis (CommonMark 6.3: balanced or escaped ones belong to it). */
const DESTINATION = 4;
/** At the first characters of a destination or attribute value; `#target` says which mode follows. */
const START = 5;

const RING = 16;
const EXEMPT = ["mailto:", "tel:", "sms:"];
const SCHEMES = ["http:", "https:", "ftp:", "ws:", "wss:"];
const ATTRIBUTES = ["src=", "srcset=", "href=", "poster=", "background=", "action=", "formaction="];
const RELATIVE = ["(//", '"//', "'//", "=//", "<//", "]: //"];

export class UrlGuard {
  readonly #ring = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  #at = 0;
  #mode = NONE;
  #target = NONE;
  #quote = 0;
  #depth = 0;
  #escaped = false;
  #seen = "";

  reset(): void {
    this.#ring.fill(0);
    this.#mode = NONE;
  }

  /** No URL is under way: only one of TRIGGERS changes that. */
  get idle(): boolean {
    return this.#mode === NONE;
  }

  /** Like `advance` with each of [from, to), while `idle` and none of them is one of TRIGGERS. */
  skip(text: string, from: number, to: number): void {
    for (let at = Math.max(from, to - RING); at < to; at++) this.#push(text.charCodeAt(at));
  }

  /** True when a value put here would become part of a URL. */
  get inside(): boolean {
    return this.#mode !== NONE && (this.#mode !== START || this.#seen !== "");
  }

  /** The last characters seen (ASCII lower-cased) are exactly `suffix`, which has at most 15 characters. */
  endsWith(suffix: string): boolean {
    for (let back = 1; back <= suffix.length; back++) {
      if (this.#back(back) !== suffix.charCodeAt(suffix.length - back)) return false;
    }
    return true;
  }

  /** A placeholder was turned into `value` here (the guard then never sees the placeholder's own characters). */
  restored(value: string): void {
    if (this.#mode === START) this.#mode = this.#target;
    // A restored URL followed by another placeholder would be that other value's way out.
    else if (this.#mode === NONE && (value.includes("://") || /^(?:www\.|\/\/)/i.test(value))) this.#mode = TOKEN;
    this.#push(0); // the value ends no bracket: `[EMAIL_1](x)` will be no link
  }

  /** One character (UTF-16 unit) of the model's text. */
  advance(unit: number): void {
    switch (this.#mode) {
      case NONE:
        this.#push(unit);
        if (unit < 128 && TRIGGER[unit] === 1) this.#open(unit);
        return;
      case TOKEN:
        if (isSpace(unit) || unit === 0x22 || unit === 0x3c || unit === 0x3e) this.#mode = NONE;
        break;
      case ANGLE:
        if (unit === 0x3e || unit === 0x0a || unit === 0x0d) this.#mode = NONE;
        break;
      case QUOTED:
        if (unit === this.#quote) this.#mode = NONE;
        break;
      case DESTINATION:
        this.#destination(unit);
        break;
      default:
        this.#start(unit);
    }
    this.#push(unit);
  }

  #push(unit: number): void {
    this.#ring[this.#at] = unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit;
    this.#at = (this.#at + 1) % RING;
  }

  #back(distance: number): number {
    return this.#ring[(this.#at - distance + RING) % RING] ?? 0;
  }

  #open(unit: number): void {
    switch (unit) {
      case 0x3a: // :
        for (const scheme of SCHEMES) if (this.#word(scheme)) return this.#scheme(scheme.length);
        return;
      case 0x2f: // /
        if (this.#back(2) !== 0x2f) return;
        if (this.endsWith("://") || RELATIVE.some((form) => this.endsWith(form)))
          this.#scheme(this.endsWith("://") ? 0 : 2);
        return;
      case 0x2e: // .
        if (this.#word("www.")) this.#mode = TOKEN;
        return;
      case 0x28: // (
        if (this.endsWith("](") || this.endsWith("url(")) this.#begin(DESTINATION);
        return;
      case 0x3d: // =
        for (const name of ATTRIBUTES) if (this.#word(name)) return this.#begin(TOKEN);
        return;
    }
  }

  /** `word` was just completed and does not continue an earlier word. */
  #word(word: string): boolean {
    return this.endsWith(word) && !isWordUnit(this.#back(word.length + 1));
  }

  #scheme(length: number): void {
    const before = length === 0 ? 0 : this.#back(length + 1);
    if (before === 0x3c) this.#mode = ANGLE;
    else if ((before === 0x22 || before === 0x27) && this.#afterEquals(length + 2)) {
      this.#mode = QUOTED;
      this.#quote = before;
    } else this.#mode = TOKEN;
  }

  #afterEquals(distance: number): boolean {
    const at = this.#back(distance) === 0x20 ? distance + 1 : distance;
    return this.#back(at) === 0x3d;
  }

  #begin(target: number): void {
    this.#mode = START;
    this.#target = target;
    this.#quote = 0;
    this.#depth = 0;
    this.#escaped = false;
    this.#seen = "";
  }

  #start(unit: number): void {
    if (this.#seen === "") {
      if (isSpace(unit)) return;
      if (this.#target === TOKEN && (unit === 0x22 || unit === 0x27)) {
        this.#target = QUOTED;
        this.#quote = unit;
        return;
      }
      if (this.#target === DESTINATION && unit === 0x3c) {
        this.#target = ANGLE;
        return;
      }
      // Only these can begin what resolves to another host: a scheme, an entity, a slash or a backslash.
      if (!isLetter(unit) && unit !== 0x26 && unit !== 0x2f && unit !== 0x5c) {
        this.#mode = NONE;
        return;
      }
    }
    this.#seen += String.fromCharCode(unit).toLowerCase();
    if (EXEMPT.includes(this.#seen)) {
      this.#mode = NONE;
      return;
    }
    if (EXEMPT.some((scheme) => scheme.startsWith(this.#seen))) return;
    this.#mode = this.#target;
    if (this.#mode === DESTINATION) this.#destination(unit);
    else if (this.#mode === TOKEN && isSpace(unit)) this.#mode = NONE;
    else if (this.#mode === QUOTED && unit === this.#quote) this.#mode = NONE;
    else if (this.#mode === ANGLE && unit === 0x3e) this.#mode = NONE;
  }

  #destination(unit: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (unit === 0x5c) this.#escaped = true;
    else if (unit === 0x28) this.#depth++;
    else if (unit === 0x29 && --this.#depth < 0) this.#mode = NONE;
    if (isSpace(unit)) this.#mode = NONE;
  }
}

/** The characters with which a URL can begin that the guard is to know of. */
export const TRIGGERS = ":/.(=";
const TRIGGER = new Uint8Array(128);
for (const character of TRIGGERS) TRIGGER[character.charCodeAt(0)] = 1;

function isLetter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a);
}

function isWordUnit(unit: number): boolean {
  return isLetter(unit) || (unit >= 0x30 && unit <= 0x39);
}

function isSpace(unit: number): boolean {
  return unit <= 0x20 || unit === 0x7f || unit === 0xa0 || unit === 0x2028 || unit === 0x2029 || unit === 0x3000;
}
