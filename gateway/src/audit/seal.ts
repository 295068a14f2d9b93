/**
 * Seals an archive for one or more auditors, who hold the key: an age file (https://c2sp.org/age), so that they open it with the
 * tool of their choice. Recipients `age1pq1…` are hybrid, X25519 with ML-KEM-768 (X-Wing in HPKE): what is recorded today must not
 * open for who has a quantum computer later. Recipients of X25519 alone are refused, because age encrypts to all or to none:
 * "the hybrid recipient … can't be mixed with other recipients".
 */
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import { SluiceError } from "../core/errors.ts";

const RECIPIENT = /^age1pq1[02-9ac-hj-np-z]{100,3000}$/;
const IDENTITY = /^AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{50,200}$/;
const RECIPIENTS_MAX = 20;

/** A new pair. The identity is secret: whoever has it opens what was sealed for the recipient. */
export async function newAuditorKey(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const identity = await generateHybridIdentity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** Throws field_invalid for what is no hybrid recipient. */
export function checkRecipients(recipients: readonly string[]): void {
  if (recipients.length > RECIPIENTS_MAX) {
    throw new SluiceError("field_invalid", `at most ${RECIPIENTS_MAX} recipients can be sealed for at once`);
  }
  if (recipients.every((each) => RECIPIENT.test(each))) return;
  throw new SluiceError(
    "field_invalid",
    "a recipient is an age key of the form age1pq1…, as `sluice evidence keygen` or `age-keygen -pq` makes it",
  );
}

/** Throws field_invalid. The result is a stream of ciphertext that ends when `plain` does. */
export async function seal(
  plain: ReadableStream<Uint8Array>,
  recipients: readonly string[],
): Promise<ReadableStream<Uint8Array>> {
  checkRecipients(recipients);
  const encrypter = new Encrypter();
  try {
    for (const each of recipients) encrypter.addRecipient(each);
  } catch (cause) {
    throw new SluiceError("field_invalid", "a recipient has a wrong checksum; copy it again", { cause });
  }
  return encrypter.encrypt(plain);
}

/** Throws field_invalid for what is no identity, seal_invalid when the file was not sealed for it or is altered. */
export async function unseal(
  sealed: ReadableStream<Uint8Array>,
  identity: string,
): Promise<ReadableStream<Uint8Array>> {
  if (!IDENTITY.test(identity)) {
    throw new SluiceError("field_invalid", "the file holds no age identity of the form AGE-SECRET-KEY-PQ-1…");
  }
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(identity);
    return await decrypter.decrypt(sealed);
  } catch (cause) {
    throw new SluiceError("seal_invalid", "the file was not sealed for this key, or it is altered", { cause });
  }
}
