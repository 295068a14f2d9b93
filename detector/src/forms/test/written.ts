/** A document through a form stream: cut as told, findings replaced by placeholders or by what a test wants. */
import { isPlaceholderType } from "../../literals.ts";
import { PlaceholderMap } from "../../placeholders.ts";
import type { DetectOptions } from "../../options.ts";
import type { Form } from "../form.ts";
import { formStream } from "../stream.ts";
import type { Found } from "../telling.ts";

export interface Written {
  readonly text: string;
  readonly found: Found[];
  readonly notes: readonly string[];
  readonly bareWords: readonly string[];
  readonly map: PlaceholderMap;
}

export interface Wanted extends DetectOptions {
  readonly cuts?: readonly number[];
  /** Default: placeholders. */
  readonly replace?: (found: Found) => string | undefined;
}

export function written(form: Form, text: string, { cuts = [], replace, ...detect }: Wanted = {}): Written {
  const map = new PlaceholderMap();
  const found: Found[] = [];
  const stream = formStream(form, {
    ...detect,
    literals: isPlaceholderType,
    replace(each) {
      found.push(each);
      return replace === undefined ? map.issue(each.type, each.value).placeholder : replace(each);
    },
  });
  const out = cutAt(text, cuts).map((piece) => stream.push(piece));
  out.push(stream.end());
  return { text: out.join(""), found, notes: stream.notes, bareWords: stream.bareWords, map };
}

export function cutAt(text: string, places: readonly number[]): string[] {
  const cuts = [...new Set(places.map((place) => place % (text.length + 1)))].sort((a, b) => a - b);
  return [...cuts, text.length].map((cut, index) => text.slice(cuts[index - 1] ?? 0, cut));
}

export const everywhere = (text: string): number[] => Array.from({ length: text.length }, (_, index) => index);

/** What a test says of a finding: its type, value and place. */
export const saying = ({ type, value, place }: Found): string => `${type} ${value} @ ${place}`;
