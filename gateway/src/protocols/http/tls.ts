/**
 * Key exchange groups for both directions: the hybrid of X25519 and ML-KEM-768 first, so that what is recorded today cannot
 * be read by a quantum computer later, then the classical ones. https://datatracker.ietf.org/doc/draft-ietf-tls-ecdhe-mlkem/
 */
import { createSecureContext } from "node:tls";

const GROUPS = "X25519MLKEM768:X25519:prime256v1";

/** In the notation of `ecdhCurve`; undefined on a runtime whose OpenSSL does not know the hybrid (before 3.5). */
export const KEY_EXCHANGE_GROUPS: string | undefined = mayKnowHybrid() && isSupported(GROUPS) ? GROUPS : undefined;

/**
 * An older OpenSSL is not asked: its refusal stays in the thread's error queue, where Node.js 22 takes it for the failure of the
 * next key that is read.
 */
function mayKnowHybrid(): boolean {
  const [major = 0, minor = 0] = process.versions.openssl.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 5);
}

function isSupported(groups: string): boolean {
  try {
    createSecureContext({ ecdhCurve: groups });
    return true;
  } catch {
    // OpenSSL refuses the whole list when one name is unknown; the runtime's own default stays in force then.
    return false;
  }
}
