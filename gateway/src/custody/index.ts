/** Custody: secrets by reference, and the keys that seal what is stored. Only this file is imported by other rooms. */

export { Custody, type Sealing } from "./custody.ts";
export type { SealedValues } from "./values.ts";
export type { Keys, KeyStatus, RingStatus } from "./keys.ts";
