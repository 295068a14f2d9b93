/**
 * A document that arrives in pieces, read in its form: each value with its context, findings replaced where a caller says so,
 * everything else byte for byte. However the document is cut, the same text comes out, and it has the structure that went in:
 * the same members, records and rows. (A number whose digits were replaced by something else becomes a string.)
 */
import { findBareWords, isPlaceholderType } from "../literals.ts";
import { CsvReader } from "./csv.ts";
import type { Form } from "./form.ts";
import { JsonReader } from "./json.ts";
import { LogReader } from "./log.ts";
import { SqlResultReader } from "./sql-result.ts";
import { NOWHERE, PLAIN, Telling, type TellingOptions } from "./telling.ts";

export interface FormStream {
  /** Adds a piece of the document; returns what is decided of it. */
  push(text: string): string;
  /** Returns the rest. The stream takes no text afterwards. */
  end(): string;
  /** What was not of the form and was read as text instead, by line. Complete after `end`; holds nothing of the content. */
  readonly notes: readonly string[];
  /** Words of placeholder form in the document, when literals were asked for: what `restore` must leave alone. */
  readonly bareWords: readonly string[];
}

interface Reader {
  push(raw: string): void;
  end(): void;
  readonly notes: readonly string[];
}

export function formStream(form: Form, options: TellingOptions = {}): FormStream {
  const telling = new Telling(options);
  const reader = readerFor(form, telling);
  const words = options.literals === undefined ? undefined : new BareWords();
  let ended = false;
  const alive = (): void => {
    if (ended) throw new TypeError("the stream has ended");
  };
  return {
    push(text) {
      alive();
      words?.push(text);
      reader.push(text);
      return telling.flush(false);
    },
    end() {
      alive();
      ended = true;
      words?.end();
      reader.end();
      return telling.flush(true);
    },
    get notes() {
      return reader.notes;
    },
    get bareWords() {
      return words?.found ?? [];
    },
  };
}

function readerFor(form: Form, telling: Telling): Reader {
  switch (form) {
    case "json":
      return new JsonReader(telling, false);
    case "jsonl":
      return new JsonReader(telling, true);
    case "csv":
      return new CsvReader(telling);
    case "log":
      return new LogReader(telling);
    case "sql-result":
      return new SqlResultReader(telling);
    case "text":
      return textReader(telling);
  }
}

function textReader(telling: Telling): Reader {
  return {
    push(raw) {
      if (!telling.isOpen) telling.open(NOWHERE, PLAIN, "");
      telling.text(raw);
    },
    end: () => telling.close(),
    notes: [],
  };
}

/** More characters than a word of placeholder form has before its underscore, and after it. */
const BEFORE_CHARS = 72;
const AFTER_CHARS = 16;

/** Collects the words from the document as it is written: some stand where no value is told, for example in keys. */
class BareWords {
  readonly #found = new Set<string>();
  #text = "";
  #done = 0;

  push(text: string): void {
    this.#text += text;
    this.#collect(Math.max(this.#done, this.#text.length - AFTER_CHARS));
    const excess = this.#done - BEFORE_CHARS;
    if (excess > 0) {
      this.#text = this.#text.slice(excess);
      this.#done -= excess;
    }
  }

  end(): void {
    this.#collect(this.#text.length);
  }

  get found(): string[] {
    return [...this.#found];
  }

  #collect(to: number): void {
    for (const word of findBareWords(this.#text, isPlaceholderType, this.#done, to)) this.#found.add(word);
    this.#done = to;
  }
}
