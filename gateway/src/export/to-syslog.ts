/**
 * To a syslog receiver over TLS (RFC 5425). Syslog has no acknowledgement, and TCP acknowledges bytes that nobody has read, so
 * arrival is concluded from what the receiver does. Records are written to a link. Every few seconds a second link is opened, and
 * the first one closed from our side; when the receiver closes it in order too, it has read everything on it. The records count as
 * arrived when the second link has outlived that by `settleMs`: the process that read them was alive then. Links overlap, so a
 * receiver that dies in between breaks one, and then everything that had not settled is rejected and sent again.
 * What it does not show: that the receiver has written down within `settleMs` what it has read.
 */
import { isIP } from "node:net";
import { checkServerIdentity, connect, type TLSSocket } from "node:tls";
import type { SyslogSettings } from "../core/export.ts";
import { away, DELIVERED, type Delivered, type Destination, type Range } from "./destination.ts";
import { type AddressCheck, checkLiteral, unreachable } from "./http.ts";
import { framed, syslogMessage } from "./syslog.ts";

export interface SyslogDestinationOptions {
  readonly settings: SyslogSettings;
  readonly addresses: AddressCheck;
  /** Of the software. */
  readonly version: string;
}

/** For opening a link, for its orderly end, and for a receiver that reads nothing more. */
const DIAL_MS = 15_000;
const DRAIN_MS = 30_000;
const WRITE_MS = 60_000;
/** A link is closed after so long with something on it, or so many records. */
const ROTATE_MS = 2_000;
const ROTATE_RECORDS = 5_000;
const CLOSE_MS = 1_000;

interface Sent {
  resolve(): void;
  reject(error: Error): void;
}

interface Link {
  readonly socket: TLSSocket;
  /** What is on it. */
  readonly sent: Sent[];
  records: number;
  /** We have closed it: that it ends is right. */
  closing: boolean;
}

