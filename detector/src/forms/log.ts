/**
 * Reads logs: at the start of a line a time and a level are structure and not told, so that no digits of a time are taken for
 * a number. What follows is text up to the next line that begins so, which keeps a message of several lines together; where
 * it is a JSON object, it is read as one.
 */
import { JsonReader } from "./json.ts";
import { NOWHERE, PLAIN, type Telling } from "./telling.ts";

/** The longest time and level. */
const HEAD_CHARS = 96;

const TIME = [
  // RFC 3339 and what is close to it.
  String.raw`\d{4}[-/.]\d{2}[-/.]\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?`,
  // Syslog (RFC 3164).
  String.raw`(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d{2}:\d{2}:\d{2}`,
  // Access logs in the common format.
  String.raw`\d{2}/(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\d{4}:\d{2}:\d{2}:\d{2}(?: [+-]\d{4})?`,
  String.raw`\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?`,
].join("|");
const LEVEL = "TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRIT|CRITICAL|ALERT|EMERG|PANIC";
const HEAD = new RegExp(
  String.raw`^\[?(?:${TIME})\]?(?=[\s,;:|-]|$)(?:[\s,;:|-]{1,4}[\[(<]?(?:${LEVEL})[\])>:]?(?=\s|$))?`,
  "i",
);

/** UTF-16 units of the time and level that the line begins with; 0 when it begins with none. */
export function logHead(line: string): number {
  return HEAD.exec(line)?.[0].length ?? 0;
}

export class LogReader {
  readonly #telling: Telling;
  readonly #json: JsonReader;
  /** The start of a line, until it is clear how it begins. */
  #head: string | undefined = "";
  #inJson = false;

  constructor(telling: Telling) {
    this.#telling = telling;
    this.#json = new JsonReader(telling, false);
  }

  /** A message that is no JSON after all is an ordinary one. */
  readonly notes: string[] = [];

  push(raw: string): void {
    let from = 0;
    for (let at = raw.indexOf("\n"); at !== -1; at = raw.indexOf("\n", from)) {
      this.#read(raw.slice(from, at));
      if (this.#head !== undefined) this.#decide();
      if (this.#inJson) {
        this.#json.endLine();
        this.#telling.structure("\n");
      } else this.#text("\n");
      this.#inJson = false;
      this.#head = "";
      from = at + 1;
    }
    this.#read(raw.slice(from));
  }

  end(): void {
    if (this.#head !== undefined && this.#head !== "") this.#decide();
    if (this.#inJson) this.#json.endLine();
    this.#telling.close();
  }

  #read(run: string): void {
    if (this.#head === undefined) return this.#message(run);
    this.#head += run;
    if (this.#head.length >= HEAD_CHARS) this.#decide();
  }

  #decide(): void {
    const line = this.#head ?? "";
    this.#head = undefined;
    // No more of the line than is always there when it is decided.
    const head = line.slice(0, HEAD_CHARS);
    const length = logHead(head);
    const message = head.slice(length).trimStart();
    const from = head.length - message.length;
    this.#inJson = /^\{\s*"/.test(message);
    if (length === 0 && !this.#inJson) return this.#message(line);
    this.#telling.close();
    this.#telling.structure(line.slice(0, from));
    this.#message(line.slice(from));
  }

  #message(run: string): void {
    if (this.#inJson) this.#json.push(run);
    else this.#text(run);
  }

  #text(run: string): void {
    if (run === "") return;
    if (!this.#telling.isOpen) this.#telling.open(NOWHERE, PLAIN, "");
    this.#telling.text(run);
  }
}
