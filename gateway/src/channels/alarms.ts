/**
 * Alarms: what happens here that smells of an attack, or of a log that is broken, told to who looks after the gateway. One table says
 * what counts, how often until it is an alarm, and what to do. An alarm holds its kind and its hour and nothing of anybody, and each
 * kind is told once an hour, whatever an attacker sends; how often it happened stands on the log.
 */
import type { Clock } from "../core/clock.ts";
import type { Code, SluiceError } from "../core/errors.ts";
import type { ControlEvent } from "../core/event.ts";

interface Row {
  /** Of refusals and faults. */
  readonly codes?: readonly Code[];
  /** On record. */
  readonly events?: readonly string[];
  /** So often in an hour; what happens by accident, or to everybody on the internet, is none before. */
  readonly times: number;
  /** Names nobody: it stands in subjects of mails. */
  readonly title: string;
  readonly todo: string;
}

const ALARMS = {
  "passkey-cloned": {
    events: ["passkey.cloned"],
    times: 1,
    title: "there may be a copy of somebody's passkey",
    todo:
      "The yes was refused. Find the person in the event passkey.cloned, have the passkey removed at /passkeys and a new one registered, " +
      "and look at what was approved with it.",
  },
  "assertion-replayed": {
    codes: ["assertion_replayed"],
    times: 1,
    title: "a login was sent a second time",
    todo: "It was refused. Somebody has seen an assertion of the SAML provider: look at what stands between people's browsers and this gateway.",
  },
  "credentials-guessed": {
    codes: ["key_invalid", "token_invalid", "certificate_invalid"],
    times: 100,
    title: "somebody tries credentials",
    todo: "They were refused. If no client of yours was set up wrongly, keep its network out; rotate a key whose id is tried again and again.",
  },
  "links-guessed": {
    codes: ["link_invalid"],
    times: 20,
    title: "somebody tries links to decide with",
    todo: "They were refused, and cannot be guessed. Keep the network out that they come from.",
  },
  "clicks-forged": {
    codes: ["signature_invalid", "message_replayed"],
    times: 10,
    title: "somebody sends clicks that Slack has not signed",
    todo: "They were refused. If it is Slack that sends them, its signing secret is another by now; else keep the network out.",
  },
  "forms-forged": {
    codes: ["form_token_invalid"],
    times: 20,
    title: "forms are sent from pages that are not of this gateway",
    todo: "They were refused. Ask people which page they came from: it may try to act in their name.",
  },
  "seal-broken": {
    codes: ["seal_invalid"],
    times: 1,
    title: "a sealed value was altered or moved",
    todo: "It was not opened. Whoever can write the control database or the custody folder may have done it: compare with a backup.",
  },
  "log-contradicted": {
    events: ["witness.conflict"],
    times: 1,
    title: "a witness knows another history of the evidence log",
    todo:
      "Somebody may have put back an old copy of the log, or rewritten it. Keep the folder as it is; get the witness's checkpoint " +
      "(docs/witness.md), and run `sluice verify --earlier` with it.",
  },
  "log-unwitnessed": {
    codes: ["witness_quorum_missing"],
    times: 1,
    title: "too few witnesses cosign the evidence log",
    todo: "See which are away in /metrics (sluice_witness_state) and in the events witness.away. Where they are required, requests are refused meanwhile.",
  },
  "export-away": {
    events: ["export.away", "export.skipped"],
    times: 1,
    title: "evidence does not reach the place it is sent on to",
    todo: "Nothing is lost as long as the log is kept. GET /api/exports says which destination it is and what it answers (docs/export.md).",
  },
  "log-broken": {
    codes: ["evidence_corrupt", "evidence_unavailable"],
    times: 1,
    title: "the evidence log cannot be written, or is not what was signed",
    todo: "Requests are refused until it can. Look at the disk first; then run `sluice verify` on a copy of the folder, and keep the folder as it is.",
  },
} as const satisfies Readonly<Record<string, Row>>;

export type AlarmKind = keyof typeof ALARMS;

export interface Alarm extends Pick<Row, "title" | "todo"> {
  readonly id: string;
  readonly kind: AlarmKind;
  /** Beginning of the hour in which it was raised; milliseconds since the epoch. */
  readonly hour: number;
}

export interface AlarmsOptions {
  readonly clock: Clock;
  /** Called for each kind at most once an hour. Must not throw. */
  readonly raise: (alarm: Alarm) => void;
}

const HOUR_MS = 3_600_000;
const ID = /^alarm-([a-z-]+)-(\d{1,9})$/;

const BY_SIGN: ReadonlyMap<string, AlarmKind> = new Map(
  Object.entries(ALARMS as Readonly<Record<string, Row>>).flatMap(([kind, { codes = [], events = [] }]) =>
    [...codes, ...events].map((sign) => [sign, kind as AlarmKind] as const),
  ),
);

/** The same for all gateways of a database in the same hour, so that one of them tells. */
function alarmOf(kind: AlarmKind, hours: number): Alarm {
  const { title, todo } = ALARMS[kind];
  return { id: `alarm-${kind}-${hours}`, kind, hour: hours * HOUR_MS, title, todo };
}

/** Undefined for what is no alarm of this version. */
export function alarmFrom(id: string): Alarm | undefined {
  const [, kind = "", hours = ""] = ID.exec(id) ?? [];
  return Object.hasOwn(ALARMS, kind) ? alarmOf(kind as AlarmKind, Number(hours)) : undefined;
}

export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #seen = new Map<AlarmKind, { hours: number; times: number }>();
  /** One and the same may come by two ways. */
  readonly #counted = new WeakSet<SluiceError>();

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /** A request was refused, or something failed. */
  saw(error: SluiceError): void {
    const kind = BY_SIGN.get(error.code);
    if (kind === undefined || this.#counted.has(error)) return;
    this.#counted.add(error);
    this.#count(kind);
  }

  /** Something is on record. */
  heard({ name }: ControlEvent): void {
    this.#count(BY_SIGN.get(name));
  }

  #count(kind: AlarmKind | undefined): void {
    if (kind === undefined) return;
    const hours = Math.floor(this.#options.clock() / HOUR_MS);
    const before = this.#seen.get(kind);
    const times = before?.hours === hours ? before.times + 1 : 1;
    this.#seen.set(kind, { hours, times });
    if (times === ALARMS[kind].times) this.#options.raise(alarmOf(kind, hours));
  }
}
