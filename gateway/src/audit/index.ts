/** Reading the evidence for somebody: bundles that verify offline, and what a breach touched. Only this file is imported by other rooms. */

export { type BreachReport, BreachTally } from "./breach.ts";
export { bundle } from "./bundle.ts";
export { type BundleReport, verifyBundle } from "./offline.ts";
export { newAuditorKey, unseal } from "./seal.ts";
export { scan, type Selection } from "./scan.ts";
