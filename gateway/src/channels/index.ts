/**
 * The door of the channels room: tells approvers that a review waits, and takes their decision. Makes the configured channels and
 * joins them to the notifier; a reload makes them anew. What it needs of other rooms comes as parameters.
 */
import { createHmac } from "node:crypto";
import type { SluiceError } from "../core/errors.ts";
import { SluiceError as Refusal, toSluiceError } from "../core/errors.ts";
import type { Secret } from "../core/secret.ts";
import type { Shown } from "../reviews/index.ts";
import { type Review, stateAt } from "../reviews/review.ts";
import { Alarms } from "./alarms.ts";
import type { Channel, Notice } from "./channel.ts";
import { type DecisionOptions, Decisions } from "./decisions.ts";
import { giveLink, type LinkOptions, readLink, used } from "./links.ts";
import { Notifier } from "./notifier.ts";
import { type AddressCheck, openOutbound } from "./outbound.ts";
import { Passkeys } from "./passkeys.ts";
import type { ChannelSettings } from "../core/channels.ts";
import { takeClick, type Workspace } from "./slack-clicks.ts";
import type { ChannelStore, Link } from "./store.ts";
import { createWebhookChannel } from "./webhook.ts";

export interface ChannelsOptions extends Omit<DecisionOptions, "stepUpRisk" | "onRefused"> {
  readonly settings: ChannelSettings;
  readonly store: ChannelStore;
  /** 32 bytes, the same on every gateway that shares the database; keys for each use derive from it. */
  readonly key: Uint8Array;
  /** Ids of the reviews that are pending. */
  readonly pending: () => Promise<readonly string[]>;
  /** Name to show for a principal's id. */
  readonly nameOf: (principal: string) => string;
  /** https URL that browsers know this gateway by, without a path. */
  readonly origin: () => string;
  readonly addresses: AddressCheck;
  readonly random: (bytes: number) => Uint8Array;
  /** Gets what goes wrong in the background, as a warning. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
  /** Between two looks for what is due. */
  readonly turnMs?: number;
}

/** An opening by a scanner is like one by a person: so many of a link are put on record. */
const OPENINGS_MAX = 10;
/** So often a link shows what will be sent: who reads it more often logs in. */
const SHOWINGS_MAX = 5;
/** How long a mail that is on its way holds up the end. */
const CLOSE_MS = 3_000;

interface Opened {
  readonly channels: readonly Channel[];
  readonly workspace?: Workspace;
  close(): Promise<void>;
}

export class Channels {
  readonly decisions: Decisions;
  readonly passkeys: Passkeys;
  /** What may be an attack is counted here. */
  readonly alarms: Alarms;
  readonly #options: ChannelsOptions;
  readonly #notifier: Notifier;
  readonly #outbound: ReturnType<typeof openOutbound>;
  readonly #links: LinkOptions;
  #settings: ChannelSettings;
  #opened: Opened = CLOSED;
  #changing: Promise<void> = Promise.resolve();

