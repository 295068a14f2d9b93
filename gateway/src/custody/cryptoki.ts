/**
 * The few calls of PKCS#11 (Cryptoki 2.40 and 3.x) that a root key needs, through node:ffi, so that no native package has to be
 * built or trusted. Knows structures and return values, and nothing of what the keys are for. Calls are synchronous: they are
 * few, and the process waits for a slow device. Linux and macOS on 64 bits, where CK_ULONG has 8 bytes and structures are
 * aligned naturally; Node.js 26, which brings node:ffi and calls it experimental.
 * https://docs.oasis-open.org/pkcs11/pkcs11-spec/v3.1/pkcs11-spec-v3.1.html
 */
import type * as ffi from "node:ffi";
import { SluiceError } from "../core/errors.ts";

const OK = 0x0n;
const USER_ALREADY_LOGGED_IN = 0x100n;
const ALREADY_INITIALIZED = 0x191n;
/** Names of the return values that an operator may meet (§ 6.1). */
const RETURNS: Readonly<Record<string, string>> = {
  "3": "CKR_SLOT_ID_INVALID",
  "5": "CKR_GENERAL_ERROR",
  "6": "CKR_FUNCTION_FAILED",
  "30": "CKR_DEVICE_ERROR",
  "32": "CKR_DEVICE_REMOVED",
  "40": "CKR_ENCRYPTED_DATA_INVALID",
  "41": "CKR_ENCRYPTED_DATA_LEN_RANGE",
  "60": "CKR_KEY_HANDLE_INVALID",
  "70": "CKR_MECHANISM_INVALID",
  "82": "CKR_OBJECT_HANDLE_INVALID",
  a0: "CKR_PIN_INCORRECT",
  a4: "CKR_PIN_LOCKED",
  b3: "CKR_SESSION_HANDLE_INVALID",
  e0: "CKR_TOKEN_NOT_PRESENT",
  e1: "CKR_TOKEN_NOT_RECOGNIZED",
  "101": "CKR_USER_NOT_LOGGED_IN",
  "190": "CKR_CRYPTOKI_NOT_INITIALIZED",
};

const CKF_RW_SERIAL = 0x6n;
const CKU_USER = 1n;
const CKM_AES_KEY_GEN = 0x1080n;
const CKM_AES_GCM = 0x1087n;
const CKO_SECRET_KEY = 4n;
const CKK_AES = 0x1fn;
const CKA = {
  class: 0x0n,
  token: 0x1n,
  private: 0x2n,
  label: 0x3n,
  keyType: 0x100n,
  id: 0x102n,
  sensitive: 0x103n,
  encrypt: 0x104n,
  decrypt: 0x105n,
  wrap: 0x106n,
  unwrap: 0x107n,
  sign: 0x108n,
  verify: 0x10an,
  valueLen: 0x161n,
  extractable: 0x162n,
} as const;

const TOKEN_LABEL_BYTES = 32;
const SLOTS_MAX = 256;
const KEYS_MAX = 1_024;
const ID_BYTES_MAX = 64;
const TAG_BITS = 128n;

const [u64, ptr] = ["uint64", "pointer"] as const;
/** Every function returns CK_RV. */
const FUNCTIONS = {
  C_Initialize: [ptr],
  C_Finalize: [ptr],
  C_GetSlotList: ["uint8", ptr, ptr],
  C_GetTokenInfo: [u64, ptr],
  C_OpenSession: [u64, u64, ptr, ptr, ptr],
  C_CloseSession: [u64],
  C_Login: [u64, u64, ptr, u64],
  C_FindObjectsInit: [u64, ptr, u64],
  C_FindObjects: [u64, ptr, u64, ptr],
  C_FindObjectsFinal: [u64],
  C_GetAttributeValue: [u64, u64, ptr, u64],
  C_GenerateKey: [u64, ptr, ptr, u64, ptr],
  C_EncryptInit: [u64, ptr, u64],
  C_Encrypt: [u64, ptr, u64, ptr, ptr],
  C_DecryptInit: [u64, ptr, u64],
  C_Decrypt: [u64, ptr, u64, ptr, ptr],
} as const satisfies Record<string, readonly ("uint64" | "uint8" | "pointer")[]>;

