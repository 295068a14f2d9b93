import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CODES, type Code, SluiceError } from "../../core/errors.ts";
import { errorEvent, rawError, renderError, statusOf } from "./errors.ts";

const codes = Object.keys(CODES) as Code[];
/** What the official SDKs repeat by themselves; and 409, which means more than that: there the header says whether it is of use. */
const REPEATED = [408, 429, 500, 502, 503, 504];
const failure = new SluiceError("scrub_timeout", "took longer than 10 s", { retryAfterSeconds: 1.2 });

/** Rows of a page's tables of errors: codes, statuses, and whether they are retriable where the table says so. */
function documented(page: string): Map<string, { status: string; retriable?: string }> {
  const text = readFileSync(new URL(`../../../../docs/${page}`, import.meta.url), "utf8");
  const rows = new Map<string, { status: string; retriable?: string }>();
  for (const [, names = "", statuses = "", third = ""] of text.matchAll(/^\| (`.*?) \| ([\d, ]+) \| (.*?) \|/gm)) {
    const at = (list: readonly string[], index: number): string => list[index] ?? list[0] ?? "";
    for (const [index, name] of names.split(", ").entries()) {
      const status = at(statuses.split(", "), index);
      const retriable = /^(?:yes|no)(?:, |$)/.test(third) ? { retriable: at(third.split(", "), index) } : {};
      rows.set(name.replaceAll("`", ""), { status, ...retriable });
    }
  }
  return rows;
}

test("every code is documented, with the status that it has, and nothing else is", () => {
  const rows = new Map([...documented("identity.md"), ...documented("errors.md")]);
  const wanted = codes.map((code) => [code, String(statusOf(new SluiceError(code, "")))]);
  expect([...rows].map(([code, { status }]) => [code, status]).toSorted()).toEqual(wanted.toSorted());
  for (const [code, { retriable }] of documented("errors.md"))
    expect(`${code} ${retriable}`).toBe(`${code} ${CODES[code as Code].retriable ? "yes" : "no"}`);
});

describe("a refusal", () => {
  test.each(codes)("%s has a status, and SDKs repeat it exactly when it is retriable", (code) => {
    const error = new SluiceError(code, "message");
    const status = statusOf(error);
    expect(status).toBeGreaterThanOrEqual(400);
    if (error.retriable) expect([...REPEATED, 409]).toContain(status);
    // A fault of ours or the upstream's is honestly a 5xx; there the header says that repeating is of no use.
    else if (status < 500) expect(REPEATED).not.toContain(status);
    expect(renderError(error, "openai").headers["x-should-retry"]).toBe(String(error.retriable));
  });

  test("by policy is a 403, never a status that SDKs repeat", () => {
    for (const code of codes.filter((each) => CODES[each].kind === "denied"))
      expect(statusOf(new SluiceError(code, ""))).toBe(403);
  });

  test.each([
    ["subject_held", 409],
    ["hold_ended", 409],
    ["client_closed", 499],
    ["recording_unavailable", 503],
    ["witness_quorum_missing", 503],
    ["key_unavailable", 503],
  ] as const)("%s has a status that says who has to act: %i", (code, status) => {
    expect(statusOf(new SluiceError(code, "m"))).toBe(status);
  });

  test("speaks the family of the route and carries our code in each", () => {
    const body = (family: "openai" | "anthropic" | "problem") =>
      JSON.parse(renderError(failure, family).body.toString()) as unknown;
    expect(body("openai")).toEqual({
      error: { message: "took longer than 10 s", type: "rate_limit_error", param: null, code: "scrub_timeout" },
    });
    expect(body("anthropic")).toEqual({
      type: "error",
      error: { type: "rate_limit_error", message: "took longer than 10 s", code: "scrub_timeout" },
    });
    expect(body("problem")).toEqual({
      type: "about:blank",
      title: "Limit reached",
      status: 503,
      detail: "took longer than 10 s",
      code: "scrub_timeout",
    });
    expect(renderError(failure, "problem").headers["content-type"]).toBe("application/problem+json");
  });

  test("says when to come back, in whole seconds, and under which id it is on record", () => {
    const error = new SluiceError("rate_limited", "slow down", { retryAfterSeconds: 1.2 });
    error.evidence = "42";
    expect(renderError(error, "openai").headers).toMatchObject({ "retry-after": "2", "sluice-evidence": "42" });
    expect(renderError(new SluiceError("internal", ""), "openai").headers).not.toHaveProperty("retry-after");
  });

  test("on a broken socket is a whole HTTP message that ends the connection", () => {
    const [head = "", body = ""] = rawError(new SluiceError("header_too_large", "too large"))
      .toString()
      .split("\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    expect(head).toContain("connection: close");
    expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toMatchObject({ code: "header_too_large", status: 431 });
  });
});

describe("a stream that broke", () => {
  const parse = (event: string): { event: string | undefined; data: Record<string, unknown> } => ({
    event: /^event: (.*)$/m.exec(event)?.[1],
    data: JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "") as Record<string, unknown>,
  });
  const reset = new SluiceError("upstream_reset", 'connection "main" closed');

  test("ends with the event that the family's SDK throws on, one frame each", () => {
    expect(parse(errorEvent(reset, "openai", "chat.completions"))).toMatchObject({
      event: undefined,
      data: { error: { code: "upstream_reset", type: "server_error" } },
    });
    expect(parse(errorEvent(reset, "openai", "responses"))).toMatchObject({
      event: "error",
      data: { type: "error", sequence_number: 0, code: "upstream_reset", error: { code: "upstream_reset" } },
    });
    expect(parse(errorEvent(reset, "anthropic", "messages"))).toMatchObject({
      event: "error",
      data: { type: "error", error: { type: "api_error", code: "upstream_reset" } },
    });
    expect(parse(errorEvent(reset, "problem", "custom"))).toMatchObject({
      event: "error",
      data: { code: "upstream_reset" },
    });
    for (const endpoint of ["chat.completions", "responses"])
      expect(errorEvent(reset, "openai", endpoint)).toMatch(/[^\n]\n\n$/);
  });

  test("never ends with an end marker", () => {
    for (const family of ["openai", "anthropic", "problem"] as const) {
      expect(errorEvent(reset, family, "x")).not.toMatch(/\[DONE\]|message_stop/);
    }
  });
});
