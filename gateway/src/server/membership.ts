/**
 * A gateway among others: its name, which outlives restarts, and what it does only while no other does. The name is kept in the folder
 * of its evidence with a random id, so that the same gateway has it back at once after a crash, and another one of that name is refused.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { SluiceError, toSluiceError } from "../core/errors.ts";
import type { Leases } from "./database/leases.ts";

export interface Member {
  readonly name: string;
  /** Random, of this folder. */
  readonly id: string;
}

const FILE = "gateway.json";
const ID_BYTES = 12;
const HELD_MS = 60_000;
const RENEWED_MS = 15_000;
const memberSchema = z.object({ name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,62}$/), id: z.string().min(1) });

/** `configured`: wins. `fallback`: what it is called from its first start on. Throws evidence_corrupt, and errors of the disk. */
export function keepMember(dir: string, configured: string | undefined, fallback: string): Member {
  const path = join(dir, FILE);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  try {
    const made: Member = { name: configured ?? fallback, id: randomBytes(ID_BYTES).toString("base64url") };
    writeFileSync(path, `${JSON.stringify(made)}\n`, { mode: 0o600, flag: "wx", flush: true });
    return made;
  } catch (thrown) {
    if (!(thrown instanceof Error) || !("code" in thrown) || thrown.code !== "EEXIST") throw thrown;
  }
  const kept = memberSchema.safeParse(jsonIn(readFileSync(path, "utf8")));
  if (!kept.success) {
    throw new SluiceError(
      "evidence_corrupt",
      `${path} does not say which gateway this is; restore it, or remove it and say its name in \`subjects.gateway\``,
    );
  }
  return { ...kept.data, ...(configured === undefined ? {} : { name: configured }) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface MembershipOptions {
  readonly member: Member;
  readonly leases: Leases;
  readonly clock: () => number;
  /** The name is another's by now, or cannot be kept. Must not throw. */
  readonly onFault: (error: SluiceError) => void;
}

/** That a gateway runs under its name. */
export class Membership {
  readonly #options: MembershipOptions;
  /** Of this run. */
  readonly #run = randomBytes(ID_BYTES).toString("base64url");
  #renewing: NodeJS.Timeout | undefined;

  private constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Throws gateway_name_taken, database_unavailable. */
  static async take(options: MembershipOptions): Promise<Membership> {
    const membership = new Membership(options);
    await membership.#renew();
    membership.#renewing = setInterval(() => {
      membership.#renew().catch((thrown: unknown) => options.onFault(toSluiceError(thrown)));
    }, RENEWED_MS).unref();
    return membership;
  }

  /** Rejects with database_unavailable. */
  isLive(name: string): Promise<boolean> {
    return this.#options.leases.isHeld(nameLease(name));
  }

  /** Names of gateways that ended suddenly and did not come back. Rejects with database_unavailable. */
  async lost(): Promise<readonly string[]> {
    const names = await this.#options.leases.overdue(nameLease(""));
    return names.map((name) => name.slice(nameLease("").length));
  }

  /** Runs it while no other gateway does anything under this lease. Undefined: another one does. */
  async exclusive<T>(lease: string, work: (held: () => boolean) => Promise<T>): Promise<T | undefined> {
    const { leases, clock } = this.#options;
    let until = clock() + HELD_MS;
    if (!(await leases.take(lease, this.#run, HELD_MS))) return undefined;
    const renewing = setInterval(() => {
      const from = clock();
      leases.take(lease, this.#run, HELD_MS).then(
        (isOurs) => (until = isOurs ? from + HELD_MS : 0),
        // Not renewed it ends by itself.
        () => undefined,
      );
    }, RENEWED_MS);
    renewing.unref();
    try {
      return await work(() => clock() < until);
    } finally {
      clearInterval(renewing);
      // What cannot be given back is over in a minute.
      await leases.release(lease, this.#run).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#renewing);
    const { leases, member } = this.#options;
    await leases.release(nameLease(member.name), member.id).catch(() => undefined);
  }

  async #renew(): Promise<void> {
    const { leases, member } = this.#options;
    if (await leases.take(nameLease(member.name), member.id, HELD_MS)) return;
    throw new SluiceError(
      "gateway_name_taken",
      `another gateway of this database is called ${member.name}; say another name in \`subjects.gateway\`. Where that one is gone and this takes its place, start again in a minute`,
    );
  }
}

const nameLease = (name: string): string => `gateway ${name}`;
