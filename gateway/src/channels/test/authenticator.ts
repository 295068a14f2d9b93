/**
 * An authenticator in software (WebAuthn Level 3, sections 6.5.4 and 7): an ES256 key that answers questions with real attestation
 * and assertion objects, and lies where a test tells it to.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface Lies {
  readonly origin?: string;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly type?: string;
  /** The person was not verified by the device. */
  readonly unverified?: boolean;
  readonly counter?: number;
  /** Signs with another key. */
  readonly forged?: boolean;
}

interface Question {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

export class Authenticator {
  readonly id = randomBytes(16).toString("base64url");
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #origin: string;
  counter = 1;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** What the script puts in the form for `navigator.credentials.create`. */
  create(options: string, lies: Lies = {}): string {
    const question = JSON.parse(options) as Question;
    const { x, y } = this.#keys.publicKey.export({ format: "jwk" });
    // RFC 9052 section 7: kty EC2, alg ES256, crv P-256.
    const cose = map([
      [int(1), int(2)],
      [int(3), int(-7)],
      [int(-1), int(1)],
      [int(-2), bytes(Buffer.from(x ?? "", "base64url"))],
      [int(-3), bytes(Buffer.from(y ?? "", "base64url"))],
    ]);
    const id = Buffer.from(this.id, "base64url");
    const length = Buffer.from([id.length >> 8, id.length & 0xff]);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, cose]);
    const authData = Buffer.concat([this.#data(question, lies, ATTESTED), attested]);
    const attestationObject = map([
      [text("fmt"), text("none")],
      [text("attStmt"), map([])],
      [text("authData"), bytes(authData)],
    ]).toString("base64url");
    const clientDataJSON = this.#clientData("webauthn.create", question, lies).toString("base64url");
    return this.#answer({ attestationObject, clientDataJSON, transports: ["internal"] });
  }

  /** For `navigator.credentials.get`. */
  get(options: string, lies: Lies = {}): string {
    const question = JSON.parse(options) as Question;
    const clientData = this.#clientData("webauthn.get", question, lies);
    const authenticatorData = this.#data(question, lies, 0);
    const signed = Buffer.concat([authenticatorData, createHash("sha256").update(clientData).digest()]);
    const { privateKey } = lies.forged === true ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : this.#keys;
    return this.#answer({
      clientDataJSON: clientData.toString("base64url"),
      authenticatorData: authenticatorData.toString("base64url"),
      signature: sign("sha256", signed, privateKey).toString("base64url"),
    });
  }

  #answer(response: object): string {
    return JSON.stringify({ id: this.id, rawId: this.id, type: "public-key", response });
  }

  #clientData(type: string, { challenge }: Question, lies: Lies): Buffer {
    const data = { type, challenge, origin: this.#origin, crossOrigin: false };
    const { origin, challenge: other, type: kind } = lies;
    const told = {
      ...data,
      ...(origin && { origin }),
      ...(other && { challenge: other }),
      ...(kind && { type: kind }),
    };
    return Buffer.from(JSON.stringify(told));
  }

  #data({ rp, rpId }: Question, lies: Lies, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(lies.counter ?? this.counter++);
    const told = PRESENT | flags | (lies.unverified === true ? 0 : VERIFIED);
    const hash = createHash("sha256")
      .update(lies.rpId ?? rp?.id ?? rpId ?? "")
      .digest();
    return Buffer.concat([hash, Buffer.from([told]), counter]);
  }
}

// CBOR, RFC 8949 section 3, as far as it is needed here.
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}

const int = (value: number): Buffer => (value >= 0 ? head(0, value) : head(1, -1 - value));
const bytes = (value: Buffer): Buffer => Buffer.concat([head(2, value.length), value]);
const text = (value: string): Buffer => Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
const map = (pairs: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([head(5, pairs.length), ...pairs.flat()]);
