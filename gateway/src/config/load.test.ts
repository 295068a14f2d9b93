import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Custom, TYPES } from "@sluice/detector";
import { afterAll, describe, expect, test } from "vitest";
import { selfSigned } from "../core/test/pki.ts";
import type { RecognizerSettings } from "../core/detection.ts";
import { SluiceError } from "../core/errors.ts";
import {
  checkConfig,
  type Config,
  type Detections,
  embeddedDefault,
  formatProblem,
  type LoadOptions,
  loadConfig,
  withRehearsal,
} from "./load.ts";

const NOW = Date.UTC(2026, 10, 21);
const SECRET = "sk-live-0123456789abcdef";
const HASH = `scrypt$32768$8$1$${"A".repeat(22)}$${"B".repeat(43)}`;

const DETECTIONS: Detections = {
  types: { EMAIL: { category: "contact" }, IBAN: { category: "financial" }, SECRET: { category: "secret" } },
};

/** Right in every respect, and without a warning. */
const RIGHT = `
controller: { name: Example GmbH, contact: privacy@example.com, country: DE }
purposes:
  support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: P30D }
  research: { dpv: "dpv:ResearchAndDevelopment", basis: "eu-gdpr:A6-1-f", assessment: LIA-2026-1, retention: P10D }
recipients:
  acme: { name: Acme AI SA, country: FR, role: processor, dpa: DPA-2026-7 }
connections:
  main:
    kind: openai
    url: https://api.acme.example/v1
    credential: env:ACME_KEY
    recipient: acme
    models: ["gpt-5*", small]
    rules:
      request: { EMAIL: redact, financial: block }
      response: { contact: mask }
    limits: { response_bytes_max: 1MiB, idle_seconds: 90s }
    headers: { x-tier: gold }
    query: { api-version: "2026-10-01" }
models:
  fast: main/gpt-5-mini
keys:
  crm-production:
    hash: "${HASH}"
    principal: service:crm
    purposes: [support, research]
    default_purpose: support
    connections: [main]
    expires: 2027-01-31
    roles: [user, auditor]
    limits: { requests_per_minute: 60 }
`;

