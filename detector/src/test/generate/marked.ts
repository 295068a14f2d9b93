/** Reads texts in which people have marked what is personal: `= id genre`, then `… {{PER:Jan Novák}} …`. The form is told in detector/train/dev/README.md. */

export interface Marked {
  readonly id: string;
  /** BCP 47, the first two letters of the id. */
  readonly lang: string;
  readonly genre: string;
  readonly text: string;
  /** Sorted, without overlap; UTF-16 code units, the end exclusive. `t` as marked. */
  readonly spans: readonly { readonly s: number; readonly e: number; readonly t: string }[];
}

const HEADER = /^= (\S+) (.+)$/;
const MARK = /\{\{([A-Z_]+):([^{}]+)\}\}/g;

/** Throws on text outside a document, on a mark that does not close, and on an id that is there twice. */
export function readMarked(source: string): Marked[] {
  const documents: Marked[] = [];
  const ids = new Set<string>();
  let header: RegExpExecArray | undefined;
  let lines: string[] = [];
  const finish = (): void => {
    if (header === undefined) return;
    const [, id = "", genre = ""] = header;
    if (ids.has(id)) throw new Error(`two documents are called ${id}`);
    ids.add(id);
    documents.push({ id, lang: id.slice(0, 2), genre, ...unmark(lines.join("\n").trim(), id) });
  };
  for (const line of source.split("\n")) {
    const next = HEADER.exec(line);
    if (next !== null) {
      finish();
      header = next;
      lines = [];
    } else if (header !== undefined) {
      lines.push(line);
    } else if (line !== "" && !line.startsWith("#")) {
      throw new Error("text before the first document");
    }
  }
  finish();
  return documents;
}

function unmark(marked: string, id: string): Pick<Marked, "text" | "spans"> {
  const spans: { s: number; e: number; t: string }[] = [];
  let text = "";
  let last = 0;
  for (const match of marked.matchAll(MARK)) {
    const [whole, t = "", value = ""] = match;
    text += marked.slice(last, match.index);
    spans.push({ s: text.length, e: text.length + value.length, t });
    text += value;
    last = match.index + whole.length;
  }
  text += marked.slice(last);
  if (/\{\{|\}\}/.test(text)) throw new Error(`a mark in ${id} does not close`);
  return { text, spans };
}
