import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AwsV4Signer } from "aws4fetch";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { standardWebhook } from "../../channels/webhook.ts";
import { SluiceError } from "../../core/errors.ts";
import type { CallableSink } from "../../core/rights.ts";
import { Secret } from "../../core/secret.ts";
import { addressRefusal, checkedLookup } from "../../protocols/http/address.ts";
import { startPostgres, type TestServer } from "../../server/database/test/postgres.ts";
import { openSink } from "./open.ts";
import { openOutgoing } from "./outgoing.ts";
import { createS3Sink } from "./s3.ts";
import type { SinkIdentifier } from "./sink.ts";

const JANE: SinkIdentifier = { type: "EMAIL", value: "Jane@Example.com", normalised: "jane@example.com" };
const CALL = "er-1_crm";
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

const outgoing = openOutgoing({ lookup: checkedLookup, refusal: addressRefusal });
const tools = {
  send: outgoing.send,
  signed: (id: string, body: string, secret: string) => standardWebhook(id, body, Date.now(), secret),
  clock: Date.now,
};
const erase = (settings: CallableSink, identifiers: readonly SinkIdentifier[] = [JANE]) =>
  openSink(settings, tools).erase(identifiers, CALL);

afterAll(() => outgoing.close());

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Handler = (request: IncomingMessage, body: string) => { readonly status: number; readonly body?: string };

async function serve(handler: Handler): Promise<URL> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status, body = "" } = handler(request, Buffer.concat(chunks).toString("utf8"));
      response.writeHead(status, status === 302 ? { location: "http://127.0.0.1:1/" } : {}).end(body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "none";
  } catch (thrown) {
    if (!(thrown instanceof SluiceError)) throw thrown;
    expect(thrown.message.toLowerCase()).not.toContain("jane");
    return thrown.code;
  }
}

describe("a database", () => {
  let postgres: TestServer;
  let url: Secret;
  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.database();
    await query(`
      create table notes (id serial primary key, email text, body text);
      insert into notes (email, body) values ('Jane@Example.com', 'a'), ('jane@example.com', 'b'), ('john@example.com', 'c');
      create schema rag;
      create table rag.documents (id serial primary key, metadata jsonb, embedding real[]);
      insert into rag.documents (metadata, embedding) values
        ('{"email": "jane@example.com"}', '{1,2}'), ('{"email": "john@example.com"}', '{3,4}'), ('{}', '{5,6}')`);
  }, 60_000);
  afterAll(() => postgres.stop());

  async function query(text: string): Promise<pg.QueryResult<Record<string, unknown>>> {
    const client = new pg.Client({ connectionString: url.reveal() });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  test("loses the rows that the statement names, counted, and none for a second call", async () => {
    const settings: CallableSink = {
      kind: "sql",
      name: "crm",
      url,
      statement: "delete from notes where email in ($1, $2)",
      parameters: ["value", "normalised"],
    };
    expect(await erase(settings)).toEqual({ removed: 2 });
    expect(await erase(settings)).toEqual({ removed: 0 });
    expect((await query("select email from notes")).rows).toEqual([{ email: "john@example.com" }]);
  });

  test("loses vectors by a member of their metadata", async () => {
    const settings: CallableSink = {
      kind: "vector",
      name: "rag",
      url,
      table: "rag.documents",
      column: "metadata",
      key: "email",
    };
    expect(await erase(settings)).toEqual({ removed: 1 });
    expect((await query("select count(*)::int as left from rag.documents")).rows).toEqual([{ left: 2 }]);
    expect(await erase({ ...settings, key: `it's "odd"` })).toEqual({ removed: 0 });
  });

  test("that refuses the statement is not asked again; one that is not there is", async () => {
    const settings = {
      kind: "sql",
      name: "crm",
      url,
      statement: "delete from nowhere where a = $1",
      parameters: ["value"],
    } as const;
    expect(await codeOf(erase(settings))).toBe("sink_refused");
    expect(await codeOf(erase({ ...settings, url: new Secret("postgres://127.0.0.1:1/none") }))).toBe(
      "sink_unavailable",
    );
  });
});