const folder = mkdtempSync(join(tmpdir(), "sluice-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function optionsFor(text: string, change: Partial<LoadOptions> = {}): LoadOptions {
  return {
    file: write("sluice.yaml", text),
    detections: DETECTIONS,
    clock: () => NOW,
    env: { ACME_KEY: SECRET },
    ...change,
  };
}

/** Problems without the folder, which is another in each run. */
async function problemsOf(text: string, change: Partial<LoadOptions> = {}): Promise<string[]> {
  const { problems } = await checkConfig(optionsFor(text, change));
  return problems.map((each) => formatProblem(each).replace(`${folder}/`, ""));
}

async function warningsOf(text: string): Promise<string[]> {
  const { warnings, problems } = await checkConfig(optionsFor(text));
  expect(problems).toEqual([]);
  return warnings.map((each) => formatProblem(each).replace(/^.*sluice\.yaml/, "sluice.yaml"));
}

const load = (text: string, change: Partial<LoadOptions> = {}): Promise<Config> => loadConfig(optionsFor(text, change));

describe("a right configuration", () => {
  test("becomes the core's own words, with numbers in known units", async () => {
    const config = await load(RIGHT);
    expect(config.warnings).toEqual([]);
    expect(config.controller).toEqual({ name: "Example GmbH", contact: "privacy@example.com", country: "DE" });
    expect(config.purposes.get("support")).toEqual({
      id: "support",
      dpv: "dpv:CustomerCare",
      basis: "eu-gdpr:A6-1-b",
      retention: "P30D",
    });
    expect(config.aliases.get("fast")).toEqual(["main/gpt-5-mini"]);
    const [main] = config.connections;
    expect(main).toMatchObject({
      name: "main",
      kind: "openai",
      headers: { "x-tier": "gold" },
      query: { "api-version": "2026-10-01" },
      recipient: { id: "acme", country: "FR" },
      models: ["gpt-5*", "small"],
      rules: {
        request: { EMAIL: "redact", financial: "block" },
        response: { contact: "mask" },
        default: "placeholder",
        neverRestore: ["secret", "CARD", "national-id"],
        opaqueParts: "block",
      },
      limits: { responseBytesMax: 1_048_576, idleTimeoutMs: 90_000, connectTimeoutMs: 10_000, retriesMax: 1 },
      allowPrivateAddress: false,
      rehearsal: false,
      endpoints: [],
    });
    expect(main?.url.href).toBe("https://api.acme.example/v1");
    expect(main?.credential).toMatchObject({ header: "authorization", prefix: "Bearer " });
    expect(main?.credential?.secret.reveal()).toBe(SECRET);
    expect(config.keys).toEqual([
      {
        id: "crm-production",
        hash: HASH,
        expiresAt: Date.UTC(2027, 0, 31),
        principal: {
          id: "service:crm",
          kind: "service",
          credential: "crm-production",
          purposes: ["support", "research"],
          defaultPurpose: "support",
          connections: ["main"],
          groups: [],
          roles: ["user", "auditor"],
          actors: [],
          limits: { requestsPerMinute: 60, concurrentStreams: 20 },
        },
      },
    ]);
    expect(config.listeners).toEqual([{ host: "127.0.0.1", port: 8787 }]);
    expect(config.limits).toMatchObject({ bodyBytesMax: 10_485_760, jsonDepthMax: 64, requestMs: 30_000 });
    expect(config.evidence).toEqual({
      dir: join(folder, "sluice-data"),
      origin: "localhost/sluice",
      checkpointIntervalMs: 1_000,
      pack: true,
      public: false,
    });
    expect(config.session).toEqual({ ttlMs: 3_600_000 });
  });

  test("is frozen all the way down, maps included", async () => {
    const config = withRehearsal(await load(RIGHT), new URL("http://127.0.0.1:1"));
    expect(() => Object.assign(config.connections[0]?.rules.request ?? {}, { EMAIL: "allow" })).toThrow(TypeError);
    expect(() => Object.assign(config.limits, { bodyBytesMax: 1 })).toThrow(TypeError);
    expect(() => (config.purposes as Map<string, unknown>).set("x", {})).toThrow("immutable");
    expect(() => (config.aliases as Map<string, unknown>).clear()).toThrow("immutable");
    expect(() => (config.recipients as Map<string, unknown>).delete("acme")).toThrow("immutable");
    expect(() => Object.assign(config.purposes.get("support") ?? {}, { basis: "x" })).toThrow(TypeError);
  });

  test("never shows a secret when it is printed", async () => {
    const config = await load(RIGHT);
    expect(JSON.stringify(config)).not.toContain(SECRET);
    const { inspect } = await import("node:util");
    expect(inspect(config, { depth: 20 })).not.toContain(SECRET);
  });

  test("takes secrets from files beside it, without the line break at their end", async () => {
    write("acme.key", `${SECRET}\n`);
    const config = await load(RIGHT.replace("env:ACME_KEY", "file:./acme.key"));
    expect(config.connections[0]?.credential?.secret.reveal()).toBe(SECRET);
  });

  test("may put the credential into a header of the provider's choice", async () => {
    const azure = RIGHT.replace("credential: env:ACME_KEY", "credential: env:ACME_KEY\n    auth_header: Api-Key");
    expect((await load(azure)).connections[0]?.credential).toMatchObject({ header: "api-key", prefix: "" });
    const native = RIGHT.replace("kind: openai", "kind: anthropic");
    expect((await load(native)).connections[0]?.credential).toMatchObject({ header: "x-api-key", prefix: "" });
    expect((await load(RIGHT.replace("env:ACME_KEY", "none"))).connections[0]).not.toHaveProperty("credential");
  });

  test("describes the endpoints of a custom API", async () => {
    const custom = RIGHT.replace("kind: openai", "kind: custom").replace(
      '    models: ["gpt-5*", small]\n',
      `    endpoints:
      - path: /generate
        request: { text: [inputs.*.text], system: [instructions], fixed: [model] }
        response: { text: ["outputs.*"] }
        stream: sse
`,
    );
    expect((await load(custom)).connections[0]).toMatchObject({
      kind: "custom",
      models: [],
      endpoints: [
        {
          path: "/generate",
          requestText: ["inputs.*.text"],
          requestSystem: ["instructions"],
          requestFixed: ["model"],
          responseText: ["outputs.*"],
          stream: "sse",
        },
      ],
    });
  });

  test("may share rules by an alias, and leave a section empty", async () => {
    const text = RIGHT.replace("rules:", "rules: &rules").replace(
      "models:\n  fast",
      "  second:\n    kind: openai\n    url: https://b.example/v1\n    credential: none\n    recipient: acme\n    models: [b]\n    rules: *rules\nobservability:\nmodels:\n  fast",
    );
    const config = await load(text);
    expect(config.connections[1]?.rules).toEqual(config.connections[0]?.rules);
    expect(config.observability).toEqual({ logLevel: "info", metrics: true });
  });

  test("yields to the data directory and port given at the start", async () => {
    const config = await load(RIGHT, { dataDir: "/var/lib/sluice", port: 0 });
    expect(config.evidence.dir).toBe("/var/lib/sluice");
    expect(config.listeners).toEqual([{ host: "127.0.0.1", port: 0 }]);
    expect(config.hash).toBe((await load(RIGHT)).hash);
  });
});

describe("the policy version", () => {
  test("is one for one effective configuration, however it is laid out", async () => {
    const { hash } = await load(RIGHT);
    expect(hash).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const same = [
      `# a comment\n${RIGHT}`,
      RIGHT.replace("1MiB", "1048576").replace("90s", "PT1M30S"),
      RIGHT.replace("controller: { name: Example GmbH, contact: privacy@example.com, country: DE }\n", "").concat(
        "controller: { country: DE, contact: privacy@example.com, name: Example GmbH }\n",
      ),
      RIGHT.concat("limits: { body_bytes_max: 10MiB }\nsession: { ttl: PT1H }\n"),
    ];
    for (const text of same) expect((await load(text)).hash).toBe(hash);
  });

  test("changes with what decides about a request, and not with a secret or a key's hash", async () => {
    const { hash } = await load(RIGHT);
    const changes = [
      RIGHT.replace("EMAIL: redact", "EMAIL: mask"),
      RIGHT.replace("A6-1-b", "A6-1-f"),
      RIGHT.replace("env:ACME_KEY", "none"),
      RIGHT.replace("purposes: [support, research]", "purposes: [support]"),
      RIGHT.concat("limits: { body_bytes_max: 1MiB }\n"),
    ];
    const hashes = await Promise.all(
      changes.map(
        async (text, at) => (await loadConfig({ ...optionsFor(RIGHT), file: write(`${at}.yaml`, text) })).hash,
      ),
    );
    expect(new Set([hash, ...hashes]).size).toBe(changes.length + 1);
    expect((await load(RIGHT, { env: { ACME_KEY: "another" } })).hash).toBe(hash);
    expect((await load(RIGHT.replace("B".repeat(43), "C".repeat(43)))).hash).toBe(hash);
  });
});

describe("the detector section", () => {
  const detector = (yaml: string): string => RIGHT.replace("connections:", `detector:\n${yaml}\nconnections:`);
  const OWN = { types: TYPES, compile: (each: readonly RecognizerSettings[]) => new Custom(each as never).types };

  test("has defaults: names of persons, no country, nothing of one's own", async () => {
    expect((await load(RIGHT)).detector).toEqual({ names: "persons", thresholds: {}, allow: [], recognizers: [] });
  });

  test("may name types of its own, and rules may speak of them", async () => {
    const text = detector(
      "  recognizers: [{ type: BADGE, category: direct-identifier, patterns: [{ name: badge, regex: 'B-[0-9]{4}' }] }]",
    ).replace("EMAIL: redact", "BADGE: redact");
    const { detector: settings, connections } = await load(text, { detections: OWN });
    expect(settings.recognizers[0]?.patterns).toEqual([{ name: "badge", regex: "B-[0-9]{4}", ignoreCase: false }]);
    expect(connections[0]?.rules.request).toMatchObject({ BADGE: "redact" });
  });

  test.each([
    ["  recognizers: [{ type: BADGE }]", "detector.recognizers[0]: category must be given for a type of your own"],
    [
      "  recognizers: [{ type: EMAIL, patterns: [{ name: a, regex: '(?=x)' }] }]",
      'detector.recognizers[0]: patterns[0] "a" is no RE2 pattern',
    ],
    [
      "  recognizers: [{ type: BADGE, category: contacts, terms: [B1] }]",
      'detector.recognizers[0].category: unknown category "contacts"; did you mean "contact"?',
    ],
    [
      `  recognizers: [${Array.from({ length: 201 }, () => "{ type: EMAIL, terms: [a] }").join(", ")}]`,
      "detector.recognizers: ",
    ],
    ["  thresholds: { EMIAL: 0.7 }", 'detector.thresholds.EMIAL: unknown type "EMIAL"; did you mean "EMAIL"?'],
    ["  thresholds: { EMAIL: 7 }", "detector.thresholds.EMAIL: must be 0 to 1"],
    ["  names: everyone", "detector.names"],
    ["  region: Germany", "detector.region: must be a country code such as DE"],
  ])("%s is refused: %s", async (yaml, problem) => {
    expect((await problemsOf(detector(yaml), { detections: OWN })).join("\n")).toContain(problem);
  });
});

describe("a wrong configuration", () => {
  test("is told of every problem at once, each with its line and column", async () => {
    const text = `purposes:
  support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-x", retention: P6M }
recipients:
  acme: { name: Acme, country: UK, role: procesor }
connections:
  openai:
    kind: openai
    urll: https://api.openai.com/v1
    credential: env:NOT_SET
    recipient: acne
    models: ["*"]
    rules:
      request: { EMIAL: redact }
    limits: { response_bytes_max: lots, retries_max: 99, connect_seconds: -1 }
models:
  fast: opnai/gpt-5-mini
  slow: gpt-5
keys:
  abcdefgh23:
    hash: ${HASH}
    principal: service:crm
    purposes: [suport]
    connections: [nowhere]
    expires: 2027-02-31
listeners:
  - address: 0.0.0.0:8787
  - 5
limits: { json_depth_max: 1000, foo: 3 }
evidenc: {}
rehearsal: yes
`;
    expect(await problemsOf(text)).toEqual([
      "sluice.yaml:2:46 purposes.support.basis: not a lawful basis of the DPV extension for the GDPR: eu-gdpr:A6-1-a to A6-1-f, and what is narrower",
      "sluice.yaml:2:75 purposes.support.retention: must be a number of days in ISO 8601, for example P30D",
      'sluice.yaml:4:32 recipients.acme.country: not a country code of ISO 3166-1 alpha-2, such as DE; did you mean "GB"?',
      "sluice.yaml:4:42 recipients.acme.role: must be one of processor, controller, joint-controller",
      "sluice.yaml:6:3 connections.openai.url: required key is missing",
      'sluice.yaml:8:5 connections.openai.urll: unknown key; did you mean "url"?',
      "sluice.yaml:9:17 connections.openai.credential: environment variable NOT_SET is not set",
      'sluice.yaml:10:16 connections.openai.recipient: unknown recipient "acne"; did you mean "acme"?',
      'sluice.yaml:13:18 connections.openai.rules.request.EMIAL: unknown type or category "EMIAL"; did you mean "EMAIL"?',
      "sluice.yaml:14:35 connections.openai.limits.response_bytes_max: must be a size such as 512KiB, 10MiB or 1GB",
      "sluice.yaml:14:54 connections.openai.limits.retries_max: must be at most 5",
      "sluice.yaml:14:75 connections.openai.limits.connect_seconds: must be more than 0 seconds",
      'sluice.yaml:16:9 models.fast: unknown connection "opnai"; did you mean "openai"?',
      'sluice.yaml:17:9 models.slow: must be "connection/model"',
      'sluice.yaml:22:16 keys.abcdefgh23.purposes[0]: unknown purpose "suport"; did you mean "support"?',
      'sluice.yaml:23:19 keys.abcdefgh23.connections[0]: unknown connection "nowhere"',
      "sluice.yaml:24:14 keys.abcdefgh23.expires: must be a date such as 2027-01-31 or a UTC time such as 2027-01-31T12:00:00Z",
      "sluice.yaml:26:14 listeners[0].address: 0.0.0.0 is reached from other machines, and without `tls` API keys and personal data would " +
        "cross the network in clear; give it tls, or listen on 127.0.0.1 behind a proxy on this machine that does TLS",
      "sluice.yaml:27:5 listeners[1]: must be a mapping of keys to values",
      "sluice.yaml:28:27 limits.json_depth_max: must be at most 256",
      "sluice.yaml:28:33 limits.foo: unknown key",
      'sluice.yaml:29:1 evidenc: unknown key; did you mean "evidence"?',
      "sluice.yaml:30:12 rehearsal: must be true or false",
    ]);
  });

  test("looks at an identity provider by its kind", async () => {
    const oidc = "kind: oidc, issuer: https://login.example.com, audience: [a]";
    const saml =
      "kind: saml, issuer: x, entry_point: https://idp.example.com, certificates: [file:no.pem], entity_id: y";
    const problems = await problemsOf(`${RIGHT}
identity:
  providers:
    ldap: { kind: ldap, issuer: x }
    none: { issuer: x }
    first: { ${oidc}, scim: { kex: 1, key: crm-production } }
    second: { ${saml}, entity_di: x }
    third: { kind: saml, issuer: z }
`);
    expect(problems.map((each) => each.replace(/^\S+ identity\.providers\./, ""))).toEqual([
      "ldap.kind: must be one of oidc, saml",
      "none.kind: required key is missing",
      'first.scim.kex: unknown key; did you mean "key"?',
      expect.stringContaining("second.certificates[0]: no.pem: no such file"),
      'second.entity_di: unknown key; did you mean "entity_id"?',
      "third.entry_point: required key is missing",
      "third.certificates: required key is missing",
      "third.entity_id: required key is missing",
    ]);
  });

  test("throws config_invalid that lists the problems, when loaded", async () => {
    const thrown: unknown = await load("foo: 1\nbar: 2\n").catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(SluiceError);
    expect(thrown).toMatchObject({ code: "config_invalid" });
    expect(String(thrown)).toMatch(/2 problems:\n.*:1:1 foo: unknown key\n.*:2:1 bar: unknown key$/);
  });

  test.each([
    ["credential: env:ACME_KEY", `credential: ${SECRET}`, "never the credential itself"],
    ["https://api.acme.example/v1", `https://user:${SECRET}@api.acme.example/v1`, "must not hold a user or password"],
    ["https://api.acme.example/v1", `https://api.acme.example/v1?key=${SECRET}`, "must not hold a query"],
    ["x-tier: gold", `x-api-key: ${SECRET}`, "carries a credential"],
    ["x-tier: gold", `Authorization: Bearer ${SECRET}`, "carries a credential"],
    ['api-version: "2026-10-01"', `api_key: ${SECRET}`, "carries a credential"],
    [HASH, SECRET, "never the key itself"],
    ["P30D", SECRET, "a number of days"],
    ["kind: openai", `kind: ${SECRET}`, "must be one of openai, anthropic, custom"],
    ["country: FR", `country: ${SECRET}`, "not a country code"],
  ])("does not take a secret in place of %s, and does not repeat it", async (right, wrong, reason) => {
    const problems = await problemsOf(RIGHT.replace(right, wrong));
    expect(problems.join("\n")).toContain(reason);
    expect(problems.join("\n")).not.toContain(SECRET);
  });

  test.each([
    ["openai without models", RIGHT.replace('["gpt-5*", small]', "[]"), "needs `models`"],
    [
      "endpoints where the family has its own",
      RIGHT.replace("    headers:", "    endpoints: [{ path: /x }]\n    headers:"),
      "only kind custom",
    ],
    ["custom without endpoints", RIGHT.replace("kind: openai", "kind: custom"), "needs `endpoints`"],
    ["a pattern with the star inside", RIGHT.replace("gpt-5*", "g*t"), "one * at its end"],
    [
      "a default purpose the key does not have",
      RIGHT.replace("default_purpose: support", "default_purpose: other"),
      "must be one of this key's purposes",
    ],
    ["a hop-by-hop header", RIGHT.replace("x-tier: gold", "Transfer-Encoding: chunked"), "set by the gateway itself"],
    ["a header with a line break", RIGHT.replace("x-tier: gold", 'x-tier: "a\\r\\nb: c"'), "printable ASCII"],
    [
      "two listeners on one port",
      `${RIGHT}listeners: [{ address: 127.0.0.1:1 }, { address: 127.0.0.1:1 }]`,
      "listened on twice",
    ],
    ["a listener without a port", `${RIGHT}listeners: [{ address: 127.0.0.1 }]`, "must be host and port"],
    ["a host name that resolves elsewhere", `${RIGHT}listeners: [{ address: "example.com:80" }]`, "without `tls`"],
    ["a wildcard over IPv6", `${RIGHT}listeners: [{ address: "[::]:80" }]`, "without `tls`"],
    [
      "an origin with a scheme",
      `${RIGHT}evidence: { origin: "https://sluice.example.com" }`,
      "a URL without its scheme",
    ],
    ["an origin with a space", `${RIGHT}evidence: { origin: "my log" }`, "a URL without scheme"],
    [
      "a connection named as one of the rehearsal",
      RIGHT.replace("  main:", "  rehearsal:").replaceAll("main", "rehearsal").concat("rehearsal: true"),
      "name of a built-in connection",
    ],
    ["a key id with an underscore", RIGHT.replace("crm-production", "crm_production"), "a key id of 8 to 64"],
    ["a name with a capital", RIGHT.replace("  main:", "  Main:"), "a name of 1 to 63"],
    [
      "two roles for one text",
      RIGHT.replace("kind: openai", "kind: custom").replace(
        "    headers:",
        "    endpoints: [{ path: /x, request: { text: [a], fixed: [a] } }]\n    headers:",
      ),
      "a text has one role",
    ],
  ])("is refused for %s", async (_, text, reason) => {
    expect((await problemsOf(text)).join("\n")).toContain(reason);
  });

  test.each([
    ["broken", "a: [1\nb: 2", "not valid YAML"],
    ["with a key twice", `${RIGHT}rehearsal: true\nrehearsal: false`, "not valid YAML: Map keys must be unique"],
    ["with a second document", `${RIGHT}---\na: 1`, "not valid YAML"],
    ["with a tag it does not know", "controller: !secret x", "not valid YAML"],
    ["that is a list", "- 1", "must be a mapping"],
    ["that is a text", "hello", "must be a mapping"],
    ["with a merge key", `${RIGHT}limits: { <<: { json_depth_max: 5 } }`, 'limits["<<"]: unknown key'],
    [
      "with __proto__ among the recipients",
      RIGHT.replace("recipients:", "recipients:\n  __proto__: { name: x }"),
      "__proto__: unknown key",
    ],
    [
      "that expands beyond measure",
      `a: &a [x, x]\n${"bcdefghij".replaceAll(/./g, (c) => `${c}: &${c} [${`*${String.fromCodePoint((c.codePointAt(0) ?? 0) - 1)}, `.repeat(9)}]\n`)}`,
      "aliases",
    ],
  ])("is refused %s", async (_, text, reason) => {
    expect((await problemsOf(text)).join("\n")).toContain(reason);
  });

  test("names a reference that leads nowhere, marks it as the machine's fault, and never says what it holds", async () => {
    write("empty.key", "\n");
    write("lines.key", `${SECRET}\nmore`);
    writeFileSync(join(folder, "binary.key"), new Uint8Array([0xff, 0xfe]));
    const cases: [string, string][] = [
      ["env:OTHER", "environment variable OTHER is not set"],
      ["env:EMPTY", "environment variable EMPTY is empty"],
      ["file:./none.key", "./none.key: no such file"],
      ["file:.", ".: is a directory"],
      ["file:empty.key", "empty.key is empty"],
      ["file:lines.key", "what file:lines.key holds cannot be sent in a header"],
      ["file:binary.key", "binary.key: not UTF-8 text"],
    ];
    for (const [reference, reason] of cases) {
      const { problems } = await checkConfig(
        optionsFor(RIGHT.replace("env:ACME_KEY", reference), { env: { EMPTY: "" } }),
      );
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ environment: true, path: "connections.main.credential" });
      expect(problems[0]?.message).toContain(reason);
      expect(problems[0]?.message).not.toContain(SECRET);
    }
  });
});

