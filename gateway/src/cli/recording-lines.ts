/**
 * A recording as lines of files: asciicast v3 for what a terminal showed (https://docs.asciinema.org/manual/asciicast/v3/), and a
 * line of JSON for each text of an exchange. Pure.
 */

/** What the gateway answers; docs/recordings.md and /openapi.json say what each part means. */
export interface Replay {
  readonly exchange: string;
  readonly recording: string;
  readonly mode: string;
  readonly purpose: string;
  readonly connection: string;
  readonly endpoint: string;
  readonly model: string;
  readonly begun_at: string;
  readonly status?: string;
  readonly code?: string;
  readonly terminal?: { readonly columns: number; readonly rows: number };
  readonly findings: readonly { readonly code: string; readonly seq?: number; readonly message: string }[];
  readonly chunks: readonly {
    readonly seq: number;
    readonly kind: string;
    readonly at: string;
    readonly texts: readonly ReplayText[];
  }[];
}

export interface ReplayText {
  readonly path: string;
  readonly origin?: string;
  readonly ms: number;
  readonly text: string;
  readonly erased?: true;
  readonly fields: readonly { readonly type: string; readonly showing: string }[];
}

/** Shown where a text cannot be opened any more. */
const ERASED = "[text erased]";

export function textOf({ text, erased }: ReplayText): string {
  return erased === true ? ERASED : text;
}

/** The first line is about the exchange, each other one is a text, the last one says how it ended. */
export function jsonLines(replay: Replay): string[] {
  const { chunks, findings, status, code, terminal: _terminal, ...about } = replay;
  const lines: object[] = [{ kind: "exchange", ...about, findings }];
  for (const { seq, kind, at, texts } of chunks) {
    for (const text of texts) lines.push({ kind, seq, at, ...text });
  }
  if (status !== undefined) lines.push({ kind: "end", status, ...(code === undefined ? {} : { code }) });
  return lines.map((line) => JSON.stringify(line));
}

/** Codes of asciicast's events: output, input, resize. */
const CODES: ReadonlySet<string> = new Set(["o", "i", "r"]);
/** An event after these has no interval of its own: "the number of seconds since the previous event". */
const MS_PER_S = 1_000;

/** Undefined when it is no recording of a terminal. */
export function asciicast(replay: Replay): string[] | undefined {
  const { terminal, begun_at: begunAt } = replay;
  if (terminal === undefined) return undefined;
  const header = {
    version: 3,
    term: { cols: terminal.columns, rows: terminal.rows },
    timestamp: Math.floor(Date.parse(begunAt) / MS_PER_S),
    title: `exchange ${replay.exchange}`,
  };
  const lines = [JSON.stringify(header)];
  let before = 0;
  for (const text of replay.chunks.flatMap(({ texts }) => texts)) {
    if (!CODES.has(text.path)) continue;
    const interval = Math.max(0, text.ms - before) / MS_PER_S;
    before = Math.max(before, text.ms);
    lines.push(JSON.stringify([interval, text.path, textOf(text)]));
  }
  return lines;
}
