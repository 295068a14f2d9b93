/**
 * Writes the smallest ONNX file that is a token-classification model: logits = table[input_ids] × identity + bias. The format is
 * protocol buffers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, https://protobuf.dev/programming-guides/encoding/
 */

const FLOAT = 1;
const INT64 = 7;
const IR_VERSION = 8;
const OPSET = 13;

type Field = readonly [number: number, value: number | string | Uint8Array];

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** A message of numbers, texts, bytes and other messages. */
function message(...fields: readonly Field[]): Uint8Array {
  const bytes = fields.flatMap(([number, value]) => {
    if (typeof value === "number") return [...varint(number << 3), ...varint(value)];
    const data = typeof value === "string" ? new TextEncoder().encode(value) : value;
    return [...varint((number << 3) | 2), ...varint(data.length), ...data];
  });
  return Uint8Array.from(bytes);
}

function tensor(name: string, dims: readonly number[], values: readonly number[]): Uint8Array {
  const raw = new Uint8Array(Float32Array.from(values).buffer);
  return message(...dims.map((dim): Field => [1, dim]), [2, FLOAT], [8, name], [9, raw]);
}

function value(name: string, type: number, dims: readonly (number | string)[]): Uint8Array {
  const shape = message(...dims.map((dim): Field => [1, message(typeof dim === "number" ? [1, dim] : [2, dim])]));
  return message([1, name], [2, message([1, message([1, type], [2, shape])])]);
}

function node(operator: string, inputs: readonly string[], output: string): Uint8Array {
  return message(...inputs.map((input): Field => [1, input]), [2, output], [4, operator]);
}

/**
 * @param table by number of the vocabulary, its logits
 * @param inputs what the model asks for beside `input_ids`, and does not look at
 */
export function tableModel(table: readonly (readonly number[])[], inputs: readonly string[] = []): Uint8Array {
  const labels = table[0]?.length ?? 0;
  const identity = Array.from({ length: labels * labels }, (_, at) => (at % (labels + 1) === 0 ? 1 : 0));
  const graph = message(
    [1, node("Gather", ["table", "input_ids"], "rows")],
    [1, node("MatMul", ["rows", "identity"], "products")],
    [1, node("Add", ["products", "bias"], "logits")],
    [2, "table"],
    [5, tensor("table", [table.length, labels], table.flat())],
    [5, tensor("identity", [labels, labels], identity)],
    [
      5,
      tensor(
        "bias",
        [labels],
        Array.from({ length: labels }, () => 0),
      ),
    ],
    ...["input_ids", ...inputs].map((name): Field => [11, value(name, INT64, ["batch", "pieces"])]),
    [12, value("logits", FLOAT, ["batch", "pieces", labels])],
  );
  return message([1, IR_VERSION], [7, graph], [8, message([1, ""], [2, OPSET])]);
}