describe("TLS", () => {
  const made = (name: string): void => {
    const { key, cert } = selfSigned();
    writeFileSync(join(folder, `${name}.key`), key);
    writeFileSync(join(folder, `${name}.pem`), cert);
  };
  const listening = (cert: string, key: string): string =>
    `${RIGHT}listeners: [{ address: "0.0.0.0:8443", tls: { cert: ${cert}, key: ${key} } }]`;

  test("opens an address beyond loopback, with a key that belongs to the certificate and does not print", async () => {
    made("a");
    made("b");
    const config = await load(listening("a.pem", "a.key"));
    expect(config.listeners[0]).toMatchObject({
      host: "0.0.0.0",
      port: 8443,
    });
    expect(config.listeners[0]?.tls?.key.reveal()).toContain("PRIVATE KEY");
    expect(JSON.stringify(config)).not.toContain("PRIVATE KEY");

    expect(await problemsOf(listening("a.pem", "b.key"))).toEqual([
      expect.stringContaining("tls.key: b.key is not the key of the first certificate in a.pem"),
    ]);
    expect(await problemsOf(listening("a.key", "a.pem"))).toEqual([
      expect.stringContaining("tls.cert: a.key is not a PEM certificate"),
      expect.stringContaining("tls.key: a.pem is not a PEM private key"),
    ]);
    expect((await problemsOf(listening("no.pem", "no.key"))).join()).toContain("no.pem: no such file");
  });
});