describe("a system over HTTP", () => {
  const settings = (url: URL): CallableSink => ({
    kind: "http",
    name: "crm",
    url,
    secret: new Secret(SECRET),
    allowPrivateAddress: true,
  });

  test("gets a signed event with an id that is the same for each try", async () => {
    const seen: { readonly id: unknown; readonly good: boolean; readonly body: string }[] = [];
    const url = await serve((request, body) => {
      const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = request.headers;
      const mac = createHmac("sha256", Buffer.alloc(32, 7))
        .update(`${String(id)}.${String(at)}.${body}`)
        .digest("base64");
      seen.push({ id, good: signature === `v1,${mac}`, body });
      return { status: seen.length === 1 ? 503 : 204 };
    });
    expect(await codeOf(erase(settings(url)))).toBe("sink_unavailable");
    expect(await erase(settings(url))).toEqual({});
    expect(seen.map(({ id, good }) => [id, good])).toEqual([
      [`msg_${CALL}`, true],
      [`msg_${CALL}`, true],
    ]);
    expect(JSON.parse(seen[1]?.body ?? "")).toMatchObject({
      type: "subject.erased",
      data: { id: CALL, identifiers: [JANE] },
    });
  });

  test("that says no, redirects, is elsewhere than allowed or answers without end is refused", async () => {
    for (const status of [400, 302, 404]) {
      const url = await serve(() => ({ status }));
      expect([status, await codeOf(erase(settings(url)))]).toEqual([status, "sink_refused"]);
    }
    const url = await serve(() => ({ status: 200 }));
    expect(await codeOf(erase({ ...settings(url), allowPrivateAddress: false } as CallableSink))).toBe("sink_refused");
    const metadata = new URL("http://169.254.169.254/latest");
    expect(await codeOf(erase(settings(metadata)))).toBe("sink_refused");
    const endless = await serve(() => ({ status: 200, body: "x".repeat(9 * 1024 * 1024) }));
    expect(await codeOf(erase(settings(endless)))).toBe("sink_refused");
  });
});

