/**
 * `sluice approve` and `sluice reviews`: what waits for people at a running gateway, and their decisions. What others have written
 * is shown without the characters that a terminal would obey.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { visible } from "../core/visible.ts";
import { type ApiFlags, type ControlApi, openApi, withApi } from "./control-api.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import type { Terminal } from "./terminal.ts";
import { addVerb, type Cli, finish } from "./verb.ts";

/** What the gateway answers; docs/reviews.md and /openapi.json say what each part means. */
interface Review {
  readonly id: string;
  readonly url: string;
  readonly kind: "request" | "after-the-fact";
  readonly state: string;
  readonly requester: string;
  readonly agents: readonly string[];
  readonly purpose: string;
  readonly basis: string;
  readonly connection: string;
  readonly recipient: { readonly name: string; readonly country: string };
  readonly sending?: Sending;
  readonly categories: readonly string[];
  readonly risk: { readonly score: number; readonly reasons: readonly string[] };
  readonly approvals: readonly { readonly group: string; readonly people: number }[];
  readonly window_minutes?: number;
  readonly created_at: string;
  readonly expires_at: string;
  readonly votes: readonly { readonly person: string; readonly decision: string; readonly comment?: string }[];
  readonly preview?: string;
  readonly preview_complete?: boolean;
  readonly may_vote?: boolean;
  readonly grant?: Grant;
}