export class SyslogDestination implements Destination {
  readonly name: string;
  readonly kind = "syslog";
  readonly takes = "records";
  readonly recordsMax = 256;
  /** What is under way is in memory until it has settled: 30,720 records, some 20 MB. */
  readonly deliveriesMax = 120;
  readonly everyMs = 0;
  readonly #options: SyslogDestinationOptions;
  #link: Link | undefined;
  /** What was read in order, by the timer that ends its time. */
  readonly #settling = new Map<NodeJS.Timeout, readonly Sent[]>();
  #rotating: NodeJS.Timeout | undefined;
  /** One after the other. Never rejects. */
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: SyslogDestinationOptions) {
    this.name = options.settings.name;
    this.#options = options;
  }

  deliver(range: Range, signal: AbortSignal): Promise<Delivered> {
    return new Promise((resolve, reject) => {
      const stop = (): void => this.#broken(away(this.name, "was not waited for"), sent);
      const sent: Sent = {
        resolve() {
          signal.removeEventListener("abort", stop);
          resolve(DELIVERED);
        },
        reject(error) {
          signal.removeEventListener("abort", stop);
          reject(error);
        },
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#turn = this.#turn
        .then(() => this.#write(range, sent, signal))
        .catch((thrown: unknown) => this.#broken(thrown, sent));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const socket = this.#link?.socket;
    this.#broken(away(this.name, "was not waited for"));
    await this.#turn;
    // Politely, so that what was written is read; nobody waits for more.
    if (socket === undefined || socket.destroyed) return;
    await within<void>(CLOSE_MS, this.name, "stays open", (done) => {
      socket.once("close", () => done());
      socket.end();
    }).catch(() => undefined);
    socket.destroy();
  }

  async #write({ records }: Range, sent: Sent, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#closed) throw away(this.name, "was not waited for");
    const { settings, version } = this.#options;
    const link = (this.#link ??= await this.#dial());
    link.sent.push(sent);
    link.records += records.length;
    const options = { ...settings, version };
    const frames = records.map((record) => framed(syslogMessage(record, options))).join("");
    if (!link.socket.write(frames, "latin1")) await this.#drained(link.socket);
    if (link.records >= ROTATE_RECORDS) await this.#rotate();
    else this.#rotateSoon();
  }

  async #drained(socket: TLSSocket): Promise<void> {
    let closed: () => void = () => undefined;
    try {
      await within<void>(WRITE_MS, this.name, "reads nothing more", (done, failed) => {
        closed = () => failed(away(this.name, "has closed the connection"));
        socket.once("drain", () => done());
        socket.once("close", closed);
      });
    } finally {
      socket.off("close", closed);
    }
  }

  #rotateSoon(): void {
    this.#rotating ??= setTimeout(() => {
      this.#turn = this.#turn.then(() => this.#rotate()).catch((thrown: unknown) => this.#broken(thrown));
    }, ROTATE_MS);
    this.#rotating.unref();
  }

  async #rotate(): Promise<void> {
    clearTimeout(this.#rotating);
    this.#rotating = undefined;
    const old = this.#link;
    if (old === undefined || old.sent.length === 0) return;
    // Before the old one ends: between the two there is no moment in which the receiver could die unseen.
    const next = await this.#dial();
    if (this.#link !== old) {
      next.closing = true;
      next.socket.destroy();
      throw away(this.name, "has closed the connection");
    }
    old.closing = true;
    this.#link = next;
    next.sent.push(...old.sent);
    await this.#drain(old);
    if (this.#link !== next) throw away(this.name, "has closed the connection");
    next.sent.splice(0, old.sent.length);
    const timer = setTimeout(() => {
      this.#settling.delete(timer);
      for (const each of old.sent) each.resolve();
    }, this.#options.settings.settleMs);
    timer.unref();
    this.#settling.set(timer, old.sent);
  }

  /** Rejects unless the receiver ends it in order, after ours. */
  #drain({ socket }: Link): Promise<void> {
    return within<void>(DRAIN_MS, this.name, "does not close its side", (done, failed) => {
      let ended = false;
      socket.once("end", () => (ended = true));
      socket.once("error", (error) => failed(unreachable(this.name, error)));
      // With something unread in its hands its system sends a reset instead of an end.
      socket.once("close", () => (ended ? done() : failed(away(this.name, "has reset the connection"))));
      socket.end();
    }).finally(() => socket.destroy());
  }

  async #dial(): Promise<Link> {
    const { settings, addresses } = this.#options;
    const { host, port, serverName, ca, client, name } = settings;
    checkLiteral(host, settings, addresses);
    let socket: TLSSocket | undefined;
    try {
      return await within(DIAL_MS, name, "does not answer", (done: (link: Link) => void, failed) => {
        const opened = connect({
          host,
          port,
          lookup: addresses.lookup(settings.allowPrivateAddress, name),
          minVersion: "TLSv1.2",
          // "The transport sender MUST authenticate": https://www.rfc-editor.org/rfc/rfc5425#section-5.2
          checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
          ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
          ...(ca === undefined ? {} : { ca }),
          ...(client === undefined ? {} : { cert: client.certificate.reveal(), key: client.key.reveal() }),
        });
        socket = opened;
        const link: Link = { socket: opened, sent: [], records: 0, closing: false };
        opened.once("secureConnect", () => done(link));
        opened.on("error", (error) => failed(error));
        opened.once("close", () => {
          failed(away(name, "has closed the connection"));
          if (!link.closing && this.#link === link) this.#broken(away(name, "has closed the connection"));
        });
        // Nothing is expected from there but the end, which is seen only by who reads.
        opened.resume();
      });
    } catch (thrown) {
      socket?.destroy();
      throw unreachable(name, thrown);
    }
  }

  /** Whatever has not settled is sent again. */
  #broken(thrown: unknown, also?: Sent): void {
    const error = unreachable(this.name, thrown);
    clearTimeout(this.#rotating);
    this.#rotating = undefined;
    const link = this.#link;
    this.#link = undefined;
    const lost = new Set([...(link?.sent ?? []), ...[...this.#settling.values()].flat()]);
    if (also !== undefined) lost.add(also);
    for (const timer of this.#settling.keys()) clearTimeout(timer);
    this.#settling.clear();
    if (link !== undefined && !this.#closed) {
      link.closing = true;
      link.socket.destroy();
    }
    for (const each of lost) each.reject(error);
  }
}

/** Rejects when it takes longer. */
function within<T>(
  limitMs: number,
  name: string,
  what: string,
  run: (done: (value: T) => void, failed: (error: Error) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(away(name, what)), limitMs);
    timer.unref();
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      settle();
    };
    run(
      (value) => end(() => resolve(value)),
      (error) => end(() => reject(error)),
    );
  });
}
