/** Channels on a real desk and database, with the doors that they and the reviews have, and a way to hold a request. */
import { randomBytes } from "node:crypto";
import { fastify, type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { SluiceError, toSluiceError } from "../../core/errors.ts";
import type { ControlEvent } from "../../core/event.ts";
import type { Principal } from "../../core/principal.ts";
import { statusOf } from "../../protocols/http/errors.ts";
import { addressRefusal, checkedLookup } from "../../protocols/http/address.ts";
import type { Ask } from "../../reviews/desk.ts";
import { reviewPages, reviewRoutes } from "../../reviews/routes.ts";
import { asking, openDesk, person, type TestDesk } from "../../reviews/test/setup.ts";
import { guardRoutes } from "../../server/guard.ts";
import { Channels } from "../index.ts";
import { channelRoutes, requireStepUp } from "../routes.ts";
import type { ChannelSettings } from "../../core/channels.ts";
import { channelMigrations, ChannelStore } from "../store.ts";

export const ORIGIN = "https://sluice.example";
export const ALICE = person("corp:alice", []);

export interface TestChannels {
  readonly desk: TestDesk;
  readonly channels: Channels;
  readonly store: ChannelStore;
  readonly app: FastifyInstance;
  /** Whom the gateway knows, by id. */
  readonly people: Map<string, Principal>;
  readonly faults: SluiceError[];
  /** Age of everybody's session. */
  sessionMs: number;
  /** Address from which a policy lets nobody decide. */
  closedTo: string | undefined;
  /** A request that waits; resolves with its review once the channels know of it. */
  hold(text?: string, more?: Partial<Ask>): Promise<string>;
  stateOf(review: string): Promise<string | undefined>;
  named(name: string): ControlEvent[];
  get(who: string, url: string, method?: "GET" | "HEAD"): Promise<Answer>;
  /** Posts a form. */
  post(who: string, url: string, form?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export async function openChannels(settings: Partial<ChannelSettings>): Promise<TestChannels> {
  const desk = await openDesk();
  for (const { up } of channelMigrations) await up(desk.database.sql);
  const store = new ChannelStore(desk.database.sql);
  const faults: SluiceError[] = [];
  const test: Pick<TestChannels, "sessionMs" | "closedTo"> = { sessionMs: 0, closedTo: undefined };
  const people = new Map(
    [ALICE, person("corp:bob"), person("corp:carl", ["security"]), person("corp:eve", ["staff"])].map((each) => [
      each.id,
      each,
    ]),
  );
  desk.membership.set("corp:eve", ["staff"]);
  desk.membership.set("corp:alice", []);
  const clock = (): number => Date.now() + desk.laterMs;
  const urlOf = (review: string): string => `${ORIGIN}/reviews/${review}`;
  const nameOf = (id: string): string => id.replace("corp:", "");
  const record = async (event: ControlEvent): Promise<{ index: number }> => {
    if (desk.recordFails) throw new SluiceError("evidence_unavailable", "the log cannot be written");
    desk.events.push({ event, digest: undefined });
    return Promise.resolve({ index: desk.events.length - 1 });
  };
  const channels = await Channels.open({
    settings: { webhooks: [], alarms: [], ...settings },
    desk: desk.desk,
    store,
    reviewOf: (id) => desk.store.read(id),
    pending: async () => {
      const of = { groups: ["privacy", "security", "officers"], not: "" };
      const { reviews } = await desk.store.list({ of, state: "pending", limit: 100 });
      return reviews.map(({ id }) => id);
    },
    principalOf: (id) => people.get(id),
    authorize: ({ roles }, network) => {
      if (!roles.includes("approver")) throw new SluiceError("permission_missing", "not an approver");
      if (network !== undefined && network === test.closedTo) throw new SluiceError("policy_denied", "not from there");
    },
    nameOf,
    urlOf,
    origin: () => ORIGIN,
    key: randomBytes(32),
    addresses: { lookup: checkedLookup, refusal: addressRefusal },
    record,
    clock,
    random: randomBytes,
    onFault: (error) => faults.push(error),
    turnMs: 20,
  });
  const unlisten = desk.database.wakeups.listen("reviews", {
    heard: (id) => channels.closed(id),
    missed: () => channels.missed(),
  });

  const app = fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((thrown, _request, reply) => {
    const error =
      thrown instanceof Error && "validation" in thrown ? new SluiceError("field_invalid", "") : toSluiceError(thrown);
    return reply.code(statusOf(error)).send({ code: error.code });
  });
  const { principalOf } = guardRoutes(app, {
    identify: ({ headers }) => {
      const principal = people.get(`corp:${String(headers["x-person"])}`);
      if (principal === undefined) throw new SluiceError("key_missing", "no key");
      return principal;
    },
    record,
  });
  const doors = {
    channels,
    principalOf,
    nameOf,
    csrfOf: ({ headers }: { headers: Record<string, unknown> }) => `csrf of ${String(headers["x-person"])}`,
    checkCsrf: ({ headers }: { headers: Record<string, unknown> }, token: string) => {
      if (token !== `csrf of ${String(headers["x-person"])}`) throw new SluiceError("form_token_invalid", "no");
    },
    loggedInAt: () => clock() - test.sessionMs,
    origin: () => ORIGIN,
    clock,
  };
  requireStepUp(app, doors);
  const reviews = { ...doors, desk: desk.desk };
  reviewRoutes(app, { ...reviews, urlOf, admit: () => asking(ALICE, "") });
  reviewPages(app, { ...reviews, needsStepUp: (review) => channels.decisions.needsStepUp(review) });
  channelRoutes(app, doors);
  await app.ready();

  const answerOf = ({ statusCode, headers, body }: { statusCode: number; headers: object; body: string }): Answer => ({
    status: statusCode,
    headers: { ...headers },
    body,
  });
  return Object.assign(test, {
    desk,
    channels,
    store,
    app,
    people,
    faults,
    async hold(text = '{"text":"[EMAIL_1]"}', more: Partial<Ask> = {}) {
      const ask = asking(ALICE, text, more);
      const error: unknown = await desk.desk.ask(ask, undefined, 0).catch((thrown: unknown) => thrown);
      if (!(error instanceof SluiceError)) throw error;
      channels.opened(error.details?.["review"] ?? "");
      await channels.settled();
      return error.details?.["review"] ?? "";
    },
    stateOf: async (review: string) => (await desk.store.read(review))?.state,
    named: (name: string) => desk.events.map(({ event }) => event).filter((event) => event.name === name),
    async get(who: string, url: string, method: "GET" | "HEAD" = "GET") {
      return answerOf(await app.inject({ method, url, headers: { "x-person": who } }));
    },
    async post(who: string, url: string, form: Record<string, string> = {}) {
      const headers = { "x-person": who, "content-type": "application/x-www-form-urlencoded" };
      const payload = new URLSearchParams(form).toString();
      return answerOf(await app.inject({ method: "POST", url, headers, payload }));
    },
    async close() {
      unlisten();
      await app.close();
      await channels.close();
      await desk.close();
    },
  });
}

/** What the page gives the script. */
export function questionIn({ body }: Answer): string {
  const attribute = /data-passkey="([^"]*)"/.exec(body)?.[1] ?? "";
  return attribute.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}
