/**
 * Who people are while they are not here: what their provider said last of those who may decide something, and the names of those
 * whose requests others decide. Kept in SQL, so that a restart, a reload and another gateway know as much as this one. Rights are
 * never kept: they are worked out when they are asked for, from the configuration, the directory and what is disabled at that
 * moment. Nobody is remembered for longer than `rememberMs` after he last came in himself.
 */
import type { Clock } from "../core/clock.ts";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { IdentitySettings } from "../core/identity.ts";
import type { Principal } from "../core/principal.ts";
import type { Asserted } from "./claims.ts";
import type { Directory } from "./directory.ts";
import type { Disabled } from "./disabled.ts";
import { cleanName, withName } from "./person-name.ts";
import { Recent } from "./recent.ts";
import { principalOf, rightsTable } from "./rights.ts";
import { type Speller, speller } from "./spelling.ts";

export interface Person {
  /** `provider:subject`. */
  readonly id: string;
  /** Values of the groups claim that mean something here; none of somebody who decides nothing. */
  readonly groups: readonly string[];
  /** Cleaned. */
  readonly name?: string;
  /** When the provider said so, in milliseconds since the epoch. */
  readonly saidAt: number;
  /** The last day on which he came in, counted from the epoch in UTC. */
  readonly seenDay: number;
}

/** Durable when it resolves. All reject with database_unavailable. */
export interface PeopleStore {
  /** At most `max`, those seen last first. */
  all(max: number): Promise<readonly Person[]>;
  get(id: string): Promise<Person | undefined>;
  /** Of two words of the provider the later one stays, whichever comes last; so does the later day, and a name until there is another. */
  put(person: Person): Promise<void>;
  remove(id: string): Promise<void>;
  /** Removes who was not seen since before this day. */
  purge(day: number): Promise<void>;
}

export interface PeopleOptions {
  readonly store: PeopleStore;
  readonly disabled: Pick<Disabled, "has">;
  readonly directory: Pick<Directory, "groupsOf" | "isGone" | "onChanged" | "userNameOf">;
  /** In force at the start. */
  readonly settings: IdentitySettings;
  /** Whether what others ask for may be decided with these rights. */
  readonly decides: (principal: Pick<Principal, "roles">) => boolean;
  readonly clock: Clock;
  /** Tells the other gateways of this database whom to read again; each hands it to its `heardOf`. */
  readonly changed: (id: string) => void;
  /** Gets what goes wrong in the background. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
  readonly peopleMax?: number;
}

const DAY_MS = 86_400_000;
const PEOPLE_MAX = 20_000;

export class People {
  readonly #options: PeopleOptions;
  readonly #max: number;
  #settings: IdentitySettings;
  #table: ReturnType<typeof rightsTable>;
  #spell: Speller;
  /** The rows, as far as they are known here: for names, and to write no row twice. Who was changed longest ago comes first. */
  readonly #rows = new Map<string, Person>();
  /** What was heard here of anybody: of most of them nothing needs to be kept. */
  readonly #heard: Recent<Person>;
  /** Whose row is not yet as it is here. */
  readonly #behind = new Set<string>();
  #writing: Promise<void> | undefined;
  #sweptDay: number | undefined;

  private constructor(options: PeopleOptions) {
    this.#options = options;
    this.#max = options.peopleMax ?? PEOPLE_MAX;
    this.#heard = new Recent(this.#max);
    this.#settings = options.settings;
    this.#table = rightsTable(options.settings);
    this.#spell = speller(options.settings);
  }

