/**
 * What a provider's directory has told us of its people (SCIM): who there is, who is shut out, who is in which group. It holds a
 * name, an id and whether somebody is active, and nothing else of a person. Kept in SQL and in memory; what it says holds before
 * the directory gets its answer: whoever is not active any more is refused with the next request and what runs for him is ended.
 */
import { SluiceError } from "../core/errors.ts";
import type { Clock } from "../core/clock.ts";
import type { Disabled } from "./disabled.ts";
import type { Random } from "./key-format.ts";
import type { ProviderSettings } from "../core/identity.ts";
import { spelled } from "./spelling.ts";

export interface DirectoryUser {
  readonly id: string;
  readonly provider: string;
  readonly userName: string;
  readonly externalId?: string;
  readonly active: boolean;
  /** Gone from the directory; kept, so that a token which is still good lets nobody in. */
  readonly deleted: boolean;
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface DirectoryGroup {
  readonly id: string;
  readonly provider: string;
  readonly displayName: string;
  readonly externalId?: string;
  /** Ids of users. */
  readonly members: readonly string[];
  readonly createdAt: number;
  readonly changedAt: number;
}

/** Durable when it resolves. All reject with database_unavailable. */
export interface DirectoryStore {
  users(): Promise<readonly DirectoryUser[]>;
  groups(): Promise<readonly DirectoryGroup[]>;
  user(id: string): Promise<DirectoryUser | undefined>;
  group(id: string): Promise<DirectoryGroup | undefined>;
  putUser(user: DirectoryUser): Promise<void>;
  putGroup(group: DirectoryGroup): Promise<void>;
  removeGroup(id: string): Promise<void>;
}

export interface DirectoryOptions {
  readonly store: DirectoryStore;
  readonly disabled: Disabled;
  /** In force at the moment. */
  readonly providers: () => readonly Pick<ProviderSettings, "name" | "scim" | "foldsCase">[];
  readonly random: Random;
  readonly clock: Clock;
  /** Tells the other gateways of this database what to read again; each hands it to its `heard`. */
  readonly changed: (row: string) => void;
}

export type UserWords = Pick<DirectoryUser, "userName" | "active"> & { readonly externalId?: string | undefined };
export type GroupWords = Pick<DirectoryGroup, "displayName" | "members"> & { readonly externalId?: string | undefined };

const USERS_MAX = 200_000;
const GROUPS_MAX = 10_000;
export const MEMBERS_MAX = 50_000;

export class Directory {
  readonly #options: DirectoryOptions;
  readonly #users = new Map<string, DirectoryUser>();
  readonly #groups = new Map<string, DirectoryGroup>();
  /** Principal → ids of its users: several where one was deleted and made again. */
  readonly #rows = new Map<string, Set<string>>();
  /** User → groups. */
  readonly #groupsOf = new Map<string, Set<string>>();
  readonly #listeners = new Set<(principalIds: ReadonlySet<string>) => void>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** Reads all there is. Rejects with database_unavailable. */
  static async open(options: DirectoryOptions): Promise<Directory> {
    const directory = new Directory(options);
    await directory.reload();
    return directory;
  }

