/** The door of the reviews room: a request waits here for people. */
export type { Ask } from "./desk.ts";
export { ReviewDesk, type ReviewSettings } from "./desk.ts";
export type { Grant } from "./grant.ts";
