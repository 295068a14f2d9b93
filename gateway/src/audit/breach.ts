/**
 * What the log says of a stolen credential, a session or a stretch of time: whose requests, which categories of data, to which
 * recipients, how much, from when to when. GDPR Art. 33(3) asks for that within 72 hours of becoming aware of a breach; this
 * gathers what was recorded and draws no conclusion. It holds no value and no name of a person: principals are pseudonyms.
 */
import type { Leaf } from "@sluice/verifier";
import type { Found } from "./scan.ts";

export interface BreachReport {
  /** Of the first and the last record that is meant; absent when there is none. */
  readonly first?: string;
  readonly last?: string;
  readonly exchanges: {
    readonly total: number;
    /** The recipient answered, so it had the request. */
    readonly answered: number;
    /** An intent that failed or was cancelled before any answer: what reached the recipient is not known. */
    readonly unanswered: number;
    /** No outcome is on record: running, or cut off by a crash. */
    readonly open: number;
    readonly refused: number;
  };
  readonly bytes: { readonly sent: number; readonly received: number };
  readonly principals: readonly Share[];
  readonly connections: readonly Share[];
  readonly recipients: readonly (Share & { readonly country: string })[];
  readonly purposes: readonly (Share & { readonly dpv: string; readonly basis: string })[];
  readonly models: readonly Share[];
  /** Findings by category in what was asked for, whether it was replaced or not; refused requests apart. */
  readonly categories: readonly Count[];
  /** Signals of special categories (GDPR Art. 9). */
  readonly special: readonly Count[];
  readonly types: readonly TypeCount[];
  /** Findings that the model wrote by itself and that were masked, and values that were put back into answers. */
  readonly answers: { readonly masked: readonly Count[]; readonly restored: readonly Count[] };
  /** Parts that were not scanned, by kind, that were allowed to pass. */
  readonly unscanned: readonly Count[];
  /** Why requests were refused. */
  readonly refusals: readonly Count[];
  /** What else the same principals did, by name of the event. */
  readonly events: readonly Count[];
  /** Configurations that were in force, by hash. */
  readonly policies: readonly Share[];
}

export interface Count {
  readonly name: string;
  readonly count: number;
}

export interface Share {
  readonly name: string;
  readonly exchanges: number;
  readonly first: string;
  readonly last: string;
}

export interface TypeCount {
  readonly name: string;
  readonly found: number;
  /** Of them, those that went to the recipient as they were. */
  readonly clear: number;
  /** Of them, those of exchanges in which they were replaced, by operator. */
  readonly operators: Readonly<Record<string, number>>;
}

interface Tally {
  exchanges: number;
  first: string;
  last: string;
}

export class BreachTally {
  #first: string | undefined;
  #last: string | undefined;
  readonly #exchanges = { total: 0, answered: 0, unanswered: 0, refused: 0 };
  #ended = 0;
  readonly #bytes = { sent: 0, received: 0 };
  readonly #principals = new Shares();
  readonly #connections = new Shares();
  readonly #recipients = new Shares();
  readonly #countries = new Map<string, string>();
  readonly #purposes = new Shares();
  readonly #bases = new Map<string, { dpv: string; basis: string }>();
  readonly #models = new Shares();
  readonly #policies = new Shares();
  readonly #categories = new Counter();
  readonly #special = new Counter();
  readonly #types = new Map<string, { found: number; clear: number; operators: Map<string, number> }>();
  readonly #masked = new Counter();
  readonly #restored = new Counter();
  readonly #unscanned = new Counter();
  readonly #refusals = new Counter();
  readonly #events = new Counter();

