/**
 * What stands in somebody's way on a page, as far as a machine can tell: the success criteria of WCAG 2.2, levels A and AA
 * (https://www.w3.org/TR/WCAG22/), that can be computed from the page as a real browser lays it out. Each barrier is a sentence that
 * begins with the criterion. An empty list does not say that a page is accessible; a person has to.
 */
import type { CDPSession, Page } from "playwright-core";

const WIDE = { width: 1_280, height: 900 };
/** 1280 CSS pixels at 400 %: criterion 1.4.10. */
const NARROW = { width: 320, height: 640 };
const TAB_STOPS_MAX = 80;

export async function barriersOf(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.setViewportSize(WIDE);
  found.push(...(await page.evaluate(structure)), ...(await namesOf(page)));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const each of await page.evaluate(contrast)) found.push(`${each} (${colorScheme})`);
    if (colorScheme === "dark") found.push(...(await keyboard(page)));
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: "reduce" });
  found.push(...(await page.evaluate(motion)));
  await page.emulateMedia({ reducedMotion: null });
  for (const [viewport, fontSize, spaced, what] of [
    [NARROW, "100%", false, "1.4.10: at 320 pixels"],
    [{ ...WIDE, width: 640 }, "200%", false, "1.4.4: with text twice as large"],
    [NARROW, "100%", true, "1.4.12: with more space in the text"],
  ] as const) {
    await page.setViewportSize(viewport);
    for (const each of await page.evaluate(overflow, { fontSize, spaced })) found.push(`${what}, ${each}`);
  }
  await page.setViewportSize(WIDE);
  return found;
}

/** Runs in the page. */
function structure(): string[] {
  const found: string[] = [];
  const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
  if (document.documentElement.lang !== "en") found.push("3.1.1: the page does not say its language");
  if (!/^\S.* – Sluice$/.test(document.title)) found.push(`2.4.2: the title is "${document.title}"`);
  if (all("h1").length !== 1) found.push(`1.3.1: ${all("h1").length} first headings`);
  if (all("main").length !== 1) found.push(`1.3.1: ${all("main").length} main parts`);
  const levels = all("h1,h2,h3,h4,h5,h6").map(({ tagName }) => Number(tagName[1]));
  for (const [at, level] of levels.entries()) {
    if (level > (levels[at - 1] ?? 0) + 1)
      found.push(`1.3.1: a heading of level ${level} follows ${levels[at - 1] ?? 0}`);
  }
  for (const each of document.body.children) {
    if (!["HEADER", "MAIN", "FOOTER", "SCRIPT"].includes(each.tagName))
      found.push(`1.3.1: ${each.tagName} stands in no landmark`);
  }
  const ids = all("[id]").map(({ id }) => id);
  for (const id of ids)
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`4.1.2: two elements have the id ${id}`);
  if (all("[tabindex]").some(({ tabIndex }) => tabIndex > 0)) found.push("2.4.3: a tabindex makes an order of its own");
  for (const each of all("a,button,textarea,select,input:not([type=hidden])")) {
    const { width, height } = each.getBoundingClientRect();
    if (width === 0 || (width >= 24 && height >= 24)) continue;
    // 2.5.8 excepts targets in a sentence.
    const around = (each.parentElement?.textContent ?? "").trim();
    if (getComputedStyle(each).display === "inline" && around !== (each.textContent ?? "").trim()) continue;
    found.push(`2.5.8: "${each.textContent}" is ${Math.round(width)} by ${Math.round(height)} pixels`);
  }
  return found;
}

