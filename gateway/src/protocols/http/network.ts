import type { IncomingMessage } from "node:http";
import { SluiceError } from "../../core/errors.ts";

/**
 * The address that a request came from, a fact for policies: the other end of the connection, and no header, which its sender
 * could choose. Throws client_closed where the connection is gone: without an address no rule by address would hold.
 */
export function networkOf({ socket }: IncomingMessage): string {
  const { remoteAddress } = socket;
  if (remoteAddress === undefined)
    throw new SluiceError("client_closed", "the client left before its request was read");
  return remoteAddress;
}
