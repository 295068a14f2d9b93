/** An alias with several targets at the front door: who is asked when one fails, and that each has to be allowed by itself. */
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { documentFor } from "./test/config.ts";
import { leaves, leafWhere, outcomeOf } from "./test/recorded.ts";
import { type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const ANSWER = { choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }] };

let first: Upstream;
let second: Upstream;
let sluice: Started;
let token: string;
/** What the first one does. */
let failing: (res: ServerResponse) => void;

const stream = (res: ServerResponse): void => {
  res.writeHead(200, { "content-type": "text/event-stream" });
  for (const content of ["o", "k"])
    res.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`);
};
const down = (status: number) => (res: ServerResponse) => {
  res.writeHead(status, { "content-type": "application/json", "retry-after": "7" });
  res.end('{"error":{"message":"down"}}');
};

beforeAll(async () => {
  first = await startUpstream((_body, res) => failing(res));
  second = await startUpstream((body, res) => {
    if ((JSON.parse(body) as { stream?: boolean }).stream === true) {
      stream(res);
      res.end("data: [DONE]\n\n");
    } else {
      res.writeHead(200, { "content-type": "application/json" });
      res.end(JSON.stringify(ANSWER));
    }
  });
  const at = (upstream: Upstream, recipient = "acme") => ({
    kind: "openai",
    url: `${upstream.url}/v1`,
    credential: "none",
    recipient,
    models: ["m-*"],
    allow_private_address: true,
    limits: { retries_max: 0 },
  });
  const configured = await documentFor({
    one: { ...at(first), limits: { retries_max: 0, first_byte_seconds: 1 } },
    two: at(second),
    far: at(second, "far"),
    masking: { ...at(second), rules: { request: { contact: "redact" } } },
  });
  token = configured.token;
  const { document } = configured;
  Object.assign(document["recipients"] as object, {
    far: { name: "Far", country: "US", role: "processor", dpa: "DPA-2" },
  });
  document["models"] = {
    safe: ["one/m-1", "two/m-2"],
    abroad: ["one/m-1", "far/m-2"],
    "abroad-then-home": ["one/m-1", "far/m-2", "two/m-3"],
    stricter: ["one/m-1", "masking/m-2"],
    alone: "one/m-1",
  };
  sluice = await startForTest(() => JSON.stringify(document));
});
afterAll(async () => {
  await sluice.stop();
  await first.close();
  await second.close();
});
beforeEach(() => {
  failing = down(503);
  first.received.length = 0;
  second.received.length = 0;
});

const ask = (model: string, more: object = {}) =>
  fetch(`${sluice.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Mail jo@corp.example" }], ...more }),
  });
const evidenceOf = (response: Response) => response.headers.get("sluice-evidence");
const countLeaves = async () => (await leaves(sluice.url)).length;

describe("the next target of an alias is asked", () => {
  it.each<[string, (res: ServerResponse) => void]>([
    ["says that it is overloaded", down(429)],
    ["is broken", down(500)],
    ["is away for a moment", down(503)],
    ["breaks off", (res) => res.destroy()],
    ["does not begin to answer", () => undefined],
    [
      "breaks off in the middle of an answer that nobody has seen",
      (res) => {
        res.writeHead(200, { "content-type": "application/json", "content-length": "500" });
        res.write('{"choices":');
        setTimeout(() => res.destroy(), 50);
      },
    ],
  ])("when the one before %s", async (_, fail) => {
    failing = fail;
    const response = await ask("safe");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(ANSWER);
    expect(first.received).toHaveLength(1);
    expect(second.received).toHaveLength(1);
    expect(JSON.parse(second.received[0]?.body ?? "")).toMatchObject({ model: "m-2" });
    expect(second.received[0]?.body).not.toContain("jo@corp.example");
  });

  it("also for a stream", async () => {
    const response = await ask("safe", { stream: true });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("[DONE]");
  });

  it("with an intent and an outcome of its own for each on record", async () => {
    const response = await ask("safe");
    const evidence = evidenceOf(response);
    expect(await outcomeOf(sluice.url, evidence)).toMatchObject({ status: "completed" });
    const intents = (await leaves(sluice.url)).filter(
      ({ type, index }) => type === "intent" && index <= Number(evidence),
    );
    const [one, two] = intents.slice(-2);
    expect(one).toMatchObject({ connection: "one", model: "m-1" });
    expect(two).toMatchObject({ connection: "two", model: "m-2" });
    expect(await outcomeOf(sluice.url, String(one?.index))).toMatchObject({ status: "failed", code: "upstream_error" });
  });

  it("under its own rules", async () => {
    await ask("stricter");
    expect(first.received[0]?.body).toContain("EMAIL");
    expect(second.received[0]?.body).not.toMatch(/EMAIL_\d|<EMAIL/);
  });
});

describe("nobody else is asked", () => {
  it("when the request is at fault", async () => {
    failing = down(400);
    expect((await ask("safe")).status).toBe(400);
    expect(second.received).toHaveLength(0);
  });

  it("when something of the answer has reached the client", async () => {
    failing = (res) => {
      stream(res);
      setTimeout(() => res.destroy(), 100);
    };
    const response = await ask("safe", { stream: true });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(second.received).toHaveLength(0);
  });

  it("when there is nobody else", async () => {
    const response = await ask("alone");
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("7");
  });

  it("whom the request may not go to: the refusal is on record, and the failure is the answer", async () => {
    const before = await countLeaves();
    const response = await ask("abroad");
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("7");
    expect(second.received).toHaveLength(0);
    const denial = await leafWhere(
      sluice.url,
      "the refusal",
      ({ index, type, code }) => index >= before && type === "denial" && code === "transfer_missing",
    );
    expect(denial).toMatchObject({ connection: "far" });
  });

  it("and whoever comes after one that is refused is asked", async () => {
    const response = await ask("abroad-then-home");
    expect(response.status).toBe(200);
    expect(second.received).toHaveLength(1);
    expect(JSON.parse(second.received[0]?.body ?? "")).toMatchObject({ model: "m-3" });
  });

  it("after the client has left", async () => {
    failing = (res) => setTimeout(() => down(503)(res), 300);
    const left = new AbortController();
    setTimeout(() => left.abort(), 100);
    await expect(
      fetch(`${sluice.url}/v1/chat/completions`, {
        method: "POST",
        signal: left.signal,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "safe", messages: [{ role: "user", content: "hello" }] }),
      }),
    ).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(second.received).toHaveLength(0);
  });
});
