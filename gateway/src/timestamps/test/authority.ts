/** Time-stamping authorities on this machine, each with certificates and a clock of its own, and a log for them to stamp. */

import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { afterEach } from "vitest";
import { Fields, TAG, readDer, readPositive } from "../../../../verifier/src/timestamp/der.ts";
import { OID, issue, pem, stamp } from "../../../../verifier/src/timestamp/test/authority.ts";
import type { Issued, StampOptions } from "../../../../verifier/src/timestamp/test/authority.ts";
import type { ControlEvent } from "../../core/event.ts";
import type { TimestampAuthority } from "../../core/timestamps.ts";
import { type EvidenceLog, eventLeaf, openEvidence } from "../../evidence/index.ts";
import { addressRefusal, checkedLookup } from "../../protocols/http/address.ts";
import { Stamps } from "../stamps.ts";

export const START = Date.parse("2026-11-21T09:00:00.000Z");
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;
export const ORIGIN = "log.example/evidence";

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** What answers in place of a stamp: a status, or bytes with a type. */
export type Instead = { readonly status: number } | { readonly body: Uint8Array; readonly type: string };

export class TestAuthority {
  readonly #root: Issued;
  readonly #server: Server;
  signer: Issued;
  /** How far its clock is off. */
  offMs = 0;
  asked = 0;
  instead: Instead | undefined;
  /** What is wrong with its stamps. */
  wrong: Partial<StampOptions> = {};

  private constructor(now: () => number, subject: string, notAfter: number) {
    this.#root = issue(now(), { subject: `Root of ${subject}`, ca: true, notAfter: now() + 3_650 * DAY_MS });
    this.signer = issue(now(), { subject, by: this.#root, notAfter });
    this.#server = createServer((request, response) => {
      this.asked += 1;
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        if (this.instead !== undefined) {
          const { status, body, type } = { status: 200, body: "", type: "text/plain", ...this.instead };
          response.writeHead(status, { "content-type": type, location: "http://elsewhere.example/" }).end(body);
          return;
        }
        const answer = this.#answer(Buffer.concat(chunks), now() + this.offMs);
        response.writeHead(200, { "content-type": "application/timestamp-reply" }).end(answer);
      });
    });
  }

  static async open(now: () => number, subject: string, notAfter = now() + 365 * DAY_MS): Promise<TestAuthority> {
    const authority = new TestAuthority(now, subject, notAfter);
    await new Promise<void>((resolve) => {
      authority.#server.listen(0, "127.0.0.1", resolve);
    });
    cleanups.push(
      () =>
        new Promise((resolve) => {
          authority.#server.close(resolve);
          authority.#server.closeAllConnections();
        }),
    );
    return authority;
  }

  get roots(): string {
    return pem(this.#root.certificate);
  }

  /** As the configuration names it. */
  get settings(): TimestampAuthority {
    const host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return {
      name: host,
      url: `http://${host}/tsr`,
      roots: this.roots,
      policies: [OID.policy],
      allowPrivateAddress: true,
    };
  }

  renew(now: number, notAfter: number): void {
    this.signer = issue(now, { subject: "Renewed", by: this.#root, notAfter });
  }

  #answer(request: Uint8Array, time: number): Uint8Array {
    const fields = new Fields(readDer(request), "TimeStampReq");
    fields.take(TAG.integer);
    const imprint = new Fields(fields.take(TAG.sequence), "MessageImprint");
    imprint.take(TAG.sequence);
    const hash = imprint.take(TAG.octetString).content;
    fields.optional(TAG.oid);
    const nonce = readPositive(fields.take(TAG.integer));
    const { signer } = this;
    return stamp({ signer, certificates: [signer.certificate], imprint: hash, nonce, time, ...this.wrong });
  }
}

/** A log whose clock the test moves, and who has it stamped. */
export class Stamped {
  readonly dir = mkdtempSync(join(tmpdir(), "timestamps-"));
  now = START;
  log!: EvidenceLog;
  stamps!: Stamps;
  readonly events: ControlEvent[] = [];
  readonly faults: string[] = [];
  #count = 0;

  static async open(authorities: (now: () => number) => Promise<readonly TestAuthority[]>): Promise<Stamped> {
    const stamped = new Stamped();
    const asked = await authorities(() => stamped.now);
    await stamped.start(asked);
    cleanups.push(async () => {
      await stamped.stop();
      await rm(stamped.dir, { recursive: true, force: true });
    });
    return stamped;
  }

  async start(authorities: readonly TestAuthority[]): Promise<void> {
    const clock = (): number => this.now;
    this.log = await openEvidence({ dir: this.dir, origin: ORIGIN, clock, checkpointIntervalMs: 10 });
    this.stamps = await Stamps.open({
      settings: { authorities: authorities.map(({ settings }) => settings), everyMs: 10 * MINUTE_MS },
      log: this.log,
      record: (event) => this.record(event),
      clock,
      random: randomBytes,
      addresses: { lookup: checkedLookup, refusal: addressRefusal },
      onFault: (error) => this.faults.push(`${error.code}: ${error.message}`),
    });
  }

  async stop(): Promise<void> {
    await this.stamps.close();
    await this.log.close();
  }

  record(event: ControlEvent): Promise<{ readonly index: number }> {
    this.events.push(event);
    const recorded = this.log.append(eventLeaf({ time: this.now, event }));
    this.stamps.heard(event, recorded);
    return recorded;
  }

  /** Entries that are about something else than stamps, and a checkpoint over them. */
  async grow(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) await this.log.append({ v: 1, type: "test", n: this.#count++ });
    await this.published();
  }

  async published(): Promise<void> {
    await this.log.proof(this.log.size - 1);
  }

  /** Time passes, and the schedule is looked at. */
  async pass(ms: number): Promise<void> {
    this.now += ms;
    await this.stamps.look();
    await this.published();
  }

  named(name: string): ControlEvent[] {
    return this.events.filter((event) => event.name === name);
  }
}
