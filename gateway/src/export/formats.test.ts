import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leafHash } from "@sluice/verifier";
import { cefEvent } from "./cef.ts";
import { ocsfEvent } from "./ocsf.ts";
import { otlpRequest } from "./otlp.ts";
import { type ExportRecord, exportRecord } from "./record.ts";
import { framed, syslogMessage, type SyslogOptions } from "./syslog.ts";
import { entryOf, NAMES, ORIGIN, RECORDS, recordOf } from "./test/leaves.ts";

const VERSION = "0.1.0";
const schema = JSON.parse(readFileSync(new URL("./test/ocsf-1.8.schema.json", import.meta.url), "utf8")) as object;
const validate = addFormats.default(new Ajv2020({ strict: false, allErrors: true })).compile(schema);
const SYSLOG: SyslogOptions = { format: "structured", enterprise: 32_473, version: VERSION, messageBytesMax: 8_192 };

function faultsOf(record: ExportRecord): readonly unknown[] {
  // As a receiver gets it.
  const event: unknown = JSON.parse(JSON.stringify(ocsfEvent(record, VERSION)));
  validate(event);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => ({ instancePath, message, params }));
}

describe("a record as it leaves", () => {
  it("has the index, the origin and the hash that a proof is checked with", () => {
    const entry = entryOf({ type: "stop", version: VERSION });
    const record = exportRecord(9, entry, ORIGIN);
    expect(record).toMatchObject({ index: 9, origin: ORIGIN, leafHash: Buffer.from(leafHash(entry)).toString("hex") });
  });

  it("leaves out what no field has a place for, and says which field that was", () => {
    const text = "please call olga@example.com";
    const record = exportRecord(
      0,
      entryOf({ type: "intent", purpose: text, prompt: text, found: { [text]: 1, EMAIL: text } }),
      ORIGIN,
    );
    expect(record.fields).toEqual({});
    expect(record.omitted).toEqual(["found", "purpose"]);
  });

  it("is a hash and a time when nobody knows its kind, or it is no JSON", () => {
    for (const entry of [entryOf({ type: "tomorrow", purpose: "support" }), Buffer.from("{"), Buffer.from("[1]")])
      expect(exportRecord(0, entry, ORIGIN)).toMatchObject({ type: "other", fields: {} });
  });

  it.each([
    [
      "facts that name nothing of the configuration",
      { name: "x.y", facts: { agents: ["olga"], note: "olga", lag: 3 } },
      { name: "x.y", "facts.lag": 3 },
    ],
    ["a number that is none", { name: "x.y", facts: { lag: null, ok: true } }, { name: "x.y", "facts.ok": true }],
    [
      "a list that is too long",
      { name: "x.y", facts: Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, n])) },
      undefined,
    ],
  ])("does not hold %s", (_what, event, fields) => {
    const record = exportRecord(0, entryOf({ type: "event", ...event }), ORIGIN);
    if (fields !== undefined) expect(record.fields).toEqual(fields);
    expect(record.omitted).toEqual(["facts"]);
  });
});

describe("OCSF", () => {
  it.each(NAMES)("says of %s what the schema of 1.8 takes", (name) => {
    expect(faultsOf(recordOf(name))).toEqual([]);
  });

  it.each([
    ["intent", 600301],
    ["outcome", 600399],
    ["denial", 600301],
    ["login", 300201],
    ["logout", 300202],
    ["granted", 300404],
    ["rotated", 300403],
    ["erased", 600507],
    ["read", 600501],
    ["start", 600203],
    ["stop", 600204],
    ["config", 600208],
    ["alarm", 600399],
  ])("counts %s as %i", (name, type) => {
    expect(ocsfEvent(recordOf(name), VERSION)["type_uid"]).toBe(type);
  });

  it("joins an outcome to its intent", () => {
    const uid = (name: string): unknown =>
      (ocsfEvent(recordOf(name), VERSION)["metadata"] as Record<string, unknown>)["correlation_uid"];
    expect(uid("outcome")).toBe(uid("intent"));
  });

  it("is refused by the schema with an attribute that OCSF does not have, or a prompt", () => {
    const event = ocsfEvent(recordOf("intent"), VERSION);
    expect(validate({ ...event, message_context: { prompt_text: "x" } })).toBe(false);
    expect(validate({ ...event, severity_id: 7 })).toBe(false);
    expect(validate({ ...event, api: {} })).toBe(false);
  });
});

