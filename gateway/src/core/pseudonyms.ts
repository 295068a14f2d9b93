/**
 * What beside principals gets a pseudonym on record. Each kind has names of its own, so that a credential and a session of the same
 * name are not seen to be alike; no id of a principal begins like these.
 */

/** A credential, by its id: the key's, the token's, the certificate's. Give it to `EvidenceLog.pseudonym`. */
export function credentialName(credential: string): string {
  return `\u0000credential\u0000${credential}`;
}

/** A conversation, by the id that the client gave it (`Sluice-Session`). */
export function sessionName(session: string): string {
  return `\u0000session\u0000${session}`;
}
