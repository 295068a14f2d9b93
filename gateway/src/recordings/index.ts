/** The door of the recordings: what was sent and answered, sealed. */
export { Recordings, recordingsDir, type RecordingsOptions } from "./recordings.ts";
