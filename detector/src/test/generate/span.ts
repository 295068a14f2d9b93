/** A stretch of text that somebody says is of a type, and which types are read off their structure rather than from the words around. */
import { TYPES } from "../../types.ts";

export interface Span {
  readonly type: string;
  /** UTF-16 code units, the end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** Types that the tagger finds. */
export const NAMED: ReadonlySet<string> = new Set(["PERSON", "LOCATION", "ORGANIZATION"]);

/** All others. */
export const STRUCTURED: ReadonlySet<string> = new Set(Object.keys(TYPES).filter((type) => !NAMED.has(type)));
