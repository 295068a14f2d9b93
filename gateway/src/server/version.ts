import { readFileSync } from "node:fs";

const packaged = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Version of the gateway package, from its package.json. */
export const VERSION = packaged.version;
