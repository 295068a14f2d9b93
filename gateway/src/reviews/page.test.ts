import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Shown } from "./desk.ts";
import { html } from "./html.ts";
import { listPage, PAGE_HEADERS, reviewPage } from "./page.ts";
import type { Review } from "./review.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const REVIEW: Review = {
  id: "rv-00",
  kind: "request",
  state: "pending",
  requester: "corp:alice",
  actors: ["agent:bot"],
  parties: ["corp:alice"],
  purpose: "support",
  basis: "eu-gdpr:A6-1-b",
  connection: "acme",
  recipient: { name: "Acme AI", country: "US" },
  digest: "abc",
  categories: ["health"],
  risk: { score: 70, reasons: ["health data found", "outside the EEA"] },
  approvals: [
    { group: "privacy", people: 2 },
    { group: "security", people: 1 },
  ],
  bytes: 5,
  createdAt: NOW,
  expiresAt: NOW + 3_600_000,
  votes: [{ person: "corp:bob", decision: "approve", at: NOW }],
};
const SHOWN: Shown = {
  review: REVIEW,
  state: "pending",
  url: "https://sluice.example/reviews/rv-00",
  preview: "hello",
  comments: new Map([["corp:bob", "fine with me"]]),
  mayVote: true,
};
const page = (shown: Shown = SHOWN, more: { notice?: string; csrf?: string } = {}): string =>
  reviewPage({ shown, csrf: "token", nameOf: (id) => id, now: NOW, ...more });
/** Without what is between tags. */
const tags = (text: string): string => (text.replace(/<style>[\s\S]*<\/style>/, "").match(/<[^>]*>/g) ?? []).join("\n");

describe("the template", () => {
  test("lets no value through as markup, in text or in an attribute", () => {
    const nasty = `"><script>alert('1')</script>&\``;
    expect(html`<a title="${nasty}">${nasty}</a>`.toString()).toBe(
      `<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#96;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#96;</a>`,
    );
  });

  test("keeps what another one made, and lists of them", () => {
    expect(html`<ul>${[html`<li>${"<"}</li>`, html`<li>${1}</li>`]}${undefined}</ul>`.toString()).toBe(
      "<ul><li>&lt;</li><li>1</li></ul>",
    );
  });
});

