/**
 * Passkeys (WebAuthn Level 3, https://www.w3.org/TR/webauthn-3/) with which an approver says a risky yes. A person registers one
 * soon after logging in at the provider; an assertion holds for one review and one person, once, for five minutes, and only if the person was
 * verified by the device (PIN, finger, face). A counter that does not rise is the sign of a copy and refused. Which passkeys a
 * person has is never told to another.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../core/clock.ts";
import { SluiceError } from "../core/errors.ts";
import type { RecordEvent } from "../core/event.ts";
import { FRESH_LOGIN_MS } from "../core/identity.ts";
import type { ChannelStore, Passkey } from "./store.ts";

export interface PasskeyOptions {
  readonly store: ChannelStore;
  /** https URL that browsers know this gateway by, without a path: origin and, by its host, relying party. */
  readonly origin: () => string;
  readonly record: RecordEvent;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
}

const CHALLENGE_BYTES = 32;
const CHALLENGE_MS = 5 * 60_000;
const PASSKEYS_MAX = 10;
const CHALLENGES_MAX = 20;
/** ES256, EdDSA, RS256 (https://www.iana.org/assignments/cose): what browsers' authenticators offer. */
const ALGORITHMS = [-7, -8, -257];

const base64url = z
  .string()
  .max(8_192)
  .regex(/^[A-Za-z0-9_-]+$/);
const transports = z.array(z.enum(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"])).max(7);
const credential = { id: base64url, rawId: base64url, type: z.literal("public-key") };
const attestation = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: transports.optional().catch(undefined),
  }),
});
const assertion = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.optional().catch(undefined),
  }),
});

export class Passkeys {
  readonly #options: PasskeyOptions;

  constructor(options: PasskeyOptions) {
    this.#options = options;
  }

  of(person: string): Promise<readonly Passkey[]> {
    return this.#options.store.passkeysOf(person);
  }

  /** JSON for `navigator.credentials.create`. Throws passkeys_limited, rate_limited. */
  async registration(person: string, name: string): Promise<string> {
    const { store, random } = this.#options;
    const known = await store.passkeysOf(person);
    if (known.length >= PASSKEYS_MAX)
      throw new SluiceError("passkeys_limited", `you have ${PASSKEYS_MAX} passkeys already; remove one first`);
    const { generateRegistrationOptions } = await webauthn();
    const options = await generateRegistrationOptions({
      rpName: "Sluice",
      rpID: this.#relyingParty(),
      userName: name,
      // Section 14.6.1: the user handle should not say who it is.
      userID: new Uint8Array(random(CHALLENGE_BYTES)),
      challenge: await this.#challenge(person, ""),
      timeout: CHALLENGE_MS,
      attestationType: "none",
      excludeCredentials: known.map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      supportedAlgorithmIDs: ALGORITHMS,
    });
    return JSON.stringify(options);
  }

  /** `loggedInAt`: when the person proved to the provider who he is; absent: nobody says so. Throws login_not_fresh, passkey_invalid. */
  async register(person: string, answer: string, loggedInAt: number | undefined): Promise<void> {
    const { store, clock, record } = this.#options;
    this.checkFresh(loggedInAt);
    const response = read(attestation, answer);
    await this.#take(person, "", response.response.clientDataJSON);
    const { verifyRegistrationResponse } = await webauthn();
    const verified = await verifying(() =>
      verifyRegistrationResponse({
        response: { ...response, response: defined(response.response), clientExtensionResults: {} },
        // It was found above, and is gone.
        expectedChallenge: () => true,
        expectedOrigin: this.#options.origin(),
        expectedRPID: this.#relyingParty(),
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }),
    );
    if (!verified.verified) throw invalid();
    if ((await store.passkeysOf(person)).length >= PASSKEYS_MAX)
      throw new SluiceError("passkeys_limited", `you have ${PASSKEYS_MAX} passkeys already; remove one first`);
    const { id, publicKey, counter } = verified.registrationInfo.credential;
    await record({ name: "passkey.registered", actor: person, target: tagOf(id) });
    const kept = await store.addPasskey({
      id,
      person,
      publicKey,
      counter,
      transports: response.response.transports ?? [],
      createdAt: clock(),
    });
    if (!kept) throw invalid();
  }

  /** Throws login_not_fresh, passkey_invalid. */
  async remove(person: string, id: string, loggedInAt: number | undefined): Promise<void> {
    const { store, record } = this.#options;
    this.checkFresh(loggedInAt);
    await record({ name: "passkey.removed", actor: person, target: tagOf(id) });
    if (!(await store.removePasskey(id, person))) throw new SluiceError("passkey_invalid", "you have no such passkey");
  }

