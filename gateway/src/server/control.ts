/**
 * The control plane's parts, opened in the order in which they need one another: database, consent ledger, who may come in, reviews.
 * It decides nothing; compose.ts joins it to the data plane.
 */
import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Config, Key } from "../config/load.ts";
import type { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import type { Custody, Sealing } from "../custody/index.ts";
import type { Approvals, Gate } from "../gate/index.ts";
import { createAuthenticator, type Authenticator } from "../identity/authenticate.ts";
import { Directory } from "../identity/directory.ts";
import { createDisabled, type Disabled } from "../identity/disabled.ts";
import { createKeyVerifier, type KeyVerifier } from "../identity/keys.ts";
import { Logins } from "../identity/login.ts";
import { SamlLogins } from "../identity/saml-login.ts";
import { SignatureThread } from "../identity/saml-signature.ts";
import { createProviderFetch } from "../identity/provider-fetch.ts";
import { wwwAuthenticate } from "../identity/resource-metadata.ts";
import { createTokenSealer } from "../identity/sealed-token.ts";
import { SESSION_LIMITS, Sessions } from "../identity/sessions.ts";
import { People } from "../identity/people.ts";
import { ownersTable } from "../identity/rights.ts";
import { speller } from "../identity/spelling.ts";
import { directoryStore, identityMigrations, peopleStore, respellSessions, sessionStore } from "../identity/store.ts";
import { createConsentLedger, type ConsentLedger } from "../rights/consent.ts";
import { Channels } from "../channels/index.ts";
import { channelMigrations, ChannelStore } from "../channels/store.ts";
import { addressRefusal, checkedLookup } from "../protocols/http/address.ts";
import { ReviewDesk } from "../reviews/index.ts";
import { exportMigrations } from "../export/migrations.ts";
import { reviewMigrations } from "../reviews/migrations.ts";
import { ReviewStore } from "../reviews/store.ts";
import { rightsMigrations } from "../rights/migrations.ts";
import { consentStore } from "../rights/store.ts";
import { subjectMigrations } from "../subjects/migrations.ts";
import { Browsers } from "./browser.ts";
import { sharedLogMigrations } from "../evidence/shared/migrations.ts";
import { type Database, openDatabase } from "./database.ts";
import type { Migration } from "./database/migrations.ts";
import { leaseMigrations } from "./database/leases.ts";
import { SharedKeys, sharedKeyMigrations } from "./database/shared-keys.ts";
import { checkRole, permissionRow } from "./permissions.ts";

export interface Control {
  readonly database: Database;
  readonly ledger: ConsentLedger;
  /** One listener: what a person said has changed, here or at another gateway; `concerns` says whether it may be this one's. */
  onConsent(listener: Gate["consentChanged"]): void;
  readonly authenticator: Authenticator;
  readonly disabled: Disabled;
  readonly directory: Directory;
  readonly browsers: Browsers;
  readonly desk: ReviewDesk;
  readonly channels: Channels;
  /** The desk as the gate asks it. */
  readonly approvals: Approvals;
  readonly people: People;
  /** Value of `WWW-Authenticate` for this refusal (RFC 9728); undefined where it would not help. */
  readonly challenge: (error: SluiceError) => string | undefined;
  /** The URL that clients know this gateway by. */
  readonly baseUrl: () => string;
  readonly identity: () => Config["identity"];
  /** Puts another configuration in force. */
  configure(config: Config): void;
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly config: Config;
  readonly keys: readonly Key[];
  readonly record: RecordEvent;
  readonly custody: Pick<Custody, "sealing" | "share">;
  readonly onFault: (error: SluiceError) => void;
  /** Throws what policies have against an action on the control plane. */
  readonly checkControl: Gate["checkControl"];
  /** A channel could not be told: somebody will not hear of a review yet. */
  readonly onChannelFault: (error: SluiceError) => void;
  /** URL of the first listener, once it listens. */
  readonly url: () => string;
}

/** Of all rooms: the database knows no other tables. */
export const MIGRATIONS: readonly Migration[] = [
  ...rightsMigrations,
  ...identityMigrations,
  ...reviewMigrations,
  ...channelMigrations,
  ...subjectMigrations,
  ...exportMigrations,
  ...sharedKeyMigrations,
  ...leaseMigrations,
  ...sharedLogMigrations,
];

/** What gateways that share a database tell one another. */
const CONSENTS = "consents";
const DIRECTORY = "directory";
const PEOPLE = "people";
const REVIEWS = "reviews";
const SWEEP_MS = 60_000;
const PAGE_MAX = 100;

/** Throws database_unavailable, database_newer, keys_differ. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { record, onFault, keys } = options;
  let { config } = options;
  const { dir } = config.evidence;

  const database = await openDatabase({
    dir,
    url: config.database.url,
    migrations: MIGRATIONS,
    clock: Date.now,
    onFault,
  });
  const sealing = options.custody.sealing(() => config.custody, "reviews", record);
  const { subjectKey, sessionKey, channelKey } = await sharedKeys(
    database,
    () => config,
    options.custody,
    sealing,
  ).catch(async (thrown: unknown) => {
    await database.close();
    throw thrown;
  });
  const subjectTag = (subject: string): string => createHmac("sha256", subjectKey).update(subject).digest("base64url");
  const ledger = createConsentLedger({
    store: consentStore(database.sql),
    record,
    tag: subjectTag,
    purposes: () => new Set(config.purposes.keys()),
    changed: (tag) => database.wakeups.send(CONSENTS, tag),
  });
  let consentChanged: Gate["consentChanged"] = () => undefined;
  database.wakeups.listen(CONSENTS, {
    heard(tag) {
      ledger.forget(tag);
      consentChanged((subject) => subjectTag(subject) === tag);
    },
    missed() {
      ledger.forget();
      consentChanged(() => true);
    },
  });

  const verifier: KeyVerifier = createKeyVerifier(keys, { clock: Date.now, processKey: randomBytes(32) });
  const disabled = createDisabled();
  const directory = await Directory.open({
    store: directoryStore(database.sql),
    disabled,
    providers: () => [...config.identity.providers, ...config.identity.saml],
    random: randomBytes,
    clock: Date.now,
    changed: (row) => void database.wakeups.send(DIRECTORY, row),
  });
  const reread = (): void => void directory.reload().catch(onFault);
  database.wakeups.listen(DIRECTORY, { heard: (row) => void directory.heard(row).catch(onFault), missed: reread });
  const people = await People.open({
    store: peopleStore(database.sql),
    disabled,
    directory,
    settings: config.identity,
    decides: ({ roles }) => roles.some((role) => permissionRow("reviews.decide").roles.includes(role)),
    clock: Date.now,
    changed: (id) => void database.wakeups.send(PEOPLE, id),
    onFault,
  });
  database.wakeups.listen(PEOPLE, {
    heard: (id) => void people.heardOf(id).catch(onFault),
    missed: () => void people.reload().catch(onFault),
  });
  let owners = ownersTable(config.identity, keys);
  let spell = speller(config.identity);
  const addresses = { lookup: checkedLookup, refusal: addressRefusal };
  const fetching = createProviderFetch(addresses);
  const authenticator = createAuthenticator(config.identity, {
    keys: verifier,
    fetchJson: fetching.fetchJson,
    sealer: createTokenSealer(sessionKey, config.identity.resource ?? config.evidence.origin),
    heard: (asserted) => people.heard(asserted),
    disabled,
    directory,
    clock: Date.now,
    random: randomBytes,
    processKey: randomBytes(32),
  });
  const sessions = new Sessions({
    store: sessionStore(database.sql),
    random: randomBytes,
    key: sessionKey,
    limits: SESSION_LIMITS,
  });
  const loggingIn = {
    key: sessionKey,
    random: randomBytes,
    clock: Date.now,
    sessionMs: SESSION_LIMITS.absoluteMs,
  };
  const logins = new Logins(loggingIn, fetching.fetchFor);
  const signatures = new SignatureThread();
  disabled.onDisabled((id) => {
    const colon = id.indexOf(":");
    sessions.endAll({ provider: id.slice(0, colon), subject: id.slice(colon + 1) }).catch(onFault);
  });
  const sweeping = setInterval(() => {
    sessions.sweep(Date.now()).catch(onFault);
    people.sweep().catch(onFault);
  }, SWEEP_MS);
  sweeping.unref();

  const baseUrl = (): string => config.identity.resource ?? options.url();
  const browsers = new Browsers({
    sessions,
    logins,
    authenticator,
    providers: () => config.identity.providers.filter(({ clientId }) => clientId !== undefined),
    samlLogins: new SamlLogins(loggingIn, signatures),
    samlProviders: () => config.identity.saml,
    origin: () => new URL(baseUrl()).origin,
    record,
    now: Date.now,
  });

  const reviewStore = new ReviewStore({
    sql: database.sql,
    // What opens is told inside of the transaction that makes it; the channels look for it until it is there.
    record: async (event, digest) => {
      const recorded = await record(event, digest);
      if (event.name === "review.requested" && event.actor !== undefined) people.asks(event.actor);
      if (event.name === "review.requested" && event.target !== undefined) announce(event.target);
      return recorded;
    },
    sealing,
    spell: (id) => spell(id),
  });
  let announce: (review: string) => void = () => undefined;
  const urlOf = (review: string): string => `${baseUrl().replace(/\/$/, "")}/reviews/${review}`;
  const desk = new ReviewDesk({
    store: reviewStore,
    wakeups: database.wakeups,
    settings: () => {
      const { passkeys } = config.channels;
      return { ...config.reviews, ...(passkeys === undefined ? {} : { stepUpRisk: passkeys.risk }) };
    },
    membership: (person) => people.groupsOf(person),
    peopleOf: (agent) => owners.get(agent) ?? [],
    urlOf,
    clock: Date.now,
    random: randomBytes,
    onFault,
  });
  disabled.onDisabled((id) => void desk.dismiss(id, "identity").catch(onFault));
  const channelStore = new ChannelStore(database.sql);
  /** What was written down of people before their provider's ids were folded. Whatever is read meanwhile is read as spelled now. */
  async function respell(): Promise<void> {
    await respellSessions(database.sql, spell);
    await channelStore.respell(spell);
    await reviewStore.respell();
  }
  const channels = await Channels.open({
    settings: config.channels,
    desk,
    store: channelStore,
    reviewOf: (id) => reviewStore.read(id),
    pending: () =>
      pendingOf(
        reviewStore,
        config.identity.groups.map(({ name }) => name),
      ),
    principalOf: (person) => people.principalOf(person),
    authorize(principal, network) {
      checkRole(principal, "reviews.decide");
      options.checkControl(principal, "approve", network);
    },
    nameOf: (id) => people.nameOf(id),
    urlOf,
    origin: () => new URL(baseUrl()).origin,
    key: channelKey,
    addresses,
    record,
    clock: Date.now,
    random: randomBytes,
    onFault: options.onChannelFault,
  });
  announce = (review) => channels.opened(review);
  await respell();
  database.wakeups.listen(REVIEWS, { heard: (id) => channels.closed(id), missed: () => channels.missed() });

  return {
    database,
    ledger,
    onConsent(listener) {
      consentChanged = listener;
    },
    authenticator,
    disabled,
    directory,
    browsers,
    desk,
    channels,
    approvals: {
      ask: (ask, signal) => {
        const { waitMs, windowMs } = config.reviews;
        return desk.ask({ ...ask, ...(windowMs === undefined ? {} : { windowMs }) }, signal, waitMs);
      },
      giveBack: (grant) => desk.giveBack(grant),
      watch: (grant, listener) => desk.watch(grant, listener),
    },
    people,
    challenge: (error) => wwwAuthenticate(error, config.identity, baseUrl()),
    baseUrl,
    identity: () => config.identity,
    configure(next) {
      config = next;
      verifier.setKeys(next.keys);
      authenticator.configure(next.identity);
      reread();
      logins.forget();
      people.configure(next.identity);
      spell = speller(next.identity);
      Promise.all([respell(), people.reload()]).catch(onFault);
      owners = ownersTable(next.identity, next.keys);
      channels.configure(next.channels);
    },
    async close() {
      clearInterval(sweeping);
      desk.close();
      await channels.close();
      await signatures.close();
      await fetching.close();
      await people.close();
      await database.close();
    },
  };
}