describe("an object store", () => {
  const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG" };

  /** Checks each signature as the store would: by making it again from what came. */
  function store(objects: Map<string, string[]>, page = 2): Handler {
    return (request) => {
      if (!isSigned(request)) return { status: 403 };
      const url = new URL(request.url ?? "", "http://store");
      if (request.method === "DELETE") {
        const key = decodeURIComponent(url.pathname.slice("/bucket/".length));
        const versions = objects.get(key) ?? [];
        const left = versions.filter((each) => each !== (url.searchParams.get("versionId") ?? "null"));
        if (left.length === 0) objects.delete(key);
        else objects.set(key, left);
        return { status: versions.length === left.length ? 404 : 204 };
      }
      const after = url.searchParams.get("key-marker") ?? "";
      const prefix = url.searchParams.get("prefix") ?? "";
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
      const shown = keys.slice(0, page);
      const rows = shown.flatMap((key) =>
        (objects.get(key) ?? []).map(
          (version) => `<Version><Key>${encodeURIComponent(key)}</Key><VersionId>${version}</VersionId></Version>`,
        ),
      );
      const more = keys.length > page;
      const next = more ? `<NextKeyMarker>${encodeURIComponent(shown.at(-1) ?? "")}</NextKeyMarker>` : "";
      return {
        status: 200,
        body: `<ListVersionsResult><IsTruncated>${String(more)}</IsTruncated>${next}${rows.join("")}</ListVersionsResult>`,
      };
    };
  }

  async function again(request: IncomingMessage): Promise<string | null> {
    const { authorization, "x-amz-date": datetime } = request.headers;
    const signer = new AwsV4Signer({
      method: request.method ?? "",
      url: `http://${request.headers.host ?? ""}${request.url ?? ""}`,
      headers: { "x-amz-date": String(datetime), "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
      datetime: String(datetime),
      service: "s3",
      region: "eu-central-1",
      ...KEYS,
    });
    const { headers } = await signer.sign();
    return headers.get("authorization") === authorization ? (authorization ?? null) : null;
  }

  const pending: Promise<boolean>[] = [];
  function isSigned(request: IncomingMessage): boolean {
    pending.push(again(request).then((found) => found !== null));
    return request.headers.authorization?.includes("Credential=AKIDEXAMPLE/") === true;
  }

  const settings = (endpoint: URL): CallableSink => ({
    kind: "s3",
    name: "files",
    endpoint: new URL(endpoint.origin),
    region: "eu-central-1",
    bucket: "bucket",
    prefix: "users/{value}/",
    accessKey: new Secret(KEYS.accessKeyId),
    secretKey: new Secret(KEYS.secretAccessKey),
    allowPrivateAddress: true,
  });

  test("loses every version below the person's prefix, page by page, each request signed, and nothing beside it", async () => {
    const objects = new Map([
      ["users/42/a b.txt", ["v1", "v2"]],
      ["users/42/ü+=.pdf", ["null"]],
      ["users/42/c/d", ["v1"]],
      ["users/421/x", ["v1"]],
      ["users/4", ["v1"]],
    ]);
    const endpoint = await serve(store(objects));
    const person = { type: "SUBJECT", value: "42", normalised: "42" };
    expect(await erase(settings(endpoint), [person])).toEqual({ removed: 4 });
    expect([...objects.keys()]).toEqual(["users/421/x", "users/4"]);
    expect((await Promise.all(pending)).every(Boolean)).toBe(true);
    expect(pending.length).toBeGreaterThan(5);
  });

  test("is never asked for a prefix that a value could widen, and never taken for one that has answered for it", async () => {
    const objects = new Map([
      ["users/1/x", ["v1"]],
      ["users/42/x", ["v1"]],
    ]);
    const endpoint = await serve(store(objects));
    for (const value of ["", "1/..", "..", "/"]) {
      const odd = { type: "SUBJECT", value, normalised: value };
      expect(await codeOf(erase(settings(endpoint), [odd, { ...odd, value: "42" }]))).toBe("sink_refused");
    }
    expect([...objects.keys()]).toEqual(["users/1/x"]);
  });

  test("that holds more than one call deletes is called again until nothing is left", async () => {
    const objects = new Map(Array.from({ length: 7 }, (_, at) => [`users/42/${at}`, ["v1"]]));
    const endpoint = await serve(store(objects));
    const sink = createS3Sink(settings(endpoint) as Parameters<typeof createS3Sink>[0], tools, 4);
    const person = { type: "SUBJECT", value: "42", normalised: "42" };
    expect(await codeOf(sink.erase([person], CALL))).toBe("sink_unavailable");
    expect(objects.size).toBe(3);
    expect(await sink.erase([person], CALL)).toEqual({ removed: 3 });
    expect(objects.size).toBe(0);
  });

  test("that lists something else, or nothing that is a list, loses nothing", async () => {
    const lies = await serve((request) =>
      request.method === "DELETE"
        ? { status: 204 }
        : { status: 200, body: "<ListVersionsResult><Version><Key>users%2F7%2Fx</Key></Version></ListVersionsResult>" },
    );
    const person = { type: "SUBJECT", value: "42", normalised: "42" };
    expect(await codeOf(erase(settings(lies), [person]))).toBe("sink_refused");
    const page = await serve(() => ({ status: 200, body: "<html>" }));
    expect(await codeOf(erase(settings(page), [person]))).toBe("sink_refused");
    const locked = await serve(() => ({ status: 403 }));
    expect(await codeOf(erase(settings(locked), [person]))).toBe("sink_refused");
  });
});