  add({ leaf }: Found): void {
    const time = textOf(leaf, "time");
    if (leaf.type !== "outcome") {
      if (this.#first === undefined || time < this.#first) this.#first = time;
      if (this.#last === undefined || time > this.#last) this.#last = time;
    }
    switch (leaf.type) {
      case "intent":
        this.#intent(leaf, time);
        break;
      case "outcome":
        this.#outcome(leaf);
        break;
      case "denial":
        this.#exchanges.refused += 1;
        this.#refusals.add(textOf(leaf, "code"), 1);
        this.#principals.add(textOf(leaf, "principal"), time);
        break;
      default:
        this.#events.add(textOf(leaf, "name"), 1);
    }
  }

  report(): BreachReport {
    return {
      ...(this.#first === undefined ? {} : { first: this.#first }),
      ...(this.#last === undefined ? {} : { last: this.#last }),
      exchanges: { ...this.#exchanges, open: this.#exchanges.total - this.#ended },
      bytes: { ...this.#bytes },
      principals: this.#principals.list(),
      connections: this.#connections.list(),
      recipients: this.#recipients.list().map((each) => ({ ...each, country: this.#countries.get(each.name) ?? "" })),
      purposes: this.#purposes
        .list()
        .map((each) => ({ ...each, ...(this.#bases.get(each.name) ?? { dpv: "", basis: "" }) })),
      models: this.#models.list(),
      categories: this.#categories.list(),
      special: this.#special.list(),
      types: [...this.#types]
        .map(([name, { found, clear, operators }]) => ({
          name,
          found,
          clear,
          operators: Object.fromEntries(operators),
        }))
        .toSorted((one, other) => other.found - one.found || (one.name < other.name ? -1 : 1)),
      answers: { masked: this.#masked.list(), restored: this.#restored.list() },
      unscanned: this.#unscanned.list(),
      refusals: this.#refusals.list(),
      events: this.#events.list(),
      policies: this.#policies.list(),
    };
  }

  #intent(leaf: Leaf, time: string): void {
    this.#exchanges.total += 1;
    this.#bytes.sent += numberOf(leaf, "bytes");
    this.#principals.add(textOf(leaf, "principal"), time);
    this.#connections.add(textOf(leaf, "connection"), time);
    this.#models.add(textOf(leaf, "model"), time);
    this.#policies.add(textOf(leaf, "policy"), time);
    const purpose = textOf(leaf, "purpose");
    this.#purposes.add(purpose, time);
    this.#bases.set(purpose, { dpv: textOf(leaf, "dpv"), basis: textOf(leaf, "basis") });
    const recipient = recordOf(leaf["recipient"]);
    const id = typeof recipient["id"] === "string" ? recipient["id"] : "";
    this.#recipients.add(id, time);
    if (typeof recipient["country"] === "string") this.#countries.set(id, recipient["country"]);
    this.#categories.addAll(leaf["categories"]);
    this.#special.addAll(leaf["special"]);
    if (leaf["opaqueRule"] === "allow") this.#unscanned.addAll(leaf["opaque"]);
    const operators = recordOf(leaf["operators"]);
    for (const [type, count] of countsOf(leaf["found"])) {
      const known = this.#types.get(type) ?? { found: 0, clear: 0, operators: new Map<string, number>() };
      this.#types.set(type, known);
      const operator = typeof operators[type] === "string" ? operators[type] : "";
      known.found += count;
      if (operator === "allow") known.clear += count;
      else known.operators.set(operator, (known.operators.get(operator) ?? 0) + count);
    }
  }

  #outcome(leaf: Leaf): void {
    this.#ended += 1;
    this.#bytes.received += numberOf(leaf, "bytes");
    this.#masked.addAll(leaf["masked"]);
    this.#restored.addAll(leaf["restored"]);
    if (typeof leaf["upstreamStatus"] === "number") this.#exchanges.answered += 1;
    else this.#exchanges.unanswered += 1;
  }
}

class Counter {
  readonly #counts = new Map<string, number>();

  add(name: string, count: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  addAll(counts: unknown): void {
    for (const [name, count] of countsOf(counts)) this.add(name, count);
  }

  list(): Count[] {
    return [...this.#counts]
      .map(([name, count]) => ({ name, count }))
      .toSorted((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1));
  }
}

class Shares {
  readonly #tallies = new Map<string, Tally>();

  /** Absent names (`""`) are not counted. */
  add(name: string, time: string): void {
    if (name === "") return;
    const known = this.#tallies.get(name);
    if (known === undefined) {
      this.#tallies.set(name, { exchanges: 1, first: time, last: time });
      return;
    }
    known.exchanges += 1;
    if (time < known.first) known.first = time;
    if (time > known.last) known.last = time;
  }

  list(): Share[] {
    return [...this.#tallies]
      .map(([name, tally]) => ({ name, ...tally }))
      .toSorted((one, other) => other.exchanges - one.exchanges || (one.name < other.name ? -1 : 1));
  }
}

function textOf(leaf: Leaf, name: string): string {
  const value = leaf[name];
  return typeof value === "string" ? value : "";
}

function numberOf(leaf: Leaf, name: string): number {
  const value = leaf[name];
  return typeof value === "number" ? value : 0;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function countsOf(value: unknown): [string, number][] {
  return Object.entries(recordOf(value)).filter((each): each is [string, number] => typeof each[1] === "number");
}