describe("golden files", () => {
  it.each(["structured", "cef", "ocsf"] as const)("syslog, %s", async (format) => {
    const lines = RECORDS.map((record) => syslogMessage(record, { ...SYSLOG, format })).join("\n");
    await expect(`${lines}\n`).toMatchFileSnapshot(`./test/golden/syslog-${format}.txt`);
  });

  it("OCSF", async () => {
    const events = RECORDS.map((record) => ocsfEvent(record, VERSION));
    await expect(`${JSON.stringify(events, null, 2)}\n`).toMatchFileSnapshot("./test/golden/ocsf.txt");
  });

  it("OTLP", async () => {
    const request = otlpRequest(RECORDS.slice(0, 3), VERSION);
    await expect(`${JSON.stringify(request, null, 2)}\n`).toMatchFileSnapshot("./test/golden/otlp.txt");
  });
});

describe("syslog", () => {
  it("counts octets, not characters of something else: every message is ASCII", () => {
    for (const format of ["structured", "cef", "ocsf"] as const) {
      for (const record of RECORDS) {
        const message = syslogMessage(record, { ...SYSLOG, format });
        expect(message).toMatch(/^[\x20-\x7e]+$/);
        expect(framed(message)).toBe(`${Buffer.byteLength(message)} ${message}`);
      }
    }
  });

  it("escapes what would end a parameter", () => {
    const record = { ...recordOf("stop"), fields: { name: 'a"b\\c]d=e é' } };
    expect(syslogMessage(record, SYSLOG)).toContain(String.raw`name="a\"b\\c\]d=e \\u00e9"`);
  });

  it("leaves the fields out of a message that is too long, and says so", () => {
    const message = syslogMessage(recordOf("intent"), { ...SYSLOG, format: "ocsf", messageBytesMax: 1_024 });
    expect(message).toContain('omitted="*"');
    expect(message).toContain('"is_truncated":true');
    expect(message).not.toContain("support");
    expect(message).toContain(recordOf("intent").leafHash);
  });
});

describe("CEF", () => {
  it("escapes pipes and backslashes in its header, and equal signs and lines in its extension", () => {
    const record = { ...recordOf("stop"), type: "event", fields: { name: "a|b\\c", target: "a=b\\c|d\r\ne" } };
    expect(cefEvent(record, VERSION)).toBe(
      `CEF:0|Sluice|Sluice|0.1.0|a\\|b\\\\c|a\\|b\\\\c|3|rt=1795251600000 externalId=14 deviceExternalId=${ORIGIN} cat=event ` +
        `duid=a\\=b\\\\c|d\\ne cs1Label=leafHash cs1=${record.leafHash}`,
    );
  });
});

describe("whatever a leaf holds", () => {
  const canary = fc.constantFrom("olga@example.com", "call me now", "Zürich", "a\nb", "\u0000", "x".repeat(129));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      canary,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double(),
      tie("list"),
      tie("map"),
    ),
    list: fc.array(tie("any"), { maxLength: 3 }),
    map: fc.dictionary(fc.oneof(canary, fc.constantFrom("EMAIL", "id", "country", "code", "0")), tie("any"), {
      maxKeys: 4,
    }),
  })).any;
  const names = [
    "principal",
    "actors",
    "action",
    "model",
    "purpose",
    "found",
    "recipient",
    "facts",
    "name",
    "target",
    "code",
    "prompt",
    "ms",
  ];
  const leaf = fc.record({
    type: fc.constantFrom("intent", "outcome", "denial", "event", "start", "config", "tomorrow"),
    fields: fc.dictionary(fc.oneof(fc.constantFrom(...names), canary), value, { maxKeys: 8 }),
  });

  it("no text of it leaves that is not a name in a listed field, by any format", () => {
    fc.assert(
      fc.property(leaf, ({ type, fields }) => {
        const record = exportRecord(5, Buffer.from(JSON.stringify({ ...fields, type })), ORIGIN);
        const out = [
          JSON.stringify(ocsfEvent(record, VERSION)),
          JSON.stringify(otlpRequest([record], VERSION)),
          ...(["structured", "cef", "ocsf"] as const).map((format) => syslogMessage(record, { ...SYSLOG, format })),
        ].join("\n");
        for (const each of ["olga", "call me", "rich", "x".repeat(129), "prompt"]) if (out.includes(each)) return false;
        return faultsOf(record).length === 0;
      }),
      { numRuns: 500 },
    );
  });
});
