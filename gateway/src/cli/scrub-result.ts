/** What `sluice scrub` writes to stdout: the text as it is, or one JSON document, written as it comes. */
import type { Failure } from "./exit.ts";
import { type Output, stdoutOutput } from "./output.ts";
import type { Report } from "./report.ts";
import type { Scrubbing } from "./scrubbing.ts";

export interface ScrubResult {
  begin(name: string): Promise<void>;
  /** A piece of the scrubbed document. False: nobody reads it. */
  text(text: string): Promise<boolean>;
  end(): Promise<void>;
  finish(scrubbing: Scrubbing, report: Report): Promise<void>;
  /** The work ended early. False: it is to be said elsewhere. */
  fail(failure: Failure): Promise<boolean>;
}

export function plainResult(): ScrubResult {
  const out = stdoutOutput();
  return {
    begin: () => Promise.resolve(),
    text: (text) => out.write(text),
    end: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    fail: () => Promise.resolve(false),
  };
}

export interface JsonResultOptions {
  /** Each document is an object of its own, in `files`. */
  readonly several: boolean;
  /** The text is in the document, not in a file. */
  readonly withText: boolean;
  readonly withReport: boolean;
}

export function jsonResult({ several, withText, withReport }: JsonResultOptions): ScrubResult {
  const out: Output = stdoutOutput();
  let documents = 0;
  let open = false;

  async function end(): Promise<void> {
    open = false;
    await out.write(`${withText ? '"' : ""}${several ? "}" : ""}`);
  }

  /** Up to where the members behind the texts stand. */
  async function endTexts(): Promise<void> {
    if (open) await end();
    if (documents === 0) await out.write("{");
    else await out.write(several ? "],\n" : withText ? ",\n" : "");
  }

  return {
    async begin(name) {
      const opening = several ? `${documents === 0 ? '{"files":[' : ","}\n{"file":${JSON.stringify(name)}` : "{";
      await out.write(`${opening}${withText ? `${several ? "," : ""}"scrubbed":"` : ""}`);
      documents++;
      open = true;
    },
    text: (text) => out.write(JSON.stringify(text).slice(1, -1)),
    end,
    async finish(scrubbing, report) {
      await endTexts();
      await scrubbing.writeMap(out);
      const notes = report.documents.flatMap(({ file, notes }) => notes.map((note) => ({ file, note })));
      const rest = { found: report.found, notes, ...(withReport ? { report } : {}) };
      await out.write(`,\n${JSON.stringify(rest).slice(1)}\n`);
    },
    async fail({ code, message }) {
      if (documents === 0) return false;
      await endTexts();
      await out.write(`${JSON.stringify({ ok: false, error: { code, message } }).slice(1)}\n`);
      return true;
    },
  };
}