type Name = keyof typeof FUNCTIONS;
type Argument = bigint | number | null;
type Call = (...args: readonly Argument[]) => bigint;

/** A call that did not return CKR_OK. */
export class CryptokiError extends Error {
  override readonly name = "CryptokiError";
  /** CK_RV */
  readonly value: bigint;

  constructor(call: string, value: bigint) {
    const hex = value.toString(16);
    super(`${call}: ${RETURNS[hex] ?? `0x${hex}`}`);
    this.value = value;
  }
}

export interface KeyHandle {
  readonly handle: bigint;
  /** CKA_ID */
  readonly id: Buffer;
}

export interface Gcm {
  readonly key: bigint;
  readonly iv: Uint8Array;
  readonly aad: Uint8Array;
}

type Ffi = typeof ffi;

const MODULES = new Map<string, { readonly module: Promise<Cryptoki>; users: number }>();

/** A module is initialized once in a process, whoever uses it. Each `openModule` wants a `closeModule`. */
export async function openModule(path: string): Promise<Cryptoki> {
  const known = MODULES.get(path) ?? { module: Cryptoki.load(path), users: 0 };
  MODULES.set(path, known);
  known.users += 1;
  try {
    return await known.module;
  } catch (thrown) {
    MODULES.delete(path);
    throw thrown;
  }
}

export function closeModule(path: string, module: Cryptoki): void {
  const known = MODULES.get(path);
  if (known === undefined) return;
  known.users -= 1;
  if (known.users > 0) return;
  MODULES.delete(path);
  module.finalize();
}

export class Cryptoki {
  readonly #native: Ffi;
  readonly #library: ffi.DynamicLibrary;
  readonly #calls: Readonly<Record<Name, Call>>;
  #generation = 0;

  private constructor(native: Ffi, library: ffi.DynamicLibrary, calls: Readonly<Record<Name, Call>>) {
    this.#native = native;
    this.#library = library;
    this.#calls = calls;
  }

  static async load(path: string): Promise<Cryptoki> {
    if (process.platform === "win32" || process.arch === "ia32" || process.arch === "arm")
      throw new SluiceError("key_unavailable", "PKCS#11 is spoken on Linux and macOS with 64 bits");
    let native: Ffi;
    try {
      native = await import("node:ffi");
    } catch (cause) {
      throw new SluiceError("key_unavailable", "PKCS#11 needs node:ffi, which Node.js 26 brings", { cause });
    }
    let library: ffi.DynamicLibrary;
    let calls: Readonly<Record<Name, Call>>;
    try {
      library = new native.DynamicLibrary(path);
      const entries = Object.entries(FUNCTIONS).map(
        ([name, args]) => [name, library.getFunction(name, { return: u64, arguments: args })] as const,
      );
      calls = Object.fromEntries(entries) as unknown as Readonly<Record<Name, Call>>;
    } catch (cause) {
      throw new SluiceError("key_unavailable", `${path} cannot be loaded as a PKCS#11 module`, { cause });
    }
    const cryptoki = new Cryptoki(native, library, calls);
    cryptoki.#initialize();
    return cryptoki;
  }

  /** Grows with each restart. A session of an earlier one is over, and its number may be another one's by now. */
  get generation(): number {
    return this.#generation;
  }

  /** Ends all sessions of this process with the module and looks for its tokens again. */
  restart(): void {
    this.#generation += 1;
    this.#calls.C_Finalize(null);
    this.#initialize();
  }