/** Runs in the page. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(): string[] {
  const found: string[] = [];
  const rgb = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r = 0, g = 0, b = 0]: number[]): number => {
    const [x = 0, y = 0, z = 0] = [r, g, b].map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (one: string, other: string): number => {
    const [light = 0, dark = 0] = [luminance(rgb(one)), luminance(rgb(other))].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (element: Element | null): string => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if ((rgb(backgroundColor)[3] ?? 1) === 1) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set<Element>();
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const element = node.parentElement;
    if (element === null || seen.has(element) || (node.textContent ?? "").trim() === "") continue;
    seen.add(element);
    if (element.getClientRects().length === 0) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const px = Number.parseFloat(fontSize);
    const large = px >= 24 || (px >= 18.66 && Number(fontWeight) >= 700);
    const is = ratio(color, behind(element));
    if (is < (large ? 3 : 4.5))
      found.push(`1.4.3: "${element.textContent?.slice(0, 40)}" has a contrast of ${is.toFixed(2)}`);
  }
  for (const each of document.querySelectorAll("button,textarea,select,input:not([type=hidden])")) {
    const { borderColor, backgroundColor } = getComputedStyle(each);
    const around = behind(each.parentElement);
    const is = Math.max(ratio(borderColor, around), ratio(backgroundColor, around));
    if (is < 3) found.push(`1.4.11: the edge of "${each.textContent}" has a contrast of ${is.toFixed(2)}`);
  }
  return found;
}

/** Runs in the page. */
function motion(): string[] {
  const moves = [...document.querySelectorAll("*")].filter((each) => {
    const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(each);
    return animationName !== "none" || transitionDuration !== "0s" || scrollBehavior === "smooth";
  });
  return moves.map(({ tagName }) => `2.3.3: ${tagName} moves for people who asked for less of it`);
}

/** Runs in the page. The distances of the text are those of criterion 1.4.12. */
function overflow({ fontSize, spaced }: { fontSize: string; spaced: boolean }): string[] {
  const found: string[] = [];
  const { style } = document.documentElement;
  style.fontSize = fontSize;
  if (spaced) {
    style.letterSpacing = "0.12em";
    style.wordSpacing = "0.16em";
    document.body.style.lineHeight = "1.5";
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} pixels wide of ${clientWidth}`);
  for (const each of document.querySelectorAll<HTMLElement>("body *")) {
    const { overflowX, overflowY } = getComputedStyle(each);
    const clips = (way: string, size: number, room: number): boolean => ["hidden", "clip"].includes(way) && size > room;
    if (clips(overflowX, each.scrollWidth, each.clientWidth) || clips(overflowY, each.scrollHeight, each.clientHeight))
      found.push(`${each.tagName} cuts its text off`);
  }
  style.cssText = "";
  document.body.style.cssText = "";
  return found;
}

interface Node {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

/** What a screen reader is given, as the browser computes it. */
async function namesOf(page: Page): Promise<string[]> {
  return withDevTools(page, async (session) => {
    const { nodes } = (await session.send("Accessibility.getFullAXTree")) as { nodes: readonly Node[] };
    const named = new Set(["button", "link", "textbox", "combobox", "checkbox", "radio", "navigation"]);
    const nameless = nodes.filter(({ ignored, role, name }) => {
      return !ignored && named.has(role?.value ?? "") && (name?.value ?? "").trim() === "";
    });
    return nameless.map(({ role }) => `4.1.2: a ${role?.value} has no name`);
  });
}

async function withDevTools<T>(page: Page, work: (session: CDPSession) => Promise<T>): Promise<T> {
  const session = await page.context().newCDPSession(page);
  try {
    return await work(session);
  } finally {
    await session.detach();
  }
}

/** Goes through the page with the tab key, as far as it leads. */
async function keyboard(page: Page): Promise<string[]> {
  const found: string[] = [];
  const stops = await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    getSelection()?.removeAllRanges();
    const all = document.querySelectorAll<HTMLElement>("a[href],button,textarea,select,input:not([type=hidden])");
    const reachable = [...all].filter((each) => each.getClientRects().length > 0);
    for (const [at, each] of reachable.entries()) each.dataset["stop"] = String(at);
    return reachable.length;
  });
  for (let at = 0; at < Math.min(stops, TAB_STOPS_MAX); at++) {
    await page.keyboard.press("Tab");
    found.push(...(await page.evaluate(focusFaults, at)));
  }
  return found;
}

/** Runs in the page, where the `expected`th of the elements that take the focus should have it. */
function focusFaults(expected: number): string[] {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return ["2.1.1: the tab key leads nowhere"];
  const found: string[] = [];
  const name = focused.outerHTML.slice(0, 60);
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  const [{ left, top, width, height } = { left: 0, top: 0, width: 0, height: 0 }] = focused.getClientRects();
  const over = document.elementFromPoint(left + width / 2, top + height / 2);
  if (focused.dataset["stop"] !== String(expected)) found.push(`2.4.3: tab stop ${expected} is ${name}`);
  if (outlineStyle === "none" || Number.parseFloat(outlineWidth) < 2)
    found.push(`2.4.7: nothing shows the focus on ${name}`);
  if (!focused.contains(over)) found.push(`2.4.11: something hides ${name} when it has the focus`);
  return found;
}
