/**
 * The part of onnxruntime that is used, which `onnxruntime-node` and `onnxruntime-web` have in common, and how it is loaded: when a
 * model is opened, by name, and never by this package's core. Nothing is downloaded.
 * https://onnxruntime.ai/docs/api/js/interfaces/InferenceSession-1.html
 */
import { ModelError } from "./errors.ts";

export interface Tensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}

export interface Runtime {
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: readonly number[]) => Tensor;
  readonly InferenceSession: { create(model: string | Uint8Array): Promise<Session> };
}

/** A variable, so that neither compilers nor bundlers look for a package that most do without. */
const PACKAGE: string = "onnxruntime-node";

/** @throws ModelError runtime_missing */
export async function loadRuntime(): Promise<Runtime> {
  let loaded: unknown;
  try {
    loaded = await import(PACKAGE);
  } catch (cause) {
    throw new ModelError("runtime_missing", `${PACKAGE} cannot be loaded; npm install ${PACKAGE}`, { cause });
  }
  if (!isRuntime(loaded)) throw new ModelError("runtime_missing", `${PACKAGE} is not the package of that name`);
  return loaded;
}

function isRuntime(value: unknown): value is Runtime {
  return typeof value === "object" && value !== null && "Tensor" in value && "InferenceSession" in value;
}
