/**
 * HTML with every value escaped: the template tag `html` lets nothing through as markup but what another `html` made. There is no
 * way to say "trust me". Characters that nobody sees and that change how others read (bidirectional overrides, joiners, controls)
 * are shown by their number: what is decided on must look like what it is.
 */

import { visible } from "../core/visible.ts";

export class Html {
  readonly #text: string;

  /** Only `html` makes one: whoever calls this vouches for the text. */
  private constructor(text: string) {
    this.#text = text;
  }

  static of(strings: TemplateStringsArray, values: readonly Value[]): Html {
    let text = strings[0] ?? "";
    for (const [at, value] of values.entries()) text += render(value) + (strings[at + 1] ?? "");
    return new Html(text);
  }

  toString(): string {
    return this.#text;
  }
}

export type Value = string | number | undefined | Html | readonly Value[];

export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return Html.of(strings, values);
}

function render(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "object") return value.map(render).join("");
  return escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** For text and for quoted attributes. */
function escape(text: string): string {
  return visible(text).replaceAll(/[&<>"'`]/g, (char) => ENTITIES[char] ?? "");
}
