/**
 * Which groups a person is in now, as far as this process knows: of an API key's owner by the configuration, of everybody else by
 * what was last proven here. Whoever was not seen since the start, or is disabled, is in none: an approval then needs a vote more.
 */
import type { Key } from "../config/load.ts";
import type { Principal } from "../core/principal.ts";
import type { Disabled } from "../identity/disabled.ts";
import { Recent } from "../identity/recent.ts";

const PEOPLE_MAX = 20_000;

export class Membership {
  readonly #disabled: Disabled;
  readonly #seen = new Recent<Principal>(PEOPLE_MAX);
  #owners: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  constructor(disabled: Disabled, keys: readonly Key[]) {
    this.#disabled = disabled;
    this.configure(keys);
  }

  /** Other groups may mean something else from now on: everybody has to be seen again. */
  configure(keys: readonly Key[]): void {
    const owners = new Map<string, Set<string>>();
    for (const { principal } of keys) {
      const groups = owners.get(principal.id) ?? new Set();
      owners.set(principal.id, groups);
      for (const group of principal.groups) groups.add(group);
    }
    this.#owners = owners;
    this.#seen.forget(() => true);
  }

  /** Somebody has just proven who he is. What an agent has proven is not its person's presence. */
  note(principal: Principal): void {
    if (principal.provider !== undefined && principal.actors.length === 0) this.#seen.set(principal.id, principal);
  }

  groupsOf(person: string): readonly string[] {
    if (this.#disabled.has(person)) return [];
    return [...(this.#owners.get(person) ?? this.#seen.get(person)?.groups ?? [])];
  }

  /** As last proven here; undefined when disabled, or not seen since the start or the last change of the configuration. */
  principalOf(person: string): Principal | undefined {
    return this.#disabled.has(person) ? undefined : this.#seen.get(person);
  }
}
