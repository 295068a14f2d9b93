/** Everything that this workspace offers to others. */
export { detect } from "./detect.ts";
export { normalize } from "./normalize.ts";
export { detectStream } from "./stream.ts";
export {
  type Category,
  type DetectOptions,
  type DetectStream,
  type Finding,
  SCORE_MIN,
  type StreamedFindings,
  type StreamOptions,
  type TypeRow,
  TYPES,
  WINDOW_CHARS,
} from "./types.ts";
