/** What people who run the gateway rely on: custom APIs, reload, TLS, sessions, crashes. Real processes and sockets. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, describe, expect, it, vi } from "vitest";
import { selfSigned } from "../core/test/pki.ts";
import { KEY_EXCHANGE_GROUPS } from "../protocols/http/tls.ts";
import { type Document, documentFor } from "./test/config.ts";
import { filesHolding, type Started, startForTest } from "./test/running.ts";
import { startUpstream, type Upstream } from "./test/upstream.ts";

const EMAIL = "john.doe@example.com";
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function upstream(answer: Parameters<typeof startUpstream>[0]): Promise<Upstream> {
  const started = await startUpstream(answer);
  closers.push(() => started.close());
  return started;
}

async function sluice(document: Document): Promise<Started> {
  const started = await startForTest(() => JSON.stringify(document));
  closers.push(() => started.stop());
  return started;
}

const custom = (url: string, endpoints: unknown[]) => ({
  kind: "custom",
  url,
  credential: "none",
  recipient: "acme",
  allow_private_address: true,
  endpoints,
});

const openai = (url: string) => ({
  kind: "openai",
  url,
  credential: "none",
  recipient: "acme",
  models: ["*"],
  allow_private_address: true,
});

function post(
  base: string,
  path: string,
  token: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${base}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

const chatAnswer = (content: string) =>
  JSON.stringify({
    id: "c",
    object: "chat.completion",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  });

describe("a custom inference API", () => {
  const GENERATE = {
    path: "/generate",
    request: { text: ["inputs.*.text"], system: ["instruction"], fixed: ["variant"] },
    response: { text: ["outputs.*.text"] },
  };

  it("is scrubbed on the way out and restored on the way back, by the paths of the config", async () => {
    const model = await upstream((body, res) => {
      const { inputs } = JSON.parse(body) as { inputs: { text: string }[] };
      res.setHeader("content-type", "application/json");
      res.end(JSON.stringify({ outputs: inputs, took: 12345678901234567890n.toString() }));
    });
    const { token, document } = await documentFor({ house: custom(`${model.url}/api`, [GENERATE]) });
    const gateway = await sluice(document);
    const response = await post(gateway.url, "/custom/house/generate", token, {
      variant: "v-2",
      instruction: "be kind",
      inputs: [{ text: `write to ${EMAIL}` }],
      note: `unknown field with ${EMAIL}`,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ outputs: [{ text: `write to ${EMAIL}` }] });
    expect(model.received[0]?.url).toBe("/api/generate");
    expect(model.received[0]?.body).not.toContain(EMAIL);
    expect(model.received[0]?.body).toContain('"variant":"v-2"');
  });

  it.each([
    ["sse", "text/event-stream", (text: string) => `data: ${JSON.stringify({ outputs: [{ text }] })}\n\n`],
    ["json-lines", "application/x-ndjson", (text: string) => `${JSON.stringify({ outputs: [{ text }] })}\n`],
  ])("streams as %s, placeholders cut in two", async (stream, type, event) => {
    const model = await upstream((_body, res) => {
      res.setHeader("content-type", type);
      res.write(event("to [EMA"));
      setTimeout(() => res.end(event("IL_1] now")), 20);
    });
    const { token, document } = await documentFor({ house: custom(model.url, [{ ...GENERATE, stream }]) });
    const gateway = await sluice(document);
    const response = await post(gateway.url, "/custom/house/generate", token, {
      inputs: [{ text: `to ${EMAIL}` }],
      stream: true,
    });
    const texts = [...(await response.text()).matchAll(/"text":("(?:[^"\\]|\\.)*")/g)].map(
      (match) => JSON.parse(match[1] ?? "") as string,
    );
    expect(texts.join("")).toBe(`to ${EMAIL} now`);
  });

  it("refuses an endpoint that the config does not describe", async () => {
    const { token, document } = await documentFor({ house: custom("http://127.0.0.1:9", [GENERATE]) });
    const gateway = await sluice(document);
    const response = await post(gateway.url, "/custom/house/other", token, {});
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "endpoint_unknown" });
    expect(response.headers.get("sluice-evidence")).toMatch(/^\d+$/);
  });
});

describe("the detector section", () => {
  const EMPLOYEE = {
    type: "EMPLOYEE_NUMBER",
    category: "direct-identifier",
    patterns: [{ name: "emp", regex: "EMP-\\d{6}" }],
  };
  const asked = {
    model: "m",
    messages: [
      { role: "user", content: "wolkenstein asks for a refund" },
      { role: "assistant", content: "Which one?" },
      {
        role: "user",
        content: "Dear team, I am Theresa Wolkenstein, EMP-004711, from Karlsruhe; mail help@acme.example",
      },
    ],
  };

  it("says what is hidden: names over the whole conversation, numbers of one's own, and not what is allowed", async () => {
    let seen = "";
    const model = await upstream((body, res) => {
      seen = body;
      res.setHeader("content-type", "application/json");
      res.end(chatAnswer("Done, [PERSON_1] ([PERSON_2], [EMPLOYEE_NUMBER_1])."));
    });
    const { token, document } = await documentFor({ main: openai(model.url) });
    const detector = { recognizers: [EMPLOYEE], allow: ["help@acme.example"] };
    const gateway = await sluice({ ...document, detector });
    const ask = async (): Promise<string> => (await post(gateway.url, "/v1/chat/completions", token, asked)).text();

    const answer = await ask();
    expect(seen).toContain("[PERSON_1] asks for a refund");
    expect(seen).toContain("I am [PERSON_2], [EMPLOYEE_NUMBER_1], from Karlsruhe; mail help@acme.example");
    expect(answer).toContain("Done, wolkenstein (Theresa Wolkenstein, EMP-004711).");

    writeFileSync(join(gateway.dir, "sluice.yaml"), JSON.stringify({ ...document, detector: { names: "off" } }));
    await gateway.reload();
    await ask();
    expect(seen).toContain("I am Theresa Wolkenstein, EMP-004711, from Karlsruhe; mail [EMAIL_1]");

    writeFileSync(join(gateway.dir, "sluice.yaml"), JSON.stringify({ ...document, detector: { names: "all" } }));
    await gateway.reload();
    await ask();
    expect(seen).toContain("from [LOCATION_1]; mail [EMAIL_1]");
  });

  it("replaces by stand-ins that come back, pseudonyms that do not, and rotates them with the epoch", async () => {
    let seen = "";
    const model = await upstream((body, res) => {
      seen = body;
      const [, name = "", phone = ""] = /I am (.+?), call (.+?), born/.exec(body) ?? [];
      res.setHeader("content-type", "application/json");
      res.end(chatAnswer(`${name} can be called on ${phone}.`));
    });
    const rules = {
      request: { PERSON: "surrogate", PHONE: "format-preserving", EMAIL: "pseudonym", DATE_OF_BIRTH: "generalize" },
    };
    const { token, document } = await documentFor({ main: { ...openai(model.url), rules } });
    const gateway = await sluice(document);
    const request = {
      model: "m",
      messages: [
        {
          role: "user",
          content:
            "I am Theresa Wolkenstein, call +49 30 901820, born 12.03.1984 (date of birth: 1984-03-12), jane@example.org",
        },
      ],
    };
    const ask = async (headers = {}): Promise<string> =>
      (await post(gateway.url, "/v1/chat/completions", token, request, headers)).text();
    const mail = (): string => /\[EMAIL:[^\]]+\]/.exec(seen)?.[0] ?? "";

    const answer = await ask();
    for (const value of ["Wolkenstein", "901820", "jane@", "1984-03-12"]) expect(seen).not.toContain(value);
    expect(seen).toContain("date of birth: 1984");
    expect(answer).toContain("Theresa Wolkenstein can be called on +49 30 901820.");
    const first = mail();
    expect(first).not.toBe("");
    await ask();
    expect(mail()).toBe(first);
    await ask({ "sluice-purpose": "research" });
    expect(mail()).not.toBe(first);
    writeFileSync(join(gateway.dir, "sluice.yaml"), JSON.stringify({ ...document, pseudonyms: { epoch: "2" } }));
    await gateway.reload();
    await ask();
    expect(mail()).not.toBe(first);
  });

  it("masks in streamed answers the names that the model brings itself, when a rule says so", async () => {
    const model = await upstream((_body, res) => {
      res.setHeader("content-type", "text/event-stream");
      for (const content of ["Ask There", "sa Wolken", "stein, of accounting.", "\nShe knows."])
        res.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
      res.end(
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`,
      );
    });
    const main = { ...openai(model.url), rules: { response: { "direct-identifier": "redact" } } };
    const { token, document } = await documentFor({ main });
    const gateway = await sluice(document);
    const answer = await post(gateway.url, "/v1/chat/completions", token, {
      model: "m",
      stream: true,
      messages: [{ role: "user", content: "who knows?" }],
    });
    const text = (await answer.text())
      .split("\n")
      .filter((line) => line.startsWith("data: {"))
      .map(
        (line) =>
          (JSON.parse(line.slice(6)) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? "",
      )
      .join("");
    expect(text).toBe("Ask [PERSON], of accounting.\nShe knows.");
  });
});

describe("an answer", () => {
  it("loses numbers of one's own that the model brings itself, however the stream was cut", async () => {
    const model = await upstream((_body, res) => {
      res.setHeader("content-type", "text/event-stream");
      for (const content of ["Badge B-", "12", "34 it is.", " Bye."])
        res.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
      res.end("data: [DONE]\n\n");
    });
    const badge = { type: "BADGE", category: "direct-identifier", patterns: [{ name: "b", regex: "B-[0-9]{4}" }] };
    const main = { ...openai(model.url), rules: { response: { BADGE: "redact" } } };
    const { token, document } = await documentFor({ main });
    const gateway = await sluice({ ...document, detector: { recognizers: [badge] } });
    const answer = await post(gateway.url, "/v1/chat/completions", token, {
      model: "m",
      stream: true,
      messages: [{ role: "user", content: "which?" }],
    });
    const text = [...(await answer.text()).matchAll(/"content":"([^"]*)"/g)].map((match) => match[1]).join("");
    expect(text).toBe("Badge [BADGE] it is. Bye.");
  });
});

describe("reload", () => {
  it("takes a new file for new exchanges without dropping a stream, and keeps the old one when the file is bad", async () => {
    let finish: () => void = () => undefined;
    const model = await upstream((_body, res) => {
      res.setHeader("content-type", "text/event-stream");
      res.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "first " } }] })}\n\n`);
      finish = () =>
        res.end(
          `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "last" }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`,
        );
    });
    const other = await upstream((_body, res) => {
      res.setHeader("content-type", "application/json");
      res.end(chatAnswer("from the other"));
    });
    const { token, document } = await documentFor({ main: openai(model.url) });
    const gateway = await sluice(document);
    const file = join(gateway.dir, "sluice.yaml");
    const request = { model: "m", messages: [{ role: "user", content: "hello" }] };
    const streaming = await post(gateway.url, "/v1/chat/completions", token, { ...request, stream: true });

    writeFileSync(
      file,
      JSON.stringify({ ...document, connections: { main: { ...openai(other.url), recipient: "nobody" } } }),
    );
    await gateway.reload();
    expect(gateway.printed.at(-1)).toContain("stays");
    expect(gateway.printed.at(-1)).toContain("nobody");

    writeFileSync(file, JSON.stringify({ ...document, connections: { main: openai(other.url) } }));
    await gateway.reload();
    expect(gateway.printed.join("\n")).toContain("is in force");
    expect(await (await post(gateway.url, "/v1/chat/completions", token, request)).text()).toContain("from the other");

    finish();
    const text = await streaming.text();
    expect(text).toContain("last");
    expect(text).toContain("[DONE]");
  });

  it("refuses a key that is gone from the new file at once", async () => {
    const { token, document } = await documentFor({ main: openai("http://127.0.0.1:9") });
    const gateway = await sluice(document);
    expect((await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      200,
    );
    writeFileSync(join(gateway.dir, "sluice.yaml"), JSON.stringify({ ...document, keys: {} }));
    await gateway.reload();
    expect((await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      401,
    );
  });
});

describe("a conversation", () => {
  it("keeps its numbers when the client sends a shortened history", async () => {
    const model = await upstream((_body, res) => {
      res.setHeader("content-type", "application/json");
      res.end(chatAnswer("ask [EMAIL_1] and [EMAIL_2]"));
    });
    const { token, document } = await documentFor({ main: openai(model.url) });
    const gateway = await sluice(document);
    const ask = async (content: string): Promise<string> => {
      const request = { model: "m", messages: [{ role: "user", content }] };
      return (await post(gateway.url, "/v1/chat/completions", token, request, { "sluice-session": "talk-1" })).text();
    };
    await ask("one@example.com");
    expect(await ask("two@example.com")).toContain("ask one@example.com and two@example.com");
    expect(await ask("three@example.com")).toContain("ask one@example.com and two@example.com");
  });

  it("is not shared between principals", async () => {
    const model = await upstream((_body, res) => {
      res.setHeader("content-type", "application/json");
      res.end(chatAnswer("ask [EMAIL_1] and [EMAIL_2]"));
    });
    const first = await documentFor({ main: openai(model.url) });
    const second = await documentFor({});
    const [id = ""] = Object.keys(second.document.keys);
    const stranger = { ...second.document.keys[id], principal: "service:stranger" };
    const gateway = await sluice({ ...first.document, keys: { ...first.document.keys, [id]: stranger } });
    const request = (content: string) => ({ model: "m", messages: [{ role: "user", content }] });
    await post(gateway.url, "/v1/chat/completions", first.token, request("one@example.com"), {
      "sluice-session": "talk-1",
    });
    const seen = await post(gateway.url, "/v1/chat/completions", second.token, request("two@example.com"), {
      "sluice-session": "talk-1",
    });
    expect(await seen.text()).toContain("ask two@example.com and [EMAIL_2]");
  });
});

describe("the proxy API", () => {
  it("hides the prompt's personal data and the caller from the provider, and keeps nothing but the record", async () => {
    const model = await upstream((_body, res) => {
      res.setHeader("content-type", "application/json");
      res.end(chatAnswer("will write to [EMAIL_1]"));
    });
    const { token, document } = await documentFor({ main: openai(model.url) });
    const gateway = await sluice(document);
    const messages = [{ role: "user", content: `write to ${EMAIL}` }];
    const response = await post(gateway.url, "/api/proxy", token, {
      provider: "main",
      model: "m",
      messages,
      scrub: true,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("sluice-evidence")).toMatch(/^\d+$/);
    expect(await response.text()).toContain(`will write to ${EMAIL}`);
    expect(JSON.stringify(model.received)).not.toContain(EMAIL);
    expect(JSON.stringify(model.received)).not.toContain(token);
    expect(filesHolding(gateway.dir, [EMAIL])).toEqual([]);
    const refused = await post(gateway.url, "/api/proxy", token, {
      provider: "main",
      model: "m",
      messages,
      scrub: false,
    });
    expect(refused.status).toBe(400);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
  });

  it("lists models with their aliases", async () => {
    const { token, document } = await documentFor({ main: { ...openai("http://127.0.0.1:9"), models: ["m", "n-*"] } });
    const gateway = await sluice({ ...document, models: { fast: "main/m" } });
    const reply = await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
    expect(((await reply.json()) as { data: { id: string }[] }).data.map((each) => each.id)).toEqual(["fast", "m"]);
  });
});

describe("purpose and basis", () => {
  it("stand on record, and a purpose that is not this credential's is refused by name", async () => {
    const { token, document } = await documentFor({ main: openai("http://127.0.0.1:9") });
    const [id = ""] = Object.keys(document.keys);
    const gateway = await sluice({
      ...document,
      keys: { [id]: { ...document.keys[id], purposes: ["support"], default_purpose: undefined } },
    });
    const request = { model: "m", messages: [{ role: "user", content: "hello" }] };
    const response = await post(gateway.url, "/v1/chat/completions", token, request, { "sluice-purpose": "research" });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      error: { code: "purpose_not_allowed", message: expect.stringContaining("research") as string },
    });
  });
});

describe("TLS", () => {
  it.skipIf(KEY_EXCHANGE_GROUPS === undefined)("is 1.3 with X25519MLKEM768 offered first", async () => {
    const dir = mkdtempSync(join(tmpdir(), "sluice-tls-"));
    closers.push(async () => rmSync(dir, { recursive: true, force: true }));
    const pair = selfSigned();
    writeFileSync(join(dir, "key.pem"), pair.key);
    writeFileSync(join(dir, "cert.pem"), pair.cert);
    const { document } = await documentFor({ main: openai("http://127.0.0.1:9") });
    const tls = { cert: join(dir, "cert.pem"), key: join(dir, "key.pem") };
    const gateway = await sluice({ ...document, listeners: [{ address: "127.0.0.1:0", tls }] });
    const port = Number(new URL(gateway.url).port);
    const handshake = (options: object): Promise<{ protocol: string | null; group: string | undefined }> =>
      new Promise((resolve, reject) => {
        const socket = connect(
          { port, host: "127.0.0.1", ca: readFileSync(tls.cert), servername: "localhost", ...options },
          () => {
            const key = socket.getEphemeralKeyInfo() as { name?: string };
            resolve({ protocol: socket.getProtocol(), group: key.name });
            socket.destroy();
          },
        );
        socket.once("error", reject);
      });
    expect((await handshake({})).protocol).toBe("TLSv1.3");
    await expect(handshake({ maxVersion: "TLSv1.2" })).rejects.toThrow();
    // A client that speaks nothing but the hybrid gets through: the server takes it.
    expect((await handshake({ ecdhCurve: "X25519MLKEM768" })).protocol).toBe("TLSv1.3");
  });
});

describe("a crash", () => {
  it("leaves an intent without outcome, which the next start names", async () => {
    const model = await upstream(() => undefined);
    const { token, document } = await documentFor({ main: openai(model.url) });
    const dir = mkdtempSync(join(tmpdir(), "sluice-crash-"));
    closers.push(async () => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(join(dir, "sluice.yaml"), JSON.stringify(document));
    const main = new URL("../cli/main.ts", import.meta.url).pathname;
    const run = (): { child: ReturnType<typeof spawn>; out: () => string } => {
      const child = spawn(process.execPath, [main, "start"], { cwd: dir });
      let out = "";
      child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
      closers.push(async () => void child.kill("SIGKILL"));
      return { child, out: () => out };
    };
    const first = run();
    await vi.waitFor(() => expect(first.out()).toContain("listens on"), { timeout: 20_000 });
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(first.out())?.[0] ?? "";
    const request = { model: "m", messages: [{ role: "user", content: `write to ${EMAIL}` }] };
    void post(url, "/v1/chat/completions", token, request).catch(() => undefined);
    await vi.waitFor(() => expect(model.received).toHaveLength(1), { timeout: 10_000 });
    first.child.kill("SIGKILL");
    await new Promise((resolve) => first.child.once("exit", resolve));
    const second = run();
    await vi.waitFor(() => expect(second.out()).toContain("1 intents of an earlier run have no outcome"), {
      timeout: 20_000,
    });
  });
});
