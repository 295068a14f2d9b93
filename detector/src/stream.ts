/**
 * Finds personal data in a text that arrives in pieces. Promises that the pieces' texts and findings, put together, are the
 * same however the text was cut, and those of `detect` of the whole but for names that only later text tells. Text is held
 * back from the start of the last stretch that more input could still turn into a finding: a line, or with `hold: "word"` a
 * word, the groups of a number, a private key. Holds at most windowChars, or one private key block.
 */
import { newScan } from "./detect.ts";
import { LOOKBACK_CHARS } from "./scanner/context.ts";
import type { DetectStream, StreamedFindings, StreamOptions } from "./options.ts";

/** Settled text is cut off when this much has gathered in front of what recognizers may look back on. */
const SLACK_CHARS = 1024;

export function detectStream(options: StreamOptions = {}): DetectStream {
  const scan = newScan(options);
  let buffer = "";
  let settled = 0;
  let ended = false;

  function take(piece: string, final: boolean): StreamedFindings {
    if (ended) throw new TypeError("the stream has ended");
    ended = final;
    buffer += piece;
    const from = settled;
    settled = scan.advance(buffer, final);
    const text = buffer.slice(from, settled);
    const findings = scan.findings.splice(0);
    for (const finding of findings) {
      finding.start -= from;
      finding.end -= from;
    }
    const excess = settled - LOOKBACK_CHARS;
    if (excess > SLACK_CHARS) {
      buffer = buffer.slice(excess);
      settled -= excess;
      scan.shift(excess);
    }
    return { text, findings };
  }

  return { push: (piece) => take(piece, false), end: () => take("", true) };
}