interface Sending {
  readonly endpoint: string;
  readonly model: string;
  readonly query: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

interface Grant {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly review: string;
  readonly expires_at: string;
}

interface Page {
  readonly reviews: readonly Review[];
  readonly next?: string;
}

interface Flags extends ApiFlags {
  readonly json?: boolean;
  readonly comment?: string;
  readonly mine?: boolean;
  readonly closed?: boolean;
  readonly every?: number;
  readonly purpose?: string;
  readonly reason?: string;
  readonly minutes?: number;
}

const FAILED = "the gateway refuses: not yours to decide, decided already, unknown";
const PAGE = 100;
const PAGES_MAX = 100;
const WATCH_S = 2;
const BREAK_GLASS_MINUTES = 15;
const WATCHED_MAX = 10_000;

type Work = (api: ControlApi, flags: Flags, id: string) => Promise<ExitCode>;

export function addApprove(program: Command, cli: Cli): void {
  const { terminal } = cli;
  const add = (parent: Command, verb: string, summary: string, examples: readonly string[], work: Work): Command => {
    const command = withApi(addVerb(parent, verb, { summary, examples, failed: FAILED }));
    return command.action((...given: unknown[]) => {
      const id = typeof given[0] === "string" ? given[0] : "";
      const flags: Flags = command.opts();
      return finish(cli, flags, async () => work(await openApi(command, flags), flags, id));
    });
  };
  const comment = ["--comment <text>", "seen by who asks and who decides"] as const;

  add(
    program,
    "approve <review>",
    "Say yes to a request that waits for approval; look at it first with `sluice reviews show`",
    [
      "sluice approve rv-5e9d… --key-file ~/.sluice-token",
      "sluice approve rv-5e9d… --comment 'contract of 3 May' --json",
    ],
    (api, flags, id) => vote(terminal, api, flags, id, "approve"),
  ).option(...comment);

  const reviews = program.command("reviews").description("What waits for approval at a running gateway");
  add(
    reviews,
    "list",
    "List what waits for your decision",
    ["sluice reviews list", "sluice reviews list --mine --closed --json"],
    (api, flags) => list(terminal, api, flags),
  )
    .option("--mine", "what you asked for, instead")
    .option("--closed", "what is decided, instead of what waits");
  add(
    reviews,
    "show <review>",
    "Show one, with what is to be sent, masked",
    ["sluice reviews show rv-5e9d…"],
    async (api, flags, id) => {
      const review = (await api.get(reviewPath(id))) as Review;
      if (flags.json === true) terminal.json(review);
      else show(terminal, review);
      return EXIT.ok;
    },
  );
  add(
    reviews,
    "deny <review>",
    "Say no",
    ["sluice reviews deny rv-5e9d… --comment 'no contract with this recipient'"],
    (api, flags, id) => vote(terminal, api, flags, id, "deny"),
  ).option(...comment);
  add(
    reviews,
    "revoke <grant>",
    "End a grant, and what runs under it",
    ["sluice reviews revoke gr-81c0…"],
    async (api, flags, id) => {
      const grant = (await api.post(`api/grants/${encodeURIComponent(id)}/revoke`)) as Grant;
      if (flags.json === true) terminal.json(grant);
      else terminal.line(`${grant.id} is ${grant.state}`);
      return EXIT.ok;
    },
  );
  add(
    reviews,
    "break-glass <connection>",
    "In an emergency: allow yourself what would wait for approval. It goes on record, and others review it afterwards",
    ["sluice reviews break-glass openai --purpose support --minutes 15 --reason 'ward 3 is cut off from its records'"],
    (api, flags, connection) => breakGlass(terminal, api, flags, connection),
  )
    .requiredOption("--purpose <id>", "what it is for")
    .requiredOption("--reason <text>", "why it cannot wait; seen by who looks at it afterwards")
    .addOption(new Option("--minutes <number>", "for how long").default(BREAK_GLASS_MINUTES).argParser(minutesOf));
  add(
    reviews,
    "watch",
    "Print each request that comes to wait for your decision, until you stop it; with --json a line of JSON each",
    ["sluice reviews watch", "sluice reviews watch --json --every 10"],
    (api, flags) => watch(terminal, api, flags),
  ).addOption(new Option("--every <seconds>", "how often to ask").default(WATCH_S).argParser(secondsOf));
}

const minutesOf = (text: string): number => {
  const minutes = Number(text);
  if (!(minutes > 0)) throw new InvalidArgumentError("a number of minutes, greater than 0");
  return minutes;
};

const reviewPath = (id: string): string => `api/reviews/${encodeURIComponent(id)}`;

async function vote(
  terminal: Terminal,
  api: ControlApi,
  flags: Flags,
  id: string,
  decision: "approve" | "deny",
): Promise<ExitCode> {
  const { comment } = flags;
  const body = comment === undefined ? { decision } : { decision, comment };
  const review = (await api.post(`${reviewPath(id)}/votes`, body)) as Review;
  if (flags.json === true) terminal.json(review);
  else if (review.state === "pending") {
    const needed = review.approvals.map(({ group, people }) => `${people} of ${group}`).join(", and ");
    terminal.line(`${review.id}: counted; still waits for others (needed: ${shown(needed)})`);
  } else terminal.line(`${review.id} is ${review.state}`);
  return EXIT.ok;
}

async function breakGlass(terminal: Terminal, api: ControlApi, flags: Flags, connection: string): Promise<ExitCode> {
  const { purpose, reason, minutes } = flags;
  const grant = (await api.post("api/break-glass", { connection, purpose, reason, minutes })) as Grant;
  if (flags.json === true) terminal.json(grant);
  else {
    terminal.line(
      `${grant.id} is ${grant.state} until ${grant.expires_at}; ${grant.review} waits for those who review it`,
    );
    terminal.note(`done before that? sluice reviews revoke ${grant.id}`);
  }
  return EXIT.ok;
}

async function list(terminal: Terminal, api: ControlApi, flags: Flags): Promise<ExitCode> {
  const reviews: Review[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { reviews: some, next } = await listed(api, flags, cursor);
    reviews.push(...some);
    cursor = next;
    if (cursor === undefined) break;
  }
  if (flags.json === true) terminal.json({ reviews, complete: cursor === undefined });
  else if (reviews.length === 0) terminal.note("nothing here");
  else for (const review of reviews) terminal.line(lineOf(review));
  if (cursor !== undefined) terminal.note("there are more");
  return EXIT.ok;
}

async function listed(api: ControlApi, flags: Flags, cursor?: string): Promise<Page> {
  const query = new URLSearchParams({
    view: flags.mine === true ? "requested" : "decide",
    state: flags.closed === true ? "closed" : "pending",
    limit: String(PAGE),
    ...(cursor === undefined ? {} : { cursor }),
  });
  return (await api.get(`api/reviews?${query.toString()}`)) as Page;
}

async function watch(terminal: Terminal, api: ControlApi, flags: Flags): Promise<ExitCode> {
  let seen = new Set<string>();
  for (;;) {
    const { reviews } = await listed(api, flags);
    for (const review of reviews.toReversed()) {
      if (seen.has(review.id)) continue;
      seen.add(review.id);
      terminal.line(flags.json === true ? JSON.stringify(review) : lineOf(review));
    }
    if (seen.size > WATCHED_MAX) seen = new Set(reviews.map(({ id }) => id));
    await new Promise((resolve) => setTimeout(resolve, (flags.every ?? WATCH_S) * 1_000));
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 3_600)) throw new InvalidArgumentError("between 0.1 and 3600 seconds");
  return seconds;
}

