/** How recognizer tests are written: one row a text, and what must be found in it, in order. Rows say what is true. */
import { expect, it } from "vitest";
import { detect } from "../detect.ts";
import type { DetectOptions } from "../options.ts";

export interface Row {
  readonly text: string;
  /** Values of the type under test, in order; none: the text is a hard negative. */
  readonly finds: readonly string[];
  readonly options?: DetectOptions;
}

export function valuesOf(type: string, text: string, options?: DetectOptions): string[] {
  return detect(text, options)
    .filter((finding) => finding.type === type)
    .map((finding) => text.slice(finding.start, finding.end));
}

/** One test a row, so that a failing one names its text. */
export function checkRows(type: string, rows: readonly Row[]): void {
  it.each(rows.map((row) => [row.text, row] as const))("%j", (_, row) => {
    expect(valuesOf(type, row.text, row.options)).toEqual(row.finds);
  });
}
