export type { AnswerSplitter } from "./answer-splitter.ts";
export type { Back, BackCounts } from "./back.ts";
export type { Detection } from "./detection.ts";
export { DETECTIONS, detectOptionsOf, ownDetection } from "./own-detection.ts";
export type { Decide, Recorded, ScrubContext, Scrubbed, Scrubber, ScrubberOptions } from "./scrubber.ts";
export { createScrubber } from "./scrubber.ts";
export type { Vault, VaultOptions } from "./vault.ts";
export { createVault } from "./vault.ts";
