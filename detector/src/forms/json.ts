/**
 * Reads JSON, or one JSON document a line, and tells every string and number with the last keys of its path as label. Keys
 * that are no words of a schema are told too, without a label. Structure is followed with a stack of keys; what is not JSON
 * is told as plain text from the first wrong character on (in JSON lines: to the end of its line), so nothing is passed
 * unread but punctuation, white space, short numbers, and the words true, false and null.
 */
import { escapeJson, type JsonSink, JsonTokens } from "../json-tokens.ts";
import { isSchemaWord, Labels } from "./label.ts";
import { NOWHERE, PLAIN, type Place, type Telling, type Writing } from "./telling.ts";

/** Deeper nesting is read as text. */
const DEPTH_MAX = 1000;
/** A longer key is no word of a schema; it is told as it comes. */
const KEY_CHARS_MAX = 256;
/** A number with fewer characters identifies nobody; one with more is none that a recognizer knows. */
const NUMBER_CHARS_MIN = 4;
const SCALAR_CHARS_MAX = 256;
/** `{"name": "phone", "value": "…"}`: the words in front of which and behind which such pairs stand. */
const NAMING = new Set(["name", "key", "label", "field", "question", "attribute"]);
const NAMED = new Set(["value", "val", "answer", "text"]);

const STRING: Writing = { put: escapeJson };
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** A number that was replaced is written as a string, unless a number stands there again. */
const SCALAR: Writing = {
  put: (replacement) => replacement,
  whole: (content) => (NUMBER.test(content) ? content : `"${escapeJson(content)}"`),
};

/** The last three are no JSON, and what several programs write. */
const WORDS = new Set(["true", "false", "null", "NaN", "Infinity", "-Infinity"]);

/** What may come next. */
type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end";

/** One open object or array. */
interface Level {
  readonly array: boolean;
  /** Where its members stand: of an object by their key, of an array all in one place. */
  readonly path: Path;
  /** The value of the member that names the next one. */
  title: string;
}

/** Made for each member, so the text of it is only made when somebody asks. */
class Path implements Place {
  readonly parent: Path | undefined;
  readonly name: string;
  #path: string | undefined;

  constructor(parent: Path | undefined, name: string) {
    this.parent = parent;
    this.name = name;
  }

  get path(): string {
    this.#path ??= this.parent === undefined ? "" : join(this.parent.path, this.name);
    return this.#path;
  }
}

const ITEMS = "[]";

function join(parent: string, name: string): string {
  if (name === ITEMS) return `${parent}${ITEMS}`;
  const shown = isSchemaWord(name) ? name : "*";
  return parent === "" ? shown : `${parent}.${shown}`;
}

const ROOT = new Path(undefined, "");

export class JsonReader implements JsonSink {
  readonly #telling: Telling;
  readonly #labels = new Labels();
  readonly #lines: boolean;
  #tokens = new JsonTokens(this);
  #levels: Level[] = [];
  #expected: Expected = "value";
  /** Place of the value that comes next. */
  #path: Path = ROOT;
  /** A number or word that may go on. */
  #scalar = "";
  #string: "no" | "key" | "long key" | "value" = "no";
  /** The string value under way has no characters yet. */
  #empty = false;
  /** The key under way: its characters, and how they are to be told. */
  #key = "";
  #keyPieces: { raw: string; character: string | undefined }[] = [];
  /** The beginning of the string value under way, when it may name the next member. */
  #title: string | undefined;
  #broken = false;
  #blank = true;
  #line = 1;
  #wrongLines = 0;
  #firstWrongLine = 0;

  /** `lines`: each line is a document. */
  constructor(telling: Telling, lines: boolean, line = 1) {
    this.#telling = telling;
    this.#lines = lines;
    this.#line = line;
  }

  push(raw: string): void {
    if (!this.#lines) {
      this.#read(raw);
      return;
    }
    let from = 0;
    for (let at = raw.indexOf("\n"); at !== -1; at = raw.indexOf("\n", from)) {
      if (at > from) this.#read(raw.slice(from, at));
      this.endLine();
      this.#telling.structure("\n");
      this.#line++;
      from = at + 1;
    }
    if (from < raw.length) this.#read(from === 0 ? raw : raw.slice(from));
  }

  end(): void {
    this.endLine();
  }