  #initialize(): void {
    // CK_C_INITIALIZE_ARGS with CKF_OS_LOCKING_OK, since Node.js has threads of its own.
    const memory = this.#memory();
    const result = this.#calls.C_Initialize(memory.put(words(0n, 0n, 0n, 0n, 2n, 0n)));
    if (result !== OK && result !== ALREADY_INITIALIZED) throw new CryptokiError("C_Initialize", result);
  }

  finalize(): void {
    this.#calls.C_Finalize(null);
    this.#library.close();
  }

  /** Slot of the token with this label; undefined when it is not there. */
  slotOf(tokenLabel: string): bigint | undefined {
    const memory = this.#memory();
    const count = memory.put(words(BigInt(SLOTS_MAX)));
    const slots = memory.take(SLOTS_MAX * 8);
    this.#call("C_GetSlotList", 1, slots.pointer, count);
    for (let at = 0; at < Number(memory.word(count)); at++) {
      const slot = memory.word(slots.pointer, at);
      const info = memory.take(256);
      // A slot whose token cannot be read is not the one.
      if (this.#calls.C_GetTokenInfo(slot, info.pointer) !== OK) continue;
      const label = Buffer.from(info.bytes.subarray(0, TOKEN_LABEL_BYTES)).toString("utf8").trimEnd();
      if (label === tokenLabel) return slot;
    }
    return undefined;
  }

  openSession(slot: bigint): bigint {
    const memory = this.#memory();
    const session = memory.put(words(0n));
    this.#call("C_OpenSession", slot, CKF_RW_SERIAL, null, null, session);
    return memory.word(session);
  }

  closeSession(session: bigint): void {
    this.#calls.C_CloseSession(session);
  }

  /** Of all sessions of this process with the token. */
  login(session: bigint, pin: string): void {
    const memory = this.#memory();
    const bytes = Buffer.from(pin, "utf8");
    const result = this.#calls.C_Login(session, CKU_USER, memory.put(bytes), BigInt(bytes.length));
    memory.clear();
    bytes.fill(0);
    if (result !== OK && result !== USER_ALREADY_LOGGED_IN) throw new CryptokiError("C_Login", result);
  }

  /** AES keys with this label. */
  findKeys(session: bigint, label: string): KeyHandle[] {
    const memory = this.#memory();
    const template = memory.attributes([
      [CKA.class, words(CKO_SECRET_KEY)],
      [CKA.keyType, words(CKK_AES)],
      [CKA.label, Buffer.from(label, "utf8")],
    ]);
    this.#call("C_FindObjectsInit", session, template.pointer, template.count);
    const handles = memory.take(KEYS_MAX * 8);
    const count = memory.put(words(0n));
    try {
      this.#call("C_FindObjects", session, handles.pointer, BigInt(KEYS_MAX), count);
    } finally {
      this.#calls.C_FindObjectsFinal(session);
    }
    return Array.from({ length: Number(memory.word(count)) }, (_, at) => {
      const handle = memory.word(handles.pointer, at);
      return { handle, id: this.#idOf(session, handle) };
    });
  }

  #idOf(session: bigint, handle: bigint): Buffer {
    const memory = this.#memory();
    const value = memory.take(ID_BYTES_MAX);
    const attribute = memory.put(words(CKA.id, value.pointer, BigInt(ID_BYTES_MAX)));
    this.#call("C_GetAttributeValue", session, handle, attribute, 1n);
    return Buffer.from(value.bytes.subarray(0, Number(memory.word(attribute, 2))));
  }

  /** An AES-256 key that stays on the token and cannot leave it. */
  generateKey(session: bigint, label: string, id: Uint8Array): void {
    const memory = this.#memory();
    const [yes, no] = [Uint8Array.of(1), Uint8Array.of(0)];
    const template = memory.attributes([
      [CKA.class, words(CKO_SECRET_KEY)],
      [CKA.keyType, words(CKK_AES)],
      [CKA.valueLen, words(32n)],
      [CKA.token, yes],
      [CKA.private, yes],
      [CKA.sensitive, yes],
      [CKA.extractable, no],
      [CKA.encrypt, yes],
      [CKA.decrypt, yes],
      [CKA.wrap, no],
      [CKA.unwrap, no],
      [CKA.sign, no],
      [CKA.verify, no],
      [CKA.label, Buffer.from(label, "utf8")],
      [CKA.id, id],
    ]);
    const mechanism = memory.put(words(CKM_AES_KEY_GEN, 0n, 0n));
    const handle = memory.put(words(0n));
    this.#call("C_GenerateKey", session, mechanism, template.pointer, template.count, handle);
  }

  /** ciphertext ‖ tag */
  encrypt(session: bigint, gcm: Gcm, plaintext: Uint8Array): Buffer {
    return this.#crypt(session, "Encrypt", gcm, plaintext);
  }

  decrypt(session: bigint, gcm: Gcm, ciphertext: Uint8Array): Buffer {
    return this.#crypt(session, "Decrypt", gcm, ciphertext);
  }

  #crypt(session: bigint, what: "Encrypt" | "Decrypt", { key, iv, aad }: Gcm, input: Uint8Array): Buffer {
    const memory = this.#memory();
    try {
      // CK_GCM_PARAMS: pIv, ulIvLen, ulIvBits, pAAD, ulAADLen, ulTagBits (§ 6.13)
      const length = BigInt(iv.length);
      const parameters = words(memory.put(iv), length, length * 8n, memory.put(aad), BigInt(aad.length), TAG_BITS);
      const mechanism = memory.put(words(CKM_AES_GCM, memory.put(parameters), BigInt(parameters.length)));
      this.#call(`C_${what}Init`, session, mechanism, key);
      const output = memory.take(input.length + 64);
      const size = memory.put(words(BigInt(output.bytes.length)));
      this.#call(`C_${what}`, session, memory.put(input), BigInt(input.length), output.pointer, size);
      return Buffer.from(output.bytes.subarray(0, Number(memory.word(size))));
    } finally {
      memory.clear();
    }
  }

  #call(name: Name, ...args: readonly Argument[]): void {
    const result = this.#calls[name](...args);
    if (result !== OK) throw new CryptokiError(name, result);
  }

  #memory(): Memory {
    return new Memory((buffer) => this.#native.getRawPointer(buffer));
  }
}

