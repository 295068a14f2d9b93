export type { Back, BackCounts } from "./back.ts";
export type { ScrubContext, Scrubbed, Scrubber, ScrubberOptions } from "./scrubber.ts";
export { createScrubber } from "./scrubber.ts";
export type { Vault, VaultOptions } from "./vault.ts";
export { createVault } from "./vault.ts";