describe("a warning says what is allowed and should be known", () => {
  test.each([
    [
      "a recipient outside the EEA",
      RIGHT.replace("country: FR", "country: US"),
      "recipients.acme: is in US, outside the EEA, and no `transfer` mechanism",
    ],
    [
      "legitimate interests without an assessment",
      RIGHT.replace(", assessment: LIA-2026-1", ""),
      "purposes.research: rests on legitimate interests and no `assessment`",
    ],
    [
      "a processor without agreement",
      RIGHT.replace(", dpa: DPA-2026-7", ""),
      "recipients.acme: is a processor and no `dpa`",
    ],
    [
      "a purpose that DPV does not know",
      RIGHT.replace("CustomerCare", "CustomerSupport"),
      'did you mean "dpv:CustomerCare"?',
    ],
    [
      "a rule without a recognizer",
      RIGHT.replace("financial: block", "health: block"),
      'no recognizer finds category "health" yet',
    ],
    [
      "personal data that is let through",
      RIGHT.replace("    rules:", "    rules:\n      default: allow"),
      "is sent in clear",
    ],
    [
      "images that are let through",
      RIGHT.replace("    rules:", "    rules:\n      opaque_parts: allow"),
      "without having been scanned",
    ],
    ["a target without TLS", RIGHT.replace("https:", "http:"), "can be read on the way"],
    ["a key that has expired", RIGHT.replace("2027-01-31", "2026-11-20"), "this key has expired"],
    [
      "an alias for a model that is not listed",
      RIGHT.replace("main/gpt-5-mini", "main/large"),
      '"large" is not among the models',
    ],
    ["no controller", RIGHT.replace(/controller.*\n/, ""), "no `controller`"],
    ["an empty file", "", "no `purposes`: every request will be refused"],
  ])("%s", async (_, text, warning) => {
    expect((await warningsOf(text)).join("\n")).toContain(warning);
  });

  test("and a target on this machine needs no TLS", async () => {
    expect(await warningsOf(RIGHT.replace("https://api.acme.example", "http://127.0.0.1:11434"))).toEqual([]);
  });
});

