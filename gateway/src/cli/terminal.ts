/**
 * What the verbs print on. Results go to stdout, everything else to stderr, so that output can be piped. Colours only where a
 * person looks: stdout is a terminal and NO_COLOR is unset (https://no-color.org). With `--json`, stdout holds one JSON
 * document and nothing else.
 */
import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;

export interface Terminal {
  /** A line of the result. */
  line(text?: string): void;
  /** The result as it is, without a line break of ours. */
  write(text: string): void;
  /** The result as one JSON document. */
  json(value: unknown): void;
  /** A line about the result: a warning, a hint, a count. */
  note(text: string): void;
  /** Shows how far a long work has come, over itself; only where a person looks. `undefined` wipes it. */
  progress(text: string | undefined): void;
  /** For what goes to stdout. */
  readonly colors: Colors;
  /** For what goes to stderr. */
  readonly noteColors: Colors;
}

const PROGRESS_EVERY_MS = 100;

export function createTerminal(): Terminal {
  // picocolors knows NO_COLOR, TERM=dumb and FORCE_COLOR; a pipe gets no colours whatever they say.
  const colorsFor = (stream: { isTTY?: boolean }): Colors =>
    picocolors.createColors(stream.isTTY === true && picocolors.isColorSupported);
  let shownAt = 0;
  return {
    line: (text = "") => void process.stdout.write(`${text}\n`),
    write: (text) => void process.stdout.write(text),
    json: (value) => void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    progress(text) {
      if (!process.stderr.isTTY) return;
      const now = performance.now();
      if (text !== undefined && now - shownAt < PROGRESS_EVERY_MS) return;
      shownAt = text === undefined ? 0 : now;
      process.stderr.write(`\r\u001b[K${text ?? ""}`);
    },
    colors: colorsFor(process.stdout),
    noteColors: colorsFor(process.stderr),
  };
}