  private constructor(options: ChannelsOptions) {
    this.#options = options;
    this.#settings = options.settings;
    const { store, random } = options;
    this.decisions = new Decisions({
      ...options,
      stepUpRisk: () => this.#settings.passkeys?.risk,
      onRefused: (error) => this.alarms.saw(error),
    });
    this.passkeys = new Passkeys(options);
    this.#links = { store, random, key: derived(options.key, "link") };
    this.#outbound = openOutbound(options.addresses);
    this.#notifier = new Notifier({
      ...options,
      channels: () => this.#opened.channels,
      noticeOf: (review) => this.noticeOf(review),
      alarmed: () => this.#settings.alarms,
    });
    this.alarms = new Alarms({
      clock: options.clock,
      raise: (alarm) => {
        this.#notifier.alarm(alarm);
        // Told all the same where it is the log that cannot be written.
        const facts = { alarm: true, kind: alarm.kind };
        options.record({ name: "alarm.raised", target: alarm.id, facts }).catch((thrown: unknown) => {
          options.onFault(toSluiceError(thrown));
        });
      },
    });
  }

  static async open(options: ChannelsOptions): Promise<Channels> {
    const channels = new Channels(options);
    await channels.#change(options.settings);
    return channels;
  }

  /** A review opens. Returns at once and never throws. */
  opened(review: string): void {
    if (this.#opened.channels.length > 0) this.#notifier.opened(review);
  }

  /** A review may have ended. Returns at once and never throws. */
  closed(review: string): void {
    if (this.#opened.channels.some(({ follows }) => follows)) this.#notifier.closed(review);
  }

  /** Something may have happened that nobody told us. */
  missed(): void {
    this.#notifier.missed();
  }

  /** Resolves when nothing is due and nothing is under way. */
  settled(): Promise<void> {
    return this.#notifier.settled();
  }

  noticeOf(review: Review): Pick<Notice, "url" | "requester" | "stepUp"> {
    const { nameOf, urlOf } = this.#options;
    return {
      url: urlOf(review.id),
      requester: [review.requester, ...review.actors].map(nameOf).join(", through "),
      stepUp: this.decisions.needsStepUp(review),
    };
  }

  /** The review as it is now. Throws review_unknown. */
  async noticeFor(id: string): Promise<Notice> {
    const { reviewOf, clock } = this.#options;
    const review = await reviewOf(id);
    if (review === undefined) throw new Refusal("review_unknown", `there is no review ${id} any more`);
    return { kind: "opened", review, state: stateAt(review, clock()), ...this.noticeOf(review) };
  }

  /** What a link asks, with the review. Decides nothing and uses nothing up. Throws link_invalid, link_expired, link_used, review_unknown. */
  async openLink(token: string): Promise<{ link: Link; notice: Notice }> {
    const { store, record } = this.#options;
    const link = await this.#readLink(token);
    const notice = await this.noticeFor(link.review);
    if (await store.openLink(link.id, OPENINGS_MAX)) {
      const facts = { channel: "email", decision: link.decision };
      await record({ name: "channel.link-opened", actor: link.person, target: link.review, facts });
    }
    return { link, notice };
  }

  /** Whether the pages of links show what will be sent. */
  get previews(): boolean {
    return this.#settings.email?.preview === true;
  }

  /**
   * What the link's review would send, masked, for the person of the link, some times; nothing is used up and nothing is decided. Throws
   * endpoint_unknown where the settings want it so, rate_limited, and as `openLink` and `Decisions.show` do.
   */
  async showLink(token: string, network: string | undefined): Promise<{ link: Link; notice: Notice; shown: Shown }> {
    const { store } = this.#options;
    const link = await this.#readLink(token);
    const { id, review, person } = link;
    if (!this.previews)
      throw await this.#refusedLink(
        new Refusal("endpoint_unknown", "links do not show what will be sent here (channels.email.preview)"),
      );
    // Before anything else, and in nobody's name: whoever has the link must not be able to fill the log.
    if (!(await store.showLink(id, SHOWINGS_MAX)))
      throw await this.#refusedLink(
        new Refusal("rate_limited", `this link has shown it ${SHOWINGS_MAX} times; log in to read it again`, {
          details: { review },
        }),
      );
    const shown = await this.decisions.show({ review, by: person, network, channel: "email" });
    return { link, notice: await this.noticeFor(review), shown };
  }

  /** Decides what the link says. It is used up if that counts. Throws as `openLink` and `Decisions.decide` do. */
  async useLink(token: string, network: string | undefined): Promise<Review> {
    const { store, clock } = this.#options;
    const link = await this.#readLink(token);
    const { review, person, decision } = link;
    if (!(await store.useLink(link.id, clock()))) throw await this.#refusedLink(used(), link);
    try {
      return await this.decisions.decide({ review, by: person, decision, network, channel: "email" });
    } catch (thrown) {
      await store.releaseLink(link.id);
      throw thrown;
    }
  }

  /** Undefined when clicks in Slack do not come over HTTP. */
  slackSigningSecret(): Secret | undefined {
    return this.#settings.slack?.signingSecret;
  }

  async takeClick(payload: unknown): Promise<void> {
    const { workspace } = this.#opened;
    if (workspace !== undefined) await takeClick(payload, workspace, { ...this.#options, decisions: this.decisions });
  }

  /** Other settings from now on. What is under way by the old ones is tried again by the new ones. */
  configure(settings: ChannelSettings): void {
    if (settings === this.#settings) return;
    this.#settings = settings;
    this.#change(settings).catch((thrown: unknown) => this.#options.onFault(toSluiceError(thrown)));
  }

  /** One change after another. */
  #change(settings: ChannelSettings): Promise<void> {
    this.#changing = this.#changing
      .catch(() => undefined)
      .then(async () => {
        const before = this.#opened;
        this.#opened = await this.#open(settings);
        await before.close();
        this.#notifier.missed();
      });
    return this.#changing;
  }

  async close(): Promise<void> {
    // Nothing new begins; what is under way is cut where that can be done, and is due again after the next start.
    await this.#changing.catch(() => undefined);
    const done = this.#notifier.close();
    await this.#opened.close();
    await this.#outbound.close();
    const patience = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref());
    await Promise.race([done, patience]);
  }

  async #readLink(token: string): Promise<Link> {
    try {
      return await readLink(token, this.#options.clock(), this.#links);
    } catch (thrown) {
      throw await this.#refusedLink(toSluiceError(thrown));
    }
  }

  async #refusedLink(error: SluiceError, link?: Link): Promise<SluiceError> {
    await this.decisions.refused(
      "email",
      error,
      link === undefined ? {} : { person: link.person, review: link.review },
    );
    return error;
  }

  /** What only one kind of channel needs is loaded for it alone. */
  async #open({ email, webhooks, slack }: ChannelSettings): Promise<Opened> {
    const { key, clock } = this.#options;
    const idKey = derived(key, "channel id");
    const idOf = (kind: string, of: string): string =>
      `${kind}-${createHmac("sha256", idKey).update(of).digest("hex").slice(0, 16)}`;
    const channels: Channel[] = webhooks.map((each) =>
      createWebhookChannel({
        ...each,
        id: `webhook-${each.name}`,
        url: new URL(each.url.reveal()),
        post: this.#outbound.post,
        clock,
      }),
    );
    const opened = [
      { channels, close: () => Promise.resolve() },
      ...(email === undefined ? [] : [await this.#openMail(email, (address) => idOf("email", address))]),
      ...(slack === undefined ? [] : [await this.#openSlack(slack, (room) => idOf("slack", room))]),
    ];
    const workspace = opened.map((each) => ("workspace" in each ? each.workspace : undefined)).find(Boolean);
    return {
      channels: opened.flatMap((each) => each.channels),
      ...(workspace === undefined ? {} : { workspace }),
      close: async () => {
        await Promise.all(opened.map((each) => each.close()));
      },
    };
  }

  async #openMail(
    { server, from, to, preview }: NonNullable<ChannelSettings["email"]>,
    idOf: (address: string) => string,
  ): Promise<Opened> {
    const { createMailChannel, openMail } = await import("./email.ts");
    const transport = openMail(server);
    const linkOf = async (link: Omit<Link, "id" | "usedAt">): Promise<string> =>
      `${this.#options.origin()}/decide/${await giveLink(link, this.#links)}`;
    const channels = to.map(({ address, person, groups }) =>
      createMailChannel({ id: idOf(address), transport, from, to: address, person, groups, preview, linkOf }),
    );
    return { channels, close: () => Promise.resolve(transport.close()) };
  }

  async #openSlack(slack: NonNullable<ChannelSettings["slack"]>, idOf: (room: string) => string): Promise<Opened> {
    const { createSlackChannel, openSlack } = await import("./slack.ts");
    const { token, team, rooms, people, appToken, apiUrl } = slack;
    const client = openSlack(token, apiUrl);
    const channels = rooms.map(({ room, groups }) => createSlackChannel({ id: idOf(room), client, room, groups }));
    const answer = (channel: string, user: string, text: string): Promise<unknown> =>
      client.chat.postEphemeral({ channel, user, text });
    const opened = { channels, workspace: { team, people, answer } };
    if (appToken === undefined) return { ...opened, close: () => Promise.resolve() };
    const { openSlackSocket } = await import("./slack-socket.ts");
    const { onFault } = this.#options;
    const take = (payload: unknown): Promise<void> => this.takeClick(payload);
    const socket = openSlackSocket({ appToken, take, onFault, ...(apiUrl === undefined ? {} : { apiUrl }) });
    return { ...opened, close: () => socket.close() };
  }
}

const CLOSED: Opened = { channels: [], close: () => Promise.resolve() };

/** HKDF-Expand (RFC 5869) of one block: a key of its own for each use. */
function derived(key: Uint8Array, use: string): Buffer {
  return createHmac("sha256", key).update(`sluice channels: ${use}\u0001`).digest();
}