describe("without a file", () => {
  test("one that was named must be there", async () => {
    await expect(loadConfig({ file: join(folder, "none.yaml"), detections: DETECTIONS })).rejects.toMatchObject({
      code: "config_invalid",
    });
  });

  test("the built-in default serves the rehearsal on loopback and says so", () => {
    const config = embeddedDefault({ port: 0, dataDir: folder });
    expect(config).toMatchObject({ builtIn: true, rehearsal: true, keys: [], connections: [] });
    expect(config.listeners).toEqual([{ host: "127.0.0.1", port: 0 }]);
    expect(config.evidence).toMatchObject({ dir: folder, public: true });
    expect(config.warnings).toHaveLength(1);
    expect(embeddedDefault().hash).toBe(config.hash);
  });
});

describe("the rehearsal", () => {
  const ORIGIN = new URL("http://127.0.0.1:4000");

  test("answers for any model where it is alone, and to its own name beside a real target", async () => {
    const alone = withRehearsal(embeddedDefault(), ORIGIN);
    expect(
      alone.connections.map(({ name, kind, url, models, rehearsal }) => [name, kind, url.href, models, rehearsal]),
    ).toEqual([
      ["rehearsal", "openai", "http://127.0.0.1:4000/v1", ["rehearsal", "*"], true],
      ["rehearsal-anthropic", "anthropic", "http://127.0.0.1:4000/", ["rehearsal", "*"], true],
    ]);
    expect(alone.recipients.get("rehearsal")?.name).toContain("this process");

    const config = await load(
      `${RIGHT.replace("fast: main/gpt-5-mini", "fast: rehearsal/any").replace("connections: [main]", "connections: [rehearsal]")}rehearsal: true\n`,
    );
    const beside = withRehearsal(config, ORIGIN);
    expect(beside.connections.map(({ name, models }) => [name, models])).toEqual([
      ["main", ["gpt-5*", "small"]],
      ["rehearsal", ["rehearsal"]],
      ["rehearsal-anthropic", ["rehearsal", "*"]],
    ]);
    expect(beside.hash).toBe(config.hash);
  });

  test("has no connection that could be referred to while it is off", async () => {
    expect(await problemsOf(RIGHT.replace("fast: main/gpt-5-mini", "fast: rehearsal/any"))).toEqual([
      'sluice.yaml:22:9 models.fast: unknown connection "rehearsal"',
    ]);
  });
});
