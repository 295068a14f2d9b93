/**
 * The tagger's alphabet: O, and for each of the three types Begin, Inside, End and Single. Which label may follow which is
 * told by whether a name is open between the two tokens.
 */

export const TYPE_NAMES = ["PERSON", "LOCATION", "ORGANIZATION"] as const;
/** Its index. */
export const PERSON = 0;

export const OUTSIDE = 0;
export const LABELS = 13;

export const begin = (type: number): number => 1 + 4 * type;
export const inside = (type: number): number => 2 + 4 * type;
export const endOf = (type: number): number => 3 + 4 * type;
export const single = (type: number): number => 4 + 4 * type;

/** 0…2 */
export const typeOf = (label: number): number => (label - 1) >> 2;

/** After B and I a name is open and must go on. */
export function leavesOpen(label: number): boolean {
  return label > 0 && ((label - 1) & 3) < 2;
}

export function mayFollow(left: number, right: number): boolean {
  if (leavesOpen(left))
    return right > 0 && typeOf(right) === typeOf(left) && (((right - 1) & 3) === 1 || ((right - 1) & 3) === 2);
  return right === 0 || ((right - 1) & 3) === 0 || ((right - 1) & 3) === 3;
}
