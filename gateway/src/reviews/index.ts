/** The door of the reviews room: a request waits here for people. */
export type { Ask } from "./desk.ts";
export { ReviewDesk, type ReviewSettings, type Shown } from "./desk.ts";
export { type Grant, isAsked } from "./grant.ts";
