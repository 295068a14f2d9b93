/**
 * A real Chromium without a window, driven over its DevTools protocol. Debian: chromium-headless-shell; any other by
 * SLUICE_TEST_BROWSER. Nothing is downloaded.
 */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const NAMED = process.env["SLUICE_TEST_BROWSER"];

/** Undefined where there is none: tests that need one skip themselves. */
export const CHROMIUM = NAMED === undefined || NAMED === "" ? PLACES.find((path) => existsSync(path)) : NAMED;

export function startChromium(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error("there is no Chromium here: see SLUICE_TEST_BROWSER");
  // Its sandbox wants user namespaces, which containers seldom have; it sees pages of ours alone.
  return chromium.launch({ executablePath: CHROMIUM, chromiumSandbox: false });
}