  /** Reads all there is. Rejects with database_unavailable. */
  static async open(options: PeopleOptions): Promise<People> {
    const people = new People(options);
    await people.reload();
    options.directory.onChanged((ids) => people.#forgetGone(ids));
    return people;
  }

  /** After changes of other gateways may have been missed. */
  async reload(): Promise<void> {
    const before = [...this.#rows.keys()];
    const rows = await this.#readAll();
    const there = new Set(rows.map(({ id }) => id));
    for (const id of before) if (!there.has(id) && !this.#behind.has(id)) this.#rows.delete(id);
    for (const person of rows.toReversed()) this.#learn(person);
    this.#forgetGone(this.#rows.keys());
  }

  /** Another gateway has written or removed this one. */
  async heardOf(id: string): Promise<void> {
    const person = await this.#options.store.get(id);
    if (person !== undefined) this.#learn(person);
    else if (!this.#behind.has(id)) this.#rows.delete(id);
  }

  /** Other groups, and another time for which people are remembered. Nobody is forgotten by it. */
  configure(settings: IdentitySettings): void {
    this.#settings = settings;
    this.#table = rightsTable(settings);
    this.#spell = speller(settings);
    this.#sweptDay = undefined;
  }

  /**
   * A provider has vouched for somebody who came in himself, at whichever door. Called also when he is refused, since that he is
   * in no group any more is news. Returns at once.
   */
  heard(asserted: Asserted): void {
    const { provider, subject, kind, actors, client } = asserted;
    const id = `${provider}:${subject}`;
    const { agents, mapped } = this.#table;
    // What an agent holds says nothing of where its person is.
    if (kind !== "human" || actors.length > 0 || [id, client].some((each) => each !== undefined && agents.has(each)))
      return;
    if (this.#options.disabled.has(id)) return;
    const now = this.#options.clock();
    const saidAt = asserted.saidAt ?? now;
    const known = this.#rows.get(id) ?? this.#heard.get(id);
    // An older credential that is still good proves that he is here, and not what has changed since it was written.
    if (known !== undefined && saidAt < known.saidAt) return this.#seen(known);
    const decides = this.#decides(asserted);
    const name = asserted.name ?? known?.name;
    const groups = decides ? asserted.groups.filter((value) => mapped.has(`${provider}:${value}`)).toSorted() : [];
    const person: Person = { id, groups, saidAt, seenDay: dayOf(now), ...(name === undefined ? {} : { name }) };
    this.#heard.set(id, person);
    if (decides || this.#rows.has(id)) this.#keep(person);
  }

  /** Somebody was let in. Stands before each request of the control API: looks into memory and waits for nothing. */
  note(principal: Principal): void {
    const { id, kind, provider, actors } = principal;
    if (provider === undefined || kind !== "human" || actors.length > 0) return;
    const known = this.#rows.get(id);
    if (known !== undefined) return this.#seen(known);
    const heard = this.#options.decides(principal) ? this.#heard.get(id) : undefined;
    if (heard !== undefined) this.#keep({ ...heard, seenDay: dayOf(this.#options.clock()) });
  }

  /** Others are to decide what somebody asks for, and need his name. Returns at once. */
  asks(id: string): void {
    const heard = this.#rows.has(id) ? undefined : this.#heard.get(id);
    if (heard?.name !== undefined) this.#keep(heard);
  }

  /**
   * Who somebody is at this moment, with the rights of now; undefined when nobody has vouched for him for too long, or he is
   * disabled. Rejects with permission_missing for somebody who has no rights left, and database_unavailable.
   */
  async principalOf(id: string): Promise<Principal | undefined> {
    const said = await this.#lastSaid(id);
    if (said === undefined) return undefined;
    const principal = this.#principal(said);
    if (principal !== undefined) return principal;
    throw new SluiceError(
      "permission_missing",
      "by what your provider said last you are in no group that decides anything here (identity.groups)",
    );
  }

  /** Groups that somebody is in at this moment. Rejects with database_unavailable. */
  async groupsOf(id: string): Promise<readonly string[]> {
    const said = await this.#lastSaid(id);
    return said === undefined ? [] : (this.#principal(said)?.groups ?? []);
  }

  /** The id, and the name where one is known: `corp:00u1 “Olga Ott”`. For people's eyes alone. */
  nameOf(id: string): string {
    return withName(id, this.#rows.get(id)?.name ?? cleanName(this.#options.directory.userNameOf(id)));
  }

  /** Call every minute or so: tries again what could not be written, and once a day forgets whom it is time to forget. */
  async sweep(): Promise<void> {
    if (this.#behind.size > 0) this.#write();
    const now = this.#options.clock();
    const today = dayOf(now);
    if (this.#sweptDay === today) return;
    const before = this.#forgottenBefore(now);
    await this.#options.store.purge(before);
    this.#sweptDay = today;
    for (const { id, seenDay } of this.#rows.values()) if (seenDay < before) this.#rows.delete(id);
  }

  /** Resolves when all is written that can be. */
  async close(): Promise<void> {
    await this.#writing;
  }

  /** A row as the database has it. What was heard here later than that was heard of no row, and counts more. */
  #learn(person: Person): void {
    const { id, saidAt } = person;
    if (this.#behind.has(id)) return;
    this.#rows.set(id, person);
    const heard = this.#heard.get(id);
    if (heard !== undefined && heard.saidAt > saidAt) this.#keep(heard);
  }

  /** Rows of people whom the settings spell otherwise by now come under the id of now. */
  async #readAll(): Promise<readonly Person[]> {
    const { store } = this.#options;
    const rows = await store.all(this.#max);
    const old = rows.filter(({ id }) => this.#spell(id) !== id);
    for (const person of old) {
      await store.put({ ...person, id: this.#spell(person.id) });
      await store.remove(person.id);
    }
    return old.length === 0 ? rows : store.all(this.#max);
  }

  /** From the database, since he may have shown up at another gateway. `as`: somebody may have been written down otherwise. */
  async #lastSaid(as: string): Promise<Asserted | undefined> {
    const { store, clock, disabled } = this.#options;
    const id = this.#spell(as);
    await this.#saved(id);
    const person = await store.get(id);
    if (person === undefined || disabled.has(id)) return undefined;
    const expiresAt = (person.seenDay + 1) * DAY_MS + this.#settings.rememberMs;
    if (clock() >= expiresAt) return undefined;
    return { ...partsOf(id), kind: "human", groups: person.groups, actors: [], expiresAt };
  }

  #decides(asserted: Asserted): boolean {
    const principal = this.#principal(asserted);
    return principal !== undefined && this.#options.decides(principal);
  }

  /** Undefined for somebody who has no rights here. */
  #principal(asserted: Asserted): Principal | undefined {
    const { provider, subject, groups: said } = asserted;
    const groups = this.#options.directory.groupsOf(provider, subject) ?? said;
    try {
      return principalOf({ ...asserted, groups }, this.#table, `remembered:${provider}`);
    } catch (thrown) {
      if (toSluiceError(thrown).kind === "denied") return undefined;
      throw thrown;
    }
  }

  #seen(person: Person): void {
    const seenDay = dayOf(this.#options.clock());
    if (person.seenDay !== seenDay && this.#rows.has(person.id)) this.#keep({ ...person, seenDay });
  }

  /** Writes what is different; that the provider has said the same once more is not. */
  #keep(person: Person): void {
    const { id } = person;
    const before = this.#rows.get(id);
    this.#rows.delete(id);
    this.#rows.set(id, person);
    if (before !== undefined && isSame(before, person)) return;
    this.#behind.add(id);
    const [eldest] = this.#rows.size > this.#max ? this.#rows.keys() : [];
    if (eldest !== undefined) this.#forget(eldest);
    this.#write();
  }

  #forget(id: string): void {
    this.#rows.delete(id);
    this.#heard.delete(id);
    this.#behind.add(id);
  }

  /** Whom the directory has deleted, of these. */
  #forgetGone(ids: Iterable<string>): void {
    const gone = [...ids].filter((id) => this.#rows.has(id) && this.#options.directory.isGone(id));
    for (const id of gone) this.#forget(id);
    if (gone.length > 0) this.#write();
  }

  /** One row after the other, in the background. What fails is tried again by the sweep, and by a vote that needs it. */
  #write(): void {
    this.#writing ??= this.#catchUp()
      .catch((thrown: unknown) => this.#options.onFault(toSluiceError(thrown)))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #catchUp(): Promise<void> {
    // Whoever is added meanwhile is met too.
    for (const id of this.#behind) await this.#writeOne(id);
  }

  async #writeOne(id: string): Promise<void> {
    const { store, changed } = this.#options;
    const person = this.#rows.get(id);
    this.#behind.delete(id);
    try {
      await (person === undefined ? store.remove(id) : store.put(person));
    } catch (thrown) {
      this.#behind.add(id);
      throw thrown;
    }
    changed(id);
  }

  /** Resolves once the row is as it is here: a vote counts wherever it is counted only if its voter is known there. */
  async #saved(id: string): Promise<void> {
    await this.#writing;
    if (this.#behind.has(id)) await this.#writeOne(id);
  }

  #forgottenBefore(now: number): number {
    return dayOf(now - this.#settings.rememberMs);
  }
}

function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

function isSame(one: Person, other: Person): boolean {
  return one.name === other.name && one.seenDay === other.seenDay && one.groups.join("\n") === other.groups.join("\n");
}

/** A provider's name has no colon. */
function partsOf(id: string): Pick<Asserted, "provider" | "subject"> {
  const colon = id.indexOf(":");
  return { provider: id.slice(0, colon), subject: id.slice(colon + 1) };
}
