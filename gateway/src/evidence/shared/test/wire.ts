/** The wire between a gateway and its database, which a test can cut: before the database gets a statement, or before its answer comes back. */

import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Secret } from "../../../core/secret.ts";
import { afterTest } from "../../test/opened.ts";

/** Longer than the database takes for a commit. */
const COMMIT_MS = 300;

export class Wire {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  /** Cuts the connection that asks this next. */
  cut: { readonly statement: RegExp; readonly when: "before" | "after" } | undefined;
  /** Nobody gets through. */
  down = false;

  private constructor(target: URL) {
    this.#server = createServer((socket) => {
      if (this.down) return void socket.destroy();
      const database = connect(Number(target.port), target.hostname);
      let silent = false;
      for (const [side, other] of [
        [socket, database],
        [database, socket],
      ] as const) {
        this.#sockets.add(side);
        side.on("error", () => other.destroy());
        side.on("close", () => {
          this.#sockets.delete(side);
          other.destroy();
        });
      }
      socket.on("data", (bytes) => {
        const { cut } = this;
        if (cut?.statement.test(bytes.toString("latin1")) === true) {
          this.cut = undefined;
          if (cut.when === "before") return void socket.destroy();
          silent = true;
          void pause(COMMIT_MS).then(() => socket.destroy());
        }
        database.write(bytes);
      });
      database.on("data", (bytes) => {
        if (!silent) socket.write(bytes);
      });
    });
  }

  /** A wire to the database of this URL, and the URL at its other end. Cut for good after the test. */
  static async lay(url: Secret): Promise<{ readonly wire: Wire; readonly url: Secret }> {
    const target = new URL(url.reveal());
    const wire = new Wire(target);
    await new Promise<void>((resolve) => wire.#server.listen(0, "127.0.0.1", resolve));
    afterTest(async () => {
      wire.disconnect();
      await new Promise((resolve) => wire.#server.close(resolve));
    });
    const near = new URL(target);
    near.host = `127.0.0.1:${(wire.#server.address() as AddressInfo).port}`;
    return { wire, url: new Secret(near.href) };
  }

  /** Ends all connections. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
