/** What onnxruntime makes of `tableModel`, without onnxruntime: for what does not depend on it. */
import type { Runtime, Session, Tensor } from "../runtime.ts";

/** `seen`, when given, gets the inputs of each run. */
export function tableSession(
  table: readonly (readonly number[])[],
  seen: Readonly<Record<string, Tensor>>[] = [],
  inputNames: readonly string[] = ["input_ids"],
): Session {
  return {
    inputNames,
    outputNames: ["logits"],
    run: (feeds) => {
      seen.push(feeds);
      const ids = [...((feeds["input_ids"] as Tensor).data as BigInt64Array)];
      const rows = ids.map((id) => table[Number(id)] ?? []);
      const dims = [1, ids.length, table[0]?.length ?? 0];
      return Promise.resolve({ logits: { type: "float32", dims, data: Float32Array.from(rows.flat()) } });
    },
  };
}

class PlainTensor implements Tensor {
  readonly type: string;
  readonly data: unknown;
  readonly dims: readonly number[];

  constructor(type: string, data: unknown, dims: readonly number[]) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}

export const PLAIN_RUNTIME: Runtime = {
  Tensor: PlainTensor,
  InferenceSession: { create: () => Promise.reject(new Error("a session is given")) },
};