function lineOf({ id, state, requester, purpose, recipient, risk, expires_at: expires }: Review): string {
  return shown(
    `${id}  ${state}  risk ${risk.score}  ${requester}: ${purpose}, to ${recipient.name} (${recipient.country}), until ${expires}`,
  );
}

function show(terminal: Terminal, review: Review): void {
  const { bold } = terminal.colors;
  const { requester, agents, recipient, risk, grant, window_minutes: minutes } = review;
  const rows: [string, string][] = [
    ["state", review.state],
    ["who asks", [requester, ...agents].join(", through ")],
    ["purpose", `${review.purpose} (${review.basis})`],
    ["goes to", `${recipient.name}, ${recipient.country} (connection ${review.connection})`],
    ...(review.sending === undefined ? [] : [["how", wayOf(review.sending)] satisfies [string, string]]),
    ["found", review.categories.join(", ") || "no personal data"],
    ["risk", `${risk.score} of 100${risk.reasons.length === 0 ? "" : `: ${risk.reasons.join("; ")}`}`],
    [
      "a yes allows",
      minutes === undefined ? "this request, once" : `requests of this kind to this endpoint for ${minutes} minutes`,
    ],
    ["needed", review.approvals.map(({ group, people }) => `${people} of ${group}`).join(", and ")],
    ["decide by", review.expires_at],
    ["in a browser", review.url],
  ];
  if (review.kind === "after-the-fact")
    rows.splice(
      rows.findIndex(([name]) => name === "a yes allows"),
      1,
      ["what it is", "the glass was broken; a no ends what still runs"],
    );
  if (grant !== undefined)
    rows.push(["grant", `${grant.id} (${grant.kind}, ${grant.state}, until ${grant.expires_at})`]);
  for (const { person, decision, comment } of review.votes) {
    rows.push(["vote", `${person}: ${decision}${comment === undefined ? "" : `, "${comment}"`}`]);
  }
  terminal.line(bold(review.id));
  for (const [name, value] of rows) terminal.line(`  ${name.padEnd(13)} ${shown(value)}`);
  if (review.preview === undefined) return;
  const what = review.kind === "request" ? "What will be sent, masked" : "Why the glass was broken";
  terminal.line(`\n${bold(what)}${review.preview_complete === false ? " (only the beginning)" : ""}`);
  terminal.line(shown(review.preview));
}

function wayOf({ endpoint, model, query, headers }: Sending): string {
  const passed = headers.map(({ name, value }) => `${name}: ${value}`);
  return [endpoint, model === "" ? "" : `model ${model}`, query === "" ? "" : `?${query}`, ...passed]
    .filter((part) => part !== "")
    .join("; ");
}

/** For any terminal, in ASCII. */
function shown(text: string): string {
  return visible(text, (number) => `<${number}>`);
}
