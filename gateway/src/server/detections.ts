/** What a configuration may speak of, for whoever checks one without starting a gateway. */
export { DETECTIONS } from "../privacy/index.ts";
