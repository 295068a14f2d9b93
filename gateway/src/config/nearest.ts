/** "Did you mean", as the configuration's problems say it. */
export { didYouMean, nearest } from "../core/nearest.ts";
