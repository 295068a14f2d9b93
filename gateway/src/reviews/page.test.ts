import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Shown } from "./desk.ts";
import { SluiceError } from "../core/errors.ts";
import { html } from "./html.ts";
import { PAGE_HEADERS, refusalPage } from "./layout.ts";
import { listPage, reviewPage } from "./page.ts";
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
  sending: { endpoint: "messages", model: "m", query: "beta=true", headers: ["anthropic-beta", "files<b>"] },
  categories: ["health"],
  risk: { score: 70, reasons: ["health data found", "outside the EEA"] },
  volume: 0,
  opaque: {},
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
const OLGA = { id: "corp:olga", name: "corp:olga", csrf: "token" };
const page = (
  shown: Shown = SHOWN,
  { notice, stepUp = false, ...viewer }: { notice?: string; stepUp?: boolean; csrf?: string; id?: string } = {},
): string =>
  reviewPage({
    shown,
    stepUp,
    viewer: { ...OLGA, ...viewer },
    nameOf: (id) => id,
    now: NOW,
    ...(notice === undefined ? {} : { notice }),
  });
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
  test("says how the request is sent: endpoint, model, query and the headers that reach the target", () => {
    expect(page()).toContain("<dt>How</dt><dd>messages; model m; ?beta=true; anthropic-beta: files&lt;b&gt;</dd>");
  });

  test("says who asks, what for, on what basis, where it goes, why it is risky, what it allows and until when", () => {
    const text = page();
    for (const part of [
      "corp:alice, through agent:bot",
      "support",
      "GDPR Art. 6(1)(b), eu-gdpr:A6-1-b",
      "Acme AI, United States (US), by connection acme",
      "health",
      "70 of 100, because:<ul><li>health data found</li><li>outside the EEA</li></ul>",
      "this request, once",
      "2 of privacy, and 1 of security",
      "2026-11-21 13:00 UTC</time> (in 60 minutes)",
      "<pre>hello</pre>",
      "corp:bob: yes",
      "fine with me",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("says before the decision that a yes asks for a passkey, where it does and to whom it matters", () => {
    const announced = "A yes asks for your passkey";
    expect(page()).not.toContain(announced);
    expect(page(SHOWN, { stepUp: true })).toMatch(
      /Your decision[^]*A yes asks for your passkey[^]*<button class="yes"/,
    );
    expect(page({ ...SHOWN, mayVote: false }, { stepUp: true })).not.toContain(announced);
    expect(page(SHOWN, { stepUp: true, id: "corp:bob" })).not.toContain(announced);
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
          risk: { score: 1, reasons: [value, value] },
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

  test("shows what a renderer leaves out, whole sentences in variation selectors too", () => {
    const hidden = [..."yes"].map((char) => String.fromCodePoint(0xe0100 + (char.codePointAt(0) ?? 0) - 16)).join("");
    const shown = page({ ...SHOWN, preview: `ok${hidden}\u3164\u2800\ufe0f\u00ad\u034f` });
    expect(shown).toContain("<pre>ok⟨U+E0169⟩⟨U+E0155⟩⟨U+E0163⟩⟨U+3164⟩⟨U+2800⟩⟨U+FE0F⟩⟨U+00AD⟩⟨U+034F⟩</pre>");
  });

  test("lays JSON out where nothing of it is lost, and shows it as it is otherwise", () => {
    expect(page({ ...SHOWN, preview: '{"a":[1]}' })).toContain("{\n  &quot;a&quot;: [\n    1\n  ]\n}");
    expect(page({ ...SHOWN, preview: JSON.stringify({ a: "x\ny\\n\n" }) })).toContain("&quot;x\\n\ny\\\\n\\n&quot;");
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

  test("has a form only for who may decide, and tells others why they have none", () => {
    expect(page()).toContain('<form method="post" action="/reviews/rv-00/votes">');
    const without = { ...SHOWN, mayVote: false };
    expect(page(without)).not.toContain("/votes");
    expect(page(without)).toContain("people in privacy, security do");
    expect(page(without, { id: "corp:alice" })).toContain("it was asked by you or in your name");
  });

  test("offers only a no to who has said yes", () => {
    const text = page(SHOWN, { id: "corp:bob" });
    expect(text).toContain("You have said yes");
    expect(text).not.toContain(">Approve<");
    expect(text).toContain(">Deny<");
  });

  test("says under whose name a click counts, and has the way out where there is a session", () => {
    expect(page()).toContain('action="/logout"><input type="hidden" name="csrf" value="token"><span>corp:olga</span>');
    expect(page(SHOWN, { csrf: "" })).not.toContain("/logout");
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
    expect([...text.matchAll(/<button[^>]*>([^<]+)</g)].map(([, label]) => label)).toEqual([
      "Log out",
      "Approve",
      "Deny",
    ]);
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
      viewer: OLGA,
      nameOf: () => "Alice <A>",
      now: NOW,
    });
    expect(text).toContain('<a href="/reviews/rv-00">Alice &lt;A&gt; asks: support, to Acme AI</a>');
    expect(text).toContain('<a href="/reviews?view=decide&amp;state=pending" aria-current="page">To decide</a>');
    expect(text).toContain("cursor=abc");
  });

  test("says of a review whose time is over that it was not decided", () => {
    const text = listPage({
      view: "decide",
      state: "closed",
      reviews: [REVIEW],
      viewer: OLGA,
      nameOf: (id) => id,
      now: NOW + 3_600_000,
    });
    expect(text).toContain("Not decided in time");
  });
});

describe("the page of a refusal", () => {
  test("says what happened in a sentence, leads on to where the person was, and keeps the code", () => {
    const text = refusalPage(new SluiceError("approval_self", "somebody else has to decide <it>"), "/reviews/rv-1");
    expect(text).toContain("<h1>You cannot decide your own request</h1>");
    expect(text).toContain("Somebody else has to decide &lt;it&gt;.");
    expect(text).toContain('<a href="/reviews/rv-1">The request</a>');
    expect(text).toContain("Reason: approval_self");
  });

  test("leads whoever is not known any more to the login, and from there back", () => {
    const text = refusalPage(new SluiceError("session_missing", "the session is over"), "/reviews/rv-1");
    expect(text).toContain('<a href="/login?return=%2Freviews%2Frv-1">Log in</a>');
  });

  test("of a review leads to that review", () => {
    const details = { review: "rv-2", review_url: "https://elsewhere.example" };
    const text = refusalPage(new SluiceError("step_up_required", "a passkey", { details }));
    expect(text).toContain('<a href="/reviews/rv-2">The request</a>');
  });
});