/**
 * Memory of one call, at addresses that do not move: small typed arrays may lie in the garbage collector's heap, an
 * ArrayBuffer of this size does not. It must be held until the call is over.
 */
class Memory {
  readonly #bytes = new Uint8Array(new ArrayBuffer(16_384));
  readonly #base: bigint;
  #used = 0;

  constructor(addressOf: (buffer: ArrayBuffer) => bigint) {
    this.#base = addressOf(this.#bytes.buffer);
  }

  take(length: number): { readonly pointer: bigint; readonly bytes: Uint8Array } {
    const at = this.#used;
    const end = at + length;
    if (end > this.#bytes.length) throw new Error("assertion: a call of PKCS#11 needs more memory than it has");
    // Structures begin at multiples of 8.
    this.#used = Math.ceil(end / 8) * 8;
    return { pointer: this.#base + BigInt(at), bytes: this.#bytes.subarray(at, end) };
  }

  put(bytes: Uint8Array): bigint {
    const { pointer, bytes: place } = this.take(bytes.length);
    place.set(bytes);
    return pointer;
  }

  /** The `at`th CK_ULONG from there on. */
  word(pointer: bigint, at = 0): bigint {
    return new DataView(this.#bytes.buffer).getBigUint64(Number(pointer - this.#base) + at * 8, LITTLE_ENDIAN);
  }

  /** An array of CK_ATTRIBUTE. */
  attributes(all: readonly (readonly [bigint, Uint8Array])[]): { readonly pointer: bigint; readonly count: bigint } {
    const fields = all.flatMap(([type, value]) => [type, this.put(value), BigInt(value.length)]);
    return { pointer: this.put(words(...fields)), count: BigInt(all.length) };
  }

  clear(): void {
    this.#bytes.fill(0);
  }
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** CK_ULONGs and pointers, one behind the other. */
function words(...values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) view.setBigUint64(at * 8, value, LITTLE_ENDIAN);
  return bytes;
}