/** What is written with them into the database must be read with the same by whoever uses it. */
async function sharedKeys({ sql }: Database, config: () => Config, custody: Pick<Custody, "share">, sealing: Sealing) {
  const { database, evidence } = config();
  const shared = await SharedKeys.open(sql);
  const keep = (name: string): Promise<Buffer> => shared.keep(name, join(evidence.dir, "keys", `${name}.key`));
  const keys = {
    subjectKey: await keep("subject-index"),
    sessionKey: await keep("sessions"),
    channelKey: await keep("channels"),
  };
  // One gateway alone asks nobody for its root key before it has something to seal.
  if (database.url !== undefined) {
    const dir = (): string => join(config().custody.dir, "keys");
    custody.share("reviews", (version, key) => shared.enter("reviews", version, key, dir()));
    await shared.checkRing("reviews", sealing, dir());
  }
  return keys;
}

/** Ids of what waits for these groups. */
async function pendingOf(store: ReviewStore, groups: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  if (groups.length === 0) return ids;
  for (let cursor: string | undefined; ; ) {
    const page = await store.list({ of: { groups, not: "" }, state: "pending", limit: PAGE_MAX, cursor });
    ids.push(...page.reviews.map(({ id }) => id));
    if (page.next === undefined) return ids;
    cursor = page.next;
  }
}
