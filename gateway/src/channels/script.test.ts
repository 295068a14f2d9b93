/** The pages' script, run as a browser would run it, with an authenticator in software behind `navigator.credentials`. */
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SCRIPT } from "./script.ts";
import { Authenticator } from "./test/authenticator.ts";
import { ORIGIN, openChannels, questionIn, type TestChannels } from "./test/setup.ts";

interface Options {
  readonly challenge: Uint8Array;
  readonly user?: { readonly id: Uint8Array };
  readonly excludeCredentials?: readonly { readonly id: Uint8Array }[];
  readonly allowCredentials?: readonly { readonly id: Uint8Array }[];
}

interface Ran {
  /** What the form would send; undefined when it was not sent. */
  readonly answer: string | undefined;
  readonly status: string;
}

let approving: TestChannels;
let key: Authenticator;
beforeEach(async () => {
  approving = await openChannels({ passkeys: { risk: 70 } });
  key = new Authenticator(ORIGIN);
});
afterEach(() => approving.close());

const buffer = (text: string | undefined): ArrayBuffer => new Uint8Array(Buffer.from(text ?? "", "base64url")).buffer;

/** As browsers answer: with bytes. `asked` gets the options as the browser got them. */
function credentials(ask: (options: Options) => string, asked: Options[]) {
  return ({ publicKey }: { publicKey: Options }) => {
    asked.push(publicKey);
    const { id, type, response } = JSON.parse(ask(publicKey)) as {
      id: string;
      type: string;
      response: Record<string, string>;
    };
    const answered = Object.entries(response).map(([name, value]) => [name, buffer(value)] as const);
    const members: Record<string, unknown> = Object.fromEntries(answered);
    const transports = (): string[] => ["internal"];
    return Promise.resolve({
      rawId: buffer(id),
      type,
      response: { ...members, getTransports: transports },
    });
  };
}

async function run(question: string, asked: Options[], knowsPasskeys = true): Promise<Ran> {
  const status = { textContent: "" };
  let sent: string | undefined;
  let submit: ((event: { preventDefault(): void }) => Promise<void>) | undefined;
  const form = {
    dataset: { passkey: question },
    elements: { answer: { value: "" } },
    submit: () => {
      sent = form.elements.answer.value;
    },
    addEventListener: (_: string, listener: typeof submit) => {
      submit = listener;
    },
  };
  const json = ({ challenge }: Options): string =>
    JSON.stringify({
      ...(JSON.parse(question) as object),
      challenge: Buffer.from(challenge).toString("base64url"),
    });
  runInNewContext(SCRIPT, {
    document: { querySelector: () => form, getElementById: () => status },
    window: knowsPasskeys ? { PublicKeyCredential: () => undefined } : {},
    navigator: {
      credentials: {
        create: credentials((options) => key.create(json(options)), asked),
        get: credentials((options) => key.get(json(options)), asked),
      },
    },
    atob,
    btoa,
  });
  await submit?.({ preventDefault: () => undefined });
  return { answer: sent, status: status.textContent };
}

test("registers a passkey and says a risky yes with it, as the pages ask", async () => {
  const asked: Options[] = [];
  const created = await run(questionIn(await approving.get("bob", "/passkeys")), asked);
  const form = { csrf: "csrf of bob" };
  expect((await approving.post("bob", "/passkeys", { ...form, answer: created.answer ?? "" })).status).toBe(303);
  expect(asked[0]?.user?.id.byteLength).toBe(32);
  expect(asked[0]?.excludeCredentials).toEqual([]);

  const review = await approving.hold();
  const page = await approving.post("bob", `/reviews/${review}/votes`, { ...form, decision: "approve" });
  const said = await run(questionIn(page), asked);
  const sent = { ...form, answer: said.answer ?? "" };
  expect((await approving.post("bob", `/reviews/${review}/step-up`, sent)).status).toBe(303);
  expect(await approving.stateOf(review)).toBe("granted");
  expect(Buffer.from(asked[1]?.allowCredentials?.[0]?.id ?? []).toString("base64url")).toBe(key.id);
});

test("says so when the passkey does not answer, or the browser knows none, and sends nothing", async () => {
  const question = questionIn(await approving.get("bob", "/passkeys"));
  key.create = () => {
    throw Object.assign(new Error("no"), { name: "NotAllowedError" });
  };
  expect(await run(question, [])).toEqual({
    answer: undefined,
    status: "The passkey did not answer (NotAllowedError). Try again, or load the page again.",
  });
  expect(await run(question, [], false)).toEqual({
    answer: undefined,
    status: "This browser knows no passkeys. Use another one.",
  });
});
