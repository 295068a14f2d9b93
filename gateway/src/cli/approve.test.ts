import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import { fastify, type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { Principal } from "../core/principal.ts";
import { renderError } from "../protocols/http/errors.ts";
import { reviewRoutes } from "../reviews/routes.ts";
import { asking, openDesk, person, type TestDesk } from "../reviews/test/setup.ts";
import { type Ended, type Folder, folder } from "./test/sluice.ts";

const PEOPLE = new Map<string, Principal>([
  ["alice", person("corp:alice", [])],
  ["bob", person("corp:bob")],
]);

let desk: TestDesk;
let app: FastifyInstance;
let url: string;
let here: Folder;

beforeAll(async () => {
  app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((thrown, _request, reply) => {
    const { status, headers, body } = renderError(toSluiceError(thrown), "problem");
    return reply.code(status).headers(headers).send(body);
  });
  desk = await openDesk({
    settings: {
      breakGlass: {
        approvals: [{ group: "privacy", people: 1 }],
        longestMs: 3_600_000,
        dueMs: 60_000,
        pauseMs: 60_000,
      },
    },
  });
  reviewRoutes(app, {
    desk: desk.desk,
    principalOf: ({ headers }) => {
      const principal = PEOPLE.get(String(headers.authorization).replace("Bearer ", ""));
      if (principal === undefined) throw new SluiceError("key_invalid", "not a key of this gateway");
      return principal;
    },
    nameOf: (id) => id.replace("corp:", ""),
    admit: (_principal, purpose, connection) => {
      if (purpose !== "support") throw new SluiceError("purpose_not_allowed", "none");
      const { connection: known } = asking(person("corp:alice", []), "");
      return { purpose: { id: purpose, basis: "eu-gdpr:A6-1-d" }, connection: { ...known, name: connection } };
    },
    urlOf: (id) => `https://sluice.example/reviews/${id}`,
    clock: Date.now,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await app.close();
  await desk.close();
});
beforeEach(() => {
  here = folder();
});
afterEach(() => here.remove());

async function asked(text: string): Promise<string> {
  const ask = asking(person("corp:alice", []), text, { digest: createHash("sha256").update(text).digest() });
  const error: unknown = await desk.desk.ask(ask, undefined, 0).catch((thrown: unknown) => thrown);
  if (error instanceof SluiceError) return error.details?.["review"] ?? "";
  throw error;
}

const as = (who: string, ...args: string[]): Promise<Ended> =>
  here.sluice([...args, "--url", url, "--key-file", here.write("token", `${who}\n`)]);

describe("sluice approve and sluice reviews", () => {
  test("list, show, approve: what waits is seen, decided, and seen as decided", async () => {
    const id = await asked("first [EMAIL_1]");
    expect((await as("bob", "reviews", "list")).out).toContain(
      `${id}  pending  risk 70  alice: support, to Acme AI (US)`,
    );
    const shown = await as("bob", "reviews", "show", id);
    for (const part of ["alice", "eu-gdpr:A6-1-b", "health data found; outside the EEA", "first [EMAIL_1]"]) {
      expect(shown.out).toContain(part);
    }
    expect(await as("bob", "approve", id, "--comment", "fine")).toMatchObject({ code: 0, out: `${id} is granted\n` });
    const closed = JSON.parse((await as("alice", "reviews", "list", "--mine", "--closed", "--json")).out) as {
      reviews: object[];
    };
    expect(closed.reviews).toContainEqual(expect.objectContaining({ id, state: "granted" }));
  });

  test("deny and revoke", async () => {
    const denied = await asked("second");
    expect(await as("bob", "reviews", "deny", denied)).toMatchObject({ code: 0, out: `${denied} is denied\n` });
    const granted = await asked("third");
    await as("bob", "approve", granted);
    const { grant } = JSON.parse((await as("bob", "reviews", "show", granted, "--json")).out) as {
      grant: { id: string };
    };
    expect(await as("bob", "reviews", "revoke", grant.id)).toMatchObject({ code: 0, out: `${grant.id} is revoked\n` });
    expect(await as("bob", "reviews", "revoke", grant.id)).toMatchObject({ code: 1 });
  });

  test("break-glass: a grant now, a review of it by others, and what the gateway refuses", async () => {
    const breaking = ["reviews", "break-glass", "openai", "--reason", "the ward is cut off"];
    const broken = await as("alice", ...breaking, "--purpose", "support", "--minutes", "10");
    const [, grant, review] = /^(gr-\S+) is active until \S+; (rv-\S+) waits/.exec(broken.out) ?? [];
    expect(broken).toMatchObject({ code: 0, err: expect.stringContaining(`reviews revoke ${grant}`) as string });
    expect((await as("bob", "reviews", "show", review ?? "")).out).toContain("the ward is cut off");
    const kept = await as("alice", ...breaking, "--purpose", "support", "--minutes", "600", "--json");
    expect(kept.code).toBe(1);
    expect(JSON.parse(kept.out)).toMatchObject({ error: { code: "field_invalid" } });
    expect(await as("alice", ...breaking, "--purpose", "other")).toMatchObject({ code: 1 });
    expect(await as("alice", ...breaking)).toMatchObject({ code: 2 });
    expect(await as("alice", ...breaking, "--purpose", "support", "--minutes", "0")).toMatchObject({ code: 2 });
  });

  test("what the gateway refuses ends with 1 and its words", async () => {
    const id = await asked("fourth");
    const self = await as("alice", "approve", id, "--json");
    expect(self.code).toBe(1);
    expect(JSON.parse(self.out)).toMatchObject({ ok: false, error: { code: "approval_self" } });
    expect(await as("bob", "reviews", "show", "rv-00")).toMatchObject({
      code: 1,
      err: expect.stringContaining("there is no review rv-00") as string,
    });
    expect(await as("mallory", "approve", id)).toMatchObject({
      code: 1,
      err: expect.stringContaining("not a key") as string,
    });
  });

  test("watch prints each request once, as it comes", async () => {
    const child = here.spawn(["reviews", "watch", "--json", "--every", "0.1", "--url", url], { SLUICE_TOKEN: "bob" });
    let out = "";
    child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
    const id = await asked("fifth");
    await expect.poll(() => out, { timeout: 10_000 }).toContain(id);
    await new Promise((resolve) => setTimeout(resolve, 400));
    child.kill("SIGKILL");
    expect(out.split(`"id":"${id}"`)).toHaveLength(2);
  });

  test("a request cannot speak to the approver's terminal", async () => {
    const id = await asked("sixth \u001b[2J\u202e");
    const { out } = await as("bob", "reviews", "show", id);
    expect(out).toContain("sixth <U+001B>[2J<U+202E>");
  });

  test("the credential is no argument, has to be there, and does not cross a network in clear", async () => {
    expect(await here.sluice(["approve", "rv-00", "--url", url, "--token", "bob"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("seen by every process") as string,
    });
    expect(await here.sluice(["approve", "rv-00", "--url", url])).toMatchObject({ code: 2 });
    const far = await here.sluice(["approve", "rv-00", "--url", "http://sluice.example"], "", { SLUICE_TOKEN: "bob" });
    expect(far).toMatchObject({ code: 2, err: expect.stringContaining("use https") as string });
    const gone = await here.sluice(["approve", "rv-00", "--url", "http://127.0.0.1:1"], "", { SLUICE_TOKEN: "bob" });
    expect(gone).toMatchObject({ code: 3, err: expect.stringContaining("cannot reach http://127.0.0.1:1") as string });
  });
});
