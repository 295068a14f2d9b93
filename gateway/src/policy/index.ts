export { type Grant as Decision, grantOf as decide } from "./grant.ts";
