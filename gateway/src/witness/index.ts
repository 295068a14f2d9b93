/** The door of the witness room for a gateway: asking witnesses. `sluice witness` itself is a program of its own (cli/witness.ts). */
export { Asking } from "./asking.ts";
