/** What a configuration may speak of, and what its detector finds, for whoever needs that without starting a gateway. */
import type { DetectOptions } from "@sluice/detector";
import { loadNames } from "@sluice/detector/model";
import type { DetectorSettings } from "../core/detection.ts";
import { detectOptionsOf } from "../privacy/index.ts";

export { DETECTIONS } from "../privacy/index.ts";

/** Reads the names model when the settings want names. Throws when its file is missing or damaged. */
export function loadDetectOptions(settings: DetectorSettings): DetectOptions {
  return detectOptionsOf(settings, settings.names === "off" ? undefined : loadNames());
}
