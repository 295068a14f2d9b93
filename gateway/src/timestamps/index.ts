/** The door of the timestamps room: checkpoints of the log, stamped by time-stamping authorities (RFC 3161). */

export { Stamps } from "./stamps.ts";