  /** After changes may have been missed, or the settings are others. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const [users, groups] = await Promise.all([this.#options.store.users(), this.#options.store.groups()]);
      for (const group of this.#groups.values()) this.#forgetGroup(group);
      for (const user of this.#users.values()) this.#forgetUser(user);
      for (const user of users) this.#rememberUser(user);
      for (const group of groups) this.#rememberGroup(group);
      this.#tell(this.#rows.keys());
    });
  }

  /** Another gateway has changed this row. */
  heard(row: string): Promise<void> {
    return this.#inTurn(async () => {
      const [kind, id = ""] = row.split(" ");
      if (kind === "user") {
        const user = await this.#options.store.user(id);
        if (user !== undefined) this.#apply(user);
      } else if (kind === "group") {
        const group = await this.#options.store.group(id);
        this.#applyGroup(id, group);
      }
    });
  }

  /** Called with the principals whose state or groups are others from now on. */
  onChanged(listener: (principalIds: ReadonlySet<string>) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * The groups that the directory says somebody is in, by display name; they count instead of those in a token. Undefined when
   * the directory does not say: it sends no groups, or does not know this person.
   */
  groupsOf(provider: string, subject: string): readonly string[] | undefined {
    if (this.#provider(provider)?.scim?.groups !== true) return undefined;
    const rows = [...(this.#rows.get(`${provider}:${subject}`) ?? [])].filter((id) => this.#isThere(id));
    if (rows.length === 0) return undefined;
    const groups = new Set(rows.flatMap((id) => [...(this.#groupsOf.get(id) ?? [])]));
    return [...groups].flatMap((id) => this.#groups.get(id)?.displayName ?? []);
  }

  /** True for somebody whom the directory had, and has deleted. */
  isGone(principalId: string): boolean {
    const rows = this.#rows.get(principalId);
    return rows !== undefined && rows.size > 0 && ![...rows].some((id) => this.#isThere(id));
  }

  userNameOf(principalId: string): string | undefined {
    const id = [...(this.#rows.get(principalId) ?? [])].find((each) => this.#isThere(each));
    return id === undefined ? undefined : this.#users.get(id)?.userName;
  }

  /** Those that are there and of which `is` is true, in the order of their ids. */
  users(provider: string, is: (user: DirectoryUser) => boolean): readonly DirectoryUser[] {
    return inOrder([...this.#users.values()].filter((user) => user.provider === provider && !user.deleted && is(user)));
  }

  groups(provider: string, is: (group: DirectoryGroup) => boolean): readonly DirectoryGroup[] {
    return inOrder([...this.#groups.values()].filter((group) => group.provider === provider && is(group)));
  }

  /** Throws directory_unknown. */
  user(provider: string, id: string): DirectoryUser {
    const user = this.#users.get(id);
    if (user === undefined || user.provider !== provider || user.deleted) throw unknown("user");
    return user;
  }

  group(provider: string, id: string): DirectoryGroup {
    const group = this.#groups.get(id);
    if (group === undefined || group.provider !== provider) throw unknown("group");
    return group;
  }

  /** Rejects with directory_conflict when the name is taken, and field_invalid when there are too many. */
  addUser(provider: string, words: UserWords): Promise<DirectoryUser> {
    return this.#inTurn(async () => {
      this.#checkFree(provider, words.userName);
      if (this.#users.size >= USERS_MAX) throw new SluiceError("field_invalid", `more than ${USERS_MAX} users`);
      const now = this.#options.clock();
      const user = { ...userOf(words), id: this.#newId(), provider, deleted: false, createdAt: now, changedAt: now };
      this.#checkNamed(user);
      return this.#keep(user);
    });
  }

  /** `change` gets what is there and gives what is to be there. */
  changeUser(provider: string, id: string, change: (user: DirectoryUser) => UserWords): Promise<DirectoryUser> {
    return this.#inTurn(async () => {
      const before = this.user(provider, id);
      const words = change(before);
      this.#checkFree(provider, words.userName, id);
      const { createdAt } = before;
      const after = { ...userOf(words), id, provider, deleted: false, createdAt, changedAt: this.#options.clock() };
      this.#checkNamed(after);
      // Somebody who is called otherwise from now on must not come in under the old name any more.
      if (this.#principalOf(before) !== this.#principalOf(after))
        await this.#keep({ ...before, id: this.#newId(), active: false, deleted: true });
      return this.#keep(after);
    });
  }

  removeUser(provider: string, id: string): Promise<void> {
    return this.#inTurn(async () => {
      const user = this.user(provider, id);
      await this.#keep({ ...user, active: false, deleted: true, changedAt: this.#options.clock() });
    });
  }

  addGroup(provider: string, words: GroupWords): Promise<DirectoryGroup> {
    return this.#inTurn(async () => {
      if (this.#groups.size >= GROUPS_MAX) throw new SluiceError("field_invalid", `more than ${GROUPS_MAX} groups`);
      const now = this.#options.clock();
      return this.#keepGroup({ ...this.#groupOf(provider, words), id: this.#newId(), createdAt: now, changedAt: now });
    });
  }

  changeGroup(provider: string, id: string, change: (group: DirectoryGroup) => GroupWords): Promise<DirectoryGroup> {
    return this.#inTurn(async () => {
      const before = this.group(provider, id);
      const words = this.#groupOf(provider, change(before));
      return this.#keepGroup({ ...words, id, createdAt: before.createdAt, changedAt: this.#options.clock() });
    });
  }

  removeGroup(provider: string, id: string): Promise<void> {
    return this.#inTurn(async () => {
      this.group(provider, id);
      await this.#options.store.removeGroup(id);
      this.#applyGroup(id, undefined);
      this.#options.changed(`group ${id}`);
    });
  }

  /** One after the other, reading too: each finds what the one before has left, and puts nothing back that was before it. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const run = this.#last.then(task, task);
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #keep(user: DirectoryUser): Promise<DirectoryUser> {
    await this.#options.store.putUser(user);
    this.#apply(user);
    this.#options.changed(`user ${user.id}`);
    return user;
  }

  async #keepGroup(group: DirectoryGroup): Promise<DirectoryGroup> {
    await this.#options.store.putGroup(group);
    this.#applyGroup(group.id, group);
    this.#options.changed(`group ${group.id}`);
    return group;
  }

  #apply(user: DirectoryUser): void {
    const before = this.#users.get(user.id);
    const principals = new Set(
      [before, user].flatMap((each) => (each === undefined ? [] : (this.#principalOf(each) ?? []))),
    );
    if (before !== undefined) this.#forgetUser(before);
    this.#rememberUser(user);
    this.#tell(principals);
  }

  #applyGroup(id: string, group: DirectoryGroup | undefined): void {
    const before = this.#groups.get(id);
    if (before !== undefined) this.#forgetGroup(before);
    if (group !== undefined) this.#rememberGroup(group);
    const members = new Set([...(before?.members ?? []), ...(group?.members ?? [])]);
    this.#tell([...members].flatMap((member) => this.#principalOf(this.#users.get(member)) ?? []));
  }

  /** Puts what the rows say of each principal into force. */
  #tell(principalIds: Iterable<string>): void {
    const changed = new Set(principalIds);
    for (const principalId of changed) {
      const rows = this.#rows.get(principalId);
      if (rows === undefined) continue;
      const isActive = [...rows].some((id) => this.#isThere(id) && this.#users.get(id)?.active === true);
      if (isActive) this.#options.disabled.enable(principalId);
      else this.#options.disabled.disable(principalId);
    }
    for (const listener of this.#listeners) listener(changed);
  }

  #rememberUser(user: DirectoryUser): void {
    this.#users.set(user.id, user);
    const principalId = this.#principalOf(user);
    if (principalId !== undefined) addTo(this.#rows, principalId, user.id);
  }

  #forgetUser(user: DirectoryUser): void {
    this.#users.delete(user.id);
    // Under whichever name it was remembered: the settings may have been others then.
    for (const subject of [user.externalId, user.userName].filter((each) => each !== undefined))
      for (const each of [subject, spelled(subject, { foldsCase: true })])
        this.#rows.get(`${user.provider}:${each}`)?.delete(user.id);
  }

  #rememberGroup(group: DirectoryGroup): void {
    this.#groups.set(group.id, group);
    for (const member of group.members) addTo(this.#groupsOf, member, group.id);
  }

  #forgetGroup(group: DirectoryGroup): void {
    this.#groups.delete(group.id);
    for (const member of group.members) this.#groupsOf.get(member)?.delete(group.id);
  }

  #isThere(id: string): boolean {
    return this.#users.get(id)?.deleted === false;
  }

  #provider(provider: string) {
    return this.#options.providers().find(({ name }) => name === provider);
  }

  /** Undefined when the directory has not said what tokens call this person. */
  #principalOf(user: DirectoryUser | undefined): string | undefined {
    if (user === undefined) return undefined;
    const provider = this.#provider(user.provider);
    const subject = provider?.scim?.subject === "user_name" ? user.userName : user.externalId;
    return subject === undefined ? undefined : `${user.provider}:${spelled(subject, provider ?? {})}`;
  }

  /** Whom no token is known by cannot be shut out, and a directory that is told "done" believes that he is. */
  #checkNamed(user: DirectoryUser): void {
    if (this.#principalOf(user) !== undefined) return;
    throw new SluiceError("field_invalid", "externalId is missing, and tokens name people by it (scim.subject)");
  }

  /** RFC 7643 section 4.1.1: `userName` is unique, and case does not count. */
  #checkFree(provider: string, userName: string, butFor?: string): void {
    const wanted = userName.toLowerCase();
    const others = this.users(provider, ({ id, userName }) => id !== butFor && userName.toLowerCase() === wanted);
    if (others.length > 0) throw new SluiceError("directory_conflict", "there is another user of this userName");
  }

  #groupOf(
    provider: string,
    { displayName, externalId, members }: GroupWords,
  ): Omit<DirectoryGroup, "id" | "createdAt" | "changedAt"> {
    const unique = [...new Set(members)];
    if (unique.length > MEMBERS_MAX) throw new SluiceError("field_invalid", `more than ${MEMBERS_MAX} members`);
    for (const member of unique) this.user(provider, member);
    return { provider, displayName, members: unique, ...(externalId === undefined ? {} : { externalId }) };
  }

  #newId(): string {
    return Buffer.from(this.#options.random(16)).toString("base64url");
  }
}

function userOf({
  userName,
  externalId,
  active,
}: UserWords): Pick<DirectoryUser, "userName" | "externalId" | "active"> {
  return { userName, active, ...(externalId === undefined ? {} : { externalId }) };
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

function inOrder<T extends { readonly id: string }>(list: T[]): readonly T[] {
  return list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function unknown(what: string): SluiceError {
  return new SluiceError("directory_unknown", `there is no ${what} of this id`);
}