  /** Throws login_not_fresh: a session that was left open, here or at the provider, must not become a second key. */
  checkFresh(loggedInAt: number | undefined): void {
    if (loggedInAt !== undefined && this.#options.clock() - loggedInAt < FRESH_LOGIN_MS) return;
    throw new SluiceError(
      "login_not_fresh",
      `passkeys are added and removed within ${FRESH_LOGIN_MS / 60_000} minutes of logging in at your identity provider; log in there again`,
    );
  }

  /** JSON for `navigator.credentials.get`, good for this person and review. Undefined when the person has no passkey. */
  async question(person: string, review: string): Promise<string | undefined> {
    const known = await this.#options.store.passkeysOf(person);
    if (known.length === 0) return undefined;
    const { generateAuthenticationOptions } = await webauthn();
    const options = await generateAuthenticationOptions({
      rpID: this.#relyingParty(),
      challenge: await this.#challenge(person, review),
      timeout: CHALLENGE_MS,
      allowCredentials: known.map(({ id, transports: by }) => ({ id, transports: transports.parse(by) })),
      userVerification: "required",
    });
    return JSON.stringify(options);
  }

  /** Resolves when the answer is this person's, to what was asked about this review. Throws passkey_invalid. */
  async verify(person: string, review: string, answer: string): Promise<void> {
    const { store, clock, record, origin } = this.#options;
    const response = read(assertion, answer);
    await this.#take(person, review, response.response.clientDataJSON);
    const passkey = (await store.passkeysOf(person)).find(({ id }) => id === response.id);
    if (passkey === undefined) throw invalid();
    const { id, publicKey, counter } = passkey;
    const { verifyAuthenticationResponse } = await webauthn();
    const verified = await verifying(() =>
      verifyAuthenticationResponse({
        response: { ...response, response: defined(response.response), clientExtensionResults: {} },
        expectedChallenge: () => true,
        expectedOrigin: origin(),
        expectedRPID: this.#relyingParty(),
        // The counter is compared below, where a copy can be told from other faults.
        credential: { id, publicKey: new Uint8Array(publicKey), counter: 0 },
        requireUserVerification: true,
      }),
    );
    if (!verified.verified) throw invalid();
    const { newCounter } = verified.authenticationInfo;
    // Section 6.1.1: a counter that is or was not zero has to rise; authenticators without one always say zero.
    const rises = newCounter > counter || (newCounter === 0 && counter === 0);
    const used = rises && (await store.usePasskey(id, { from: counter, to: newCounter }, clock()));
    if (!used) {
      await record({ name: "passkey.cloned", actor: person, target: tagOf(id), facts: { alarm: true, review } });
      throw new SluiceError(
        "passkey_invalid",
        "the passkey's counter has not risen: there may be a copy of it; remove it and register another",
      );
    }
    await record({ name: "passkey.used", actor: person, target: tagOf(id), facts: { review } });
  }

  async #challenge(person: string, review: string): Promise<Uint8Array<ArrayBuffer>> {
    const { store, clock, random } = this.#options;
    const now = clock();
    if ((await store.challengesOf(person, now)) >= CHALLENGES_MAX)
      throw new SluiceError("rate_limited", "too many passkey questions are open; wait five minutes");
    const challenge = new Uint8Array(random(CHALLENGE_BYTES));
    await store.addChallenge(hashOf(challenge), person, review, now + CHALLENGE_MS);
    return challenge;
  }

  /** The challenge that the browser says it was given is used up, whatever the answer is worth. */
  async #take(person: string, review: string, clientData: string): Promise<void> {
    const { store, clock } = this.#options;
    const challenge = challengeIn(clientData);
    if (challenge === undefined || !(await store.takeChallenge(hashOf(challenge), person, review, clock()))) {
      throw new SluiceError(
        "passkey_invalid",
        "the passkey's answer is not to this question, or was given before, or too late; load the page again",
      );
    }
  }

  #relyingParty(): string {
    return new URL(this.#options.origin()).hostname;
  }
}

function read<T extends typeof attestation | typeof assertion>(shape: T, answer: string): z.output<T> {
  try {
    const parsed = shape.safeParse(JSON.parse(answer));
    if (parsed.success) return parsed.data as z.output<T>;
  } catch {
    throw invalid();
  }
  throw invalid();
}

function challengeIn(clientData: string): Uint8Array | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(clientData, "base64url").toString("utf8"));
    const { challenge } = z.object({ challenge: base64url }).parse(parsed);
    return Buffer.from(challenge, "base64url");
  } catch {
    return undefined;
  }
}

/** What the library throws quotes the answer. */
async function verifying<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw new SluiceError("passkey_invalid", "the passkey's answer does not hold", { cause: thrown });
  }
}

function invalid(): SluiceError {
  return new SluiceError("passkey_invalid", "the passkey's answer does not hold");
}

/** Loaded by who needs it: it takes a tenth of a second. */
const webauthn = () => import("@simplewebauthn/server");

const hashOf = (challenge: Uint8Array): string => createHash("sha256").update(challenge).digest("base64url");

/** A credential's id is known to its owner's devices; what is on record need not lead to it. */
const tagOf = (id: string): string => `pk-${createHash("sha256").update(id).digest("hex").slice(0, 16)}`;

/** Without members that are undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
