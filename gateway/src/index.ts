export { type Running, type StartOptions, start } from "./server/start.ts";
