/**
 * Which findings name a person, and so have a subject of their own; what else is found belongs to the text around it, and goes
 * with it. The question is asked for each finding of each recording.
 */
import type { DetectedTypes } from "../core/detection.ts";

/** Categories whose types identify somebody. */
const IDENTIFYING: ReadonlySet<string> = new Set([
  "direct-identifier",
  "contact",
  "financial",
  "national-id",
  "online-identifier",
]);
/** Of these categories, and shared by many: a date of birth has the people of a day, a bank code the customers of a bank. */
const SHARED: ReadonlySet<string> = new Set([
  "ADDRESS",
  "BIC",
  "COORDINATES",
  "DATE_OF_BIRTH",
  "LOCATION",
  "ORGANIZATION",
  "URL",
]);

export function identifies(type: string, types: DetectedTypes): boolean {
  if (SHARED.has(type) || !Object.hasOwn(types, type)) return false;
  return IDENTIFYING.has(types[type]?.category ?? "");
}