describe("the page of a review", () => {
  test("says who asks, what for, on what basis, where it goes, why it is risky, what it allows and until when", () => {
    const text = page();
    for (const part of [
      "corp:alice, through agent:bot",
      "support",
      "GDPR Art. 6(1)(b), eu-gdpr:A6-1-b",
      "Acme AI, United States (US)",
      "health",
      "70 of 100: health data found; outside the EEA",
      "this request, once",
      "2 of privacy, and 1 of security",
      "2026-11-21 13:00 UTC",
      "<pre>hello</pre>",
      "corp:bob: yes",
      "fine with me",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("has the same tags whatever the values hold", () => {
    const expected = tags(page());
    const nasty = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "</pre><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='x",
        "<!--",
        "]]>",
      ),
    );
    fc.assert(
      fc.property(nasty, (value) => {
        const review: Review = {
          ...REVIEW,
          requester: value,
          actors: [value],
          purpose: value,
          basis: value,
          connection: value,
          recipient: { name: value, country: value },
          categories: [value],
          risk: { score: 1, reasons: [value] },
          approvals: [{ group: value, people: 1 }],
          bytes: Buffer.byteLength(value),
          votes: [{ person: value, decision: "approve", at: NOW }],
        };
        const text = page({ ...SHOWN, review, preview: value, comments: new Map([[value, value]]) });
        expect(tags(text)).toBe(expected);
      }),
    );
  });

  test("escapes the token and the notice", () => {
    const text = page(SHOWN, { notice: "<b>", csrf: '"><b>' });
    expect(text).not.toContain("<b>");
    expect(text).toContain('name="csrf" value="&quot;&gt;&lt;b&gt;"');
  });

  test("shows characters that would mislead who reads by their number", () => {
    expect(page({ ...SHOWN, preview: "a\u202eb\u200bc\u0007\n\td" })).toContain(
      "<pre>a⟨U+202E⟩b⟨U+200B⟩c⟨U+0007⟩\n\td</pre>",
    );
  });

  test("lays JSON out where nothing of it is lost, and shows it as it is otherwise", () => {
    expect(page({ ...SHOWN, preview: '{"a":[1]}' })).toContain("{\n  &quot;a&quot;: [\n    1\n  ]\n}");
    for (const odd of ['{"a":1,"a":2}', '{"a":1.0}', '{"a":"\\u0061"}']) {
      expect(page({ ...SHOWN, preview: odd })).toContain(`<pre>${odd.replaceAll('"', "&quot;")}</pre>`);
    }
  });

  test("says when only the beginning is shown", () => {
    expect(page()).not.toContain("Only the beginning");
    expect(page({ ...SHOWN, review: { ...REVIEW, bytes: 6 } })).toContain(
      "Only the beginning is shown:</strong> 5 of 6 bytes",
    );
  });

  test("has a form only for who may decide", () => {
    expect(page()).toContain('<form method="post" action="/reviews/rv-00/votes">');
    expect(page({ ...SHOWN, mayVote: false })).not.toContain("<form");
  });

  test("tells of broken glass why it was broken, and what a no does", () => {
    const text = page({ ...SHOWN, review: { ...REVIEW, kind: "after-the-fact" }, preview: "patient in danger" });
    expect(text).toContain("broke the glass");
    expect(text).toContain("<pre>patient in danger</pre>");
  });

  test("can be used without sight or mouse: language, title, one first heading, main, labels and buttons with text", () => {
    const text = page();
    expect(text).toContain('<html lang="en">');
    expect(text).toMatch(/<title>[^<]+<\/title>/);
    expect(text.match(/<h1>/g)).toHaveLength(1);
    expect(text.match(/<main>/g)).toHaveLength(1);
    const headings = [...text.matchAll(/<h(\d)/g)].map(([, level]) => Number(level));
    for (const [at, level] of headings.entries()) expect(level).toBeLessThanOrEqual((headings[at - 1] ?? 0) + 1);
    for (const [, id] of text.matchAll(/<(?:textarea|select)[^>]* id="([^"]+)"/g))
      expect(text).toContain(`<label for="${id}">`);
    expect(text).not.toMatch(/tabindex="[1-9]/);
    expect([...text.matchAll(/<button[^>]*>([^<]+)</g)].map(([, label]) => label)).toEqual(["Approve", "Deny"]);
  });

  test("needs no script, no style of an attribute and nothing from elsewhere, and its headers allow none", () => {
    const text = page();
    expect(text).not.toMatch(/<script|style="|src=|https?:\/\/|\son\w+=/);
    expect(PAGE_HEADERS["content-security-policy"]).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action 'self'; /,
    );
  });
});

describe("the list", () => {
  test("links each review with who asks and what for, and the next page", () => {
    const text = listPage({
      view: "decide",
      state: "pending",
      reviews: [REVIEW],
      next: "abc",
      nameOf: () => "Alice <A>",
      now: NOW,
    });
    expect(text).toContain('<a href="/reviews/rv-00">Alice &lt;A&gt;: support, to Acme AI</a>');
    expect(text).toContain('<a href="/reviews?view=decide&amp;state=pending" aria-current="page">To decide</a>');
    expect(text).toContain("cursor=abc");
  });

  test("says of a review whose time is over that it was not decided", () => {
    const text = listPage({
      view: "decide",
      state: "closed",
      reviews: [REVIEW],
      nameOf: (id) => id,
      now: NOW + 3_600_000,
    });
    expect(text).toContain("Not decided in time");
  });
});
