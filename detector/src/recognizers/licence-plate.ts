/**
 * Licence plates of vehicles. Product codes, flight numbers and versions have the same shapes, so a word for a plate must stand
 * directly before it, or on the line when the shape has three groups. Shapes are those of document-shape.ts.
 */
import { Ahead } from "../scanner/ahead.ts";
import { DIGIT } from "../scanner/characters.ts";
import { atomEnd, atomLength, atomStart, gapAfter, isInsideUrl, type Island } from "../scanner/island.ts";
import { labelsBefore, PLATE } from "./document-labels.ts";
import { PLATE_CHARS_MIN, plateEnd } from "./document-shape.ts";
import { endsWhole, startsWhole } from "./document-word.ts";
import type { Recognizer, Sink } from "./recognizer.ts";

const GROUP_CHARS_MAX = 8;
/** Groups that are so seldom anything else that a word nearby will do. */
const GROUPS_PARTICULAR = 3;

const ahead = new Ahead();

export const licencePlate: Recognizer = {
  name: "licence-plate",
  types: ["LICENCE_PLATE"],
  trigger: DIGIT,
  lettered: true,
  charsMin: PLATE_CHARS_MIN,
  find(island: Island, sink: Sink): void {
    const { text } = island;
    let floor = island.start;
    ahead.open(text, island.end, true);
    for (let atom = 0; atom < island.atoms; atom++) {
      const start = atomStart(island, atom);
      if (start < floor || atomLength(island, atom) > GROUP_CHARS_MAX || !isAlone(island, atom)) continue;
      const end = startsWhole(text, start) ? plateEnd(ahead, start) : -1;
      if (end < 0 || !endsWhole(island, end)) continue;
      floor = end;
      const { direct, near } = labelsBefore(text, start);
      if (isInsideUrl(island, start)) continue;
      if (direct.includes(PLATE)) {
        sink.add("LICENCE_PLATE", start, end, 0.85, "licence-plate", "shape of a plate behind a word for it");
      } else if (near.includes(PLATE) && groupsIn(island, atom, end) >= GROUPS_PARTICULAR) {
        sink.add("LICENCE_PLATE", start, end, 0.6, "licence-plate", "shape of a plate, a word for it on the line");
      }
    }
    ahead.release();
  },
};

/** No group of a longer chain stands before it. */
function isAlone(island: Island, atom: number): boolean {
  if (atom === 0) return true;
  const gap = gapAfter(island, atom - 1);
  return gap !== 0x2d && gap !== 0x20;
}

function groupsIn(island: Island, first: number, end: number): number {
  let atom = first;
  while (atom < island.atoms && atomEnd(island, atom) <= end) atom++;
  return atom - first;
}
