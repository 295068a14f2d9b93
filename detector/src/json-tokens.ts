/**
 * Follows the string state of serialized JSON that arrives in pieces, and decodes what stands inside strings, so that a
 * caller can work on values and leave every other byte as it came. However the text is cut, even inside `\u005b`, the same
 * decoded characters come out. It does not check the grammar: text that is not JSON passes through as `outside` or `text`.
 */

export interface JsonSink {
  /** Raw text outside strings. */
  outside(raw: string): void;
  /** The opening quote. */
  open(): void;
  /** A run of unescaped characters inside a string; raw and decoded are the same. */
  text(run: string): void;
  /** One escape inside a string, with the one UTF-16 unit that it stands for. */
  escape(raw: string, decoded: string): void;
  /** The closing quote. */
  close(): void;
}

const SHORT: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

export class JsonTokens {
  readonly #sink: JsonSink;
  #inside = false;
  /** An escape that is not complete yet, at most five characters. */
  #escape = "";

  constructor(sink: JsonSink) {
    this.#sink = sink;
  }

  get inside(): boolean {
    return this.#inside;
  }

  push(raw: string): void {
    let at = this.#escape === "" ? 0 : this.#continueEscape(raw);
    while (at < raw.length) {
      const from = at;
      if (!this.#inside) {
        at = indexOrEnd(raw, '"', at);
        if (at > from) this.#sink.outside(raw.slice(from, at));
        if (at < raw.length) {
          this.#inside = true;
          this.#sink.open();
          at++;
        }
        continue;
      }
      while (at < raw.length && raw.charCodeAt(at) !== 0x22 && raw.charCodeAt(at) !== 0x5c) at++;
      if (at > from) this.#sink.text(raw.slice(from, at));
      if (at === raw.length) return;
      if (raw.charCodeAt(at) === 0x22) {
        this.#inside = false;
        this.#sink.close();
        at++;
      } else {
        this.#escape = "\\";
        at = at + 1 + this.#continueEscape(raw.slice(at + 1, at + 6));
      }
    }
  }

  /** The text is over. Returns the raw characters of an escape that was cut by its end, which the sink never saw. */
  end(): string {
    const cut = this.#escape;
    this.#escape = "";
    return cut;
  }

  /** Adds characters to the open escape until it is complete; returns how many it took. */
  #continueEscape(raw: string): number {
    let at = 0;
    while (at < raw.length) {
      const length = this.#escape.length;
      const hex = length >= 2;
      if (hex && !/[0-9a-fA-F]/.test(raw.charAt(at))) {
        // Not JSON: `\u12` and then something else. It stands for nothing, and the rest is read anew.
        this.#complete("\ufffd");
        return at;
      }
      this.#escape += raw.charAt(at++);
      if (length === 1 && this.#escape !== "\\u") {
        const letter = this.#escape.charAt(1);
        this.#complete(SHORT[letter] ?? letter);
        return at;
      }
      if (length === 5) {
        this.#complete(String.fromCharCode(Number.parseInt(this.#escape.slice(2), 16)));
        return at;
      }
    }
    return at;
  }

  #complete(decoded: string): void {
    const raw = this.#escape;
    this.#escape = "";
    this.#sink.escape(raw, decoded);
  }
}

function indexOrEnd(text: string, search: string, from: number): number {
  const index = text.indexOf(search, from);
  return index === -1 ? text.length : index;
}

/**
 * `value` as it must stand between the quotes of a JSON string. U+2028 and U+2029 are escaped too: they are legal JSON and
 * end a line in JavaScript before 2019 and in some event-stream readers.
 */
export function escapeJson(value: string): string {
  const quoted = JSON.stringify(value);
  return quoted.slice(1, -1).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}