  get notes(): string[] {
    const first = this.#firstWrongLine;
    if (this.#wrongLines === 0) return [];
    if (!this.#lines) return [`not valid JSON from line ${first} on: read as text from there`];
    const more = this.#wrongLines === 1 ? "" : `, and ${this.#wrongLines - 1} more`;
    return [`line ${first}${more}: not valid JSON, read as text`];
  }

  #read(raw: string): void {
    if (this.#blank && raw.trim() !== "") this.#blank = false;
    this.#tokens.push(raw);
  }

  /** The document is over, or its line is. The next one begins anew. */
  endLine(): void {
    const cut = this.#tokens.end();
    if (cut !== "") {
      // Inside a string, after a backslash: it stays as it is.
      this.text(cut);
    }
    if (this.#string === "key") this.#tellKey();
    if (this.#scalar !== "") this.#endScalar();
    const whole = this.#levels.length === 0 && this.#expected === "value" && this.#string === "no";
    if (!this.#blank && !whole && !this.#broken) this.#wrong();
    this.#telling.close();
    if (this.#tokens.inside) this.#tokens = new JsonTokens(this);
    this.#levels = [];
    this.#expected = "value";
    this.#path = ROOT;
    this.#string = "no";
    this.#broken = false;
    this.#blank = true;
  }

  outside(raw: string): void {
    if (this.#broken) return this.#telling.text(raw);
    let copied = 0;
    for (let at = 0; at < raw.length; at++) {
      const code = raw.charCodeAt(at);
      if (isScalar(code)) {
        const from = at;
        while (at + 1 < raw.length && isScalar(raw.charCodeAt(at + 1))) at++;
        this.#telling.structure(raw.slice(copied, from));
        this.#scalar += raw.slice(from, at + 1);
        copied = at + 1;
        // What may go on in the next piece is decided there; what is too long already is text.
        const decided = at + 1 < raw.length || this.#scalar.length > SCALAR_CHARS_MAX;
        if (decided && !this.#endScalar()) return this.#telling.text(raw.slice(at + 1));
        continue;
      }
      if (this.#scalar !== "" && !this.#endScalar()) return this.#telling.text(raw.slice(at));
      if (code === 0x0a) this.#line++;
      else if (code !== 0x20 && code !== 0x09 && code !== 0x0d && !this.#punctuation(code)) {
        this.#telling.structure(raw.slice(copied, at));
        this.#break();
        return this.#telling.text(raw.slice(at));
      }
    }
    if (copied < raw.length) this.#telling.structure(raw.slice(copied));
  }

  open(): void {
    if (this.#broken || (this.#scalar !== "" && !this.#endScalar())) return this.#telling.text('"');
    const isKey = this.#expected === "key" || this.#expected === "key or }";
    if (!isKey && this.#expected !== "value" && this.#expected !== "value or ]") {
      this.#break();
      return this.#telling.text('"');
    }
    this.#telling.structure('"');
    if (isKey) {
      this.#string = "key";
      this.#key = "";
      return;
    }
    this.#string = "value";
    this.#empty = true;
    this.#title = NAMING.has(this.#path.name.toLowerCase()) ? "" : undefined;
  }

  text(run: string): void {
    this.#take(run, undefined);
  }

  escape(raw: string, decoded: string): void {
    if (this.#broken) this.#telling.text(raw);
    else this.#take(raw, decoded);
  }

  close(): void {
    if (this.#broken) return this.#telling.text('"');
    if (this.#string === "value") {
      this.#telling.close();
      const level = this.#levels.at(-1);
      if (level !== undefined && this.#title !== undefined) level.title = this.#title;
      this.#title = undefined;
      this.#afterValue();
    } else {
      if (this.#string === "key") this.#tellKey();
      else this.#telling.close();
      const level = this.#levels.at(-1);
      this.#path = new Path(level?.path, this.#key);
      this.#expected = ":";
    }
    this.#telling.structure('"');
    this.#string = "no";
  }

  #take(raw: string, character: string | undefined): void {
    if (this.#string === "key") {
      this.#keyPieces.push({ raw, character });
      this.#key += character ?? raw;
      if (this.#key.length > KEY_CHARS_MAX) {
        this.#string = "long key";
        this.#openKey();
      }
      return;
    }
    if (this.#string === "value" && this.#empty) {
      this.#empty = false;
      this.#telling.open(this.#path, STRING, this.#label());
    }
    if (this.#title !== undefined && this.#title.length < KEY_CHARS_MAX) {
      this.#title += (character ?? raw).slice(0, KEY_CHARS_MAX);
    }
    if (character === undefined) this.#telling.text(raw);
    else this.#telling.escape(raw, character);
  }

  #tellKey(): void {
    if (isSchemaWord(this.#key) || this.#key === "") {
      for (const { raw } of this.#keyPieces) this.#telling.structure(raw);
      this.#keyPieces = [];
    } else {
      this.#openKey();
      this.#telling.close();
    }
  }

  #openKey(): void {
    this.#telling.open(new Path(this.#levels.at(-1)?.path, "*"), STRING, "", true);
    for (const { raw, character } of this.#keyPieces) {
      if (character === undefined) this.#telling.text(raw);
      else this.#telling.escape(raw, character);
    }
    this.#keyPieces = [];
  }

  /** The last two keys of the path, or the title that the object gives its value. */
  #label(): string {
    let own: Path | undefined = this.#path;
    while (own !== undefined && own.name === ITEMS) own = own.parent;
    if (own === undefined || own === ROOT) return "";
    const title = this.#levels.at(-1)?.title ?? "";
    if (title !== "" && NAMED.has(own.name.toLowerCase())) return this.#labels.of(title);
    let outer: Path | undefined = own.parent;
    while (outer !== undefined && outer.name === ITEMS) outer = outer.parent;
    const label = this.#labels.of(own.name);
    return outer === undefined || outer === ROOT ? label : `${this.#labels.of(outer.name)} ${label}`.trim();
  }

  /** False when it cannot stand here: the rest is text. */
  #endScalar(): boolean {
    const scalar = this.#scalar;
    this.#scalar = "";
    const isValue = this.#expected === "value" || this.#expected === "value or ]";
    const number = isValue && NUMBER.test(scalar);
    if (scalar.length > SCALAR_CHARS_MAX || !(number || (isValue && WORDS.has(scalar)))) {
      this.#break();
      this.#telling.text(scalar);
      return false;
    }
    if (number && scalar.length >= NUMBER_CHARS_MIN) this.#telling.tell(scalar, this.#path, SCALAR, this.#label());
    else this.#telling.structure(scalar);
    this.#afterValue();
    return true;
  }

  /** Whether the sign may stand here. */
  #punctuation(code: number): boolean {
    const expected = this.#expected;
    switch (code) {
      case 0x7b:
      case 0x5b: {
        if ((expected !== "value" && expected !== "value or ]") || this.#levels.length >= DEPTH_MAX) return false;
        const array = code === 0x5b;
        if (array) this.#path = new Path(this.#path, ITEMS);
        this.#levels.push({ array, path: this.#path, title: "" });
        this.#expected = array ? "value or ]" : "key or }";
        return true;
      }
      case 0x7d:
      case 0x5d: {
        const array = code === 0x5d;
        const fits = expected === ", or end" || expected === (array ? "value or ]" : "key or }");
        if (!fits || this.#levels.at(-1)?.array !== array) return false;
        this.#levels.pop();
        this.#afterValue();
        return true;
      }
      case 0x2c:
        if (expected !== ", or end") return false;
        this.#expected = this.#levels.at(-1)?.array === true ? "value" : "key";
        return true;
      case 0x3a:
        if (expected !== ":") return false;
        this.#expected = "value";
        return true;
      case 0xfeff:
        // A byte order mark, where a document begins.
        return expected === "value" && this.#levels.length === 0;
      default:
        return false;
    }
  }

  #afterValue(): void {
    const level = this.#levels.at(-1);
    this.#path = level?.path ?? ROOT;
    // Several documents in a row are read one after the other.
    this.#expected = level === undefined ? "value" : ", or end";
  }

  #wrong(): void {
    this.#wrongLines++;
    if (this.#firstWrongLine === 0) this.#firstWrongLine = this.#line;
  }

  #break(): void {
    this.#broken = true;
    this.#wrong();
    this.#telling.open(NOWHERE, PLAIN, "");
  }
}

/** What numbers and words are made of; anything else ends them. */
function isScalar(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e
  );
}
