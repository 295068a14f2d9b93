/**
 * Full entry bundles may lie packed in a log's folder, as `tile/entries/000.gz` in the place of `tile/entries/000`. A web server that knows
 * of it serves them under their own names with `content-encoding: gzip`; whoever reads the folder itself unpacks them here.
 */

import { VerifierError } from "./errors.ts";
import { FILE_BYTES_MAX, type Source } from "./source.ts";

const FULL_BUNDLE = /^tile\/entries\/(?:x\d{3}\/)*\d{3}$/;

/** The source's file, or what is packed in its place. Rejects as the source does, and with bundle_malformed when it does not unpack. */
export async function readUnpacked(source: Source, path: string): Promise<Uint8Array | undefined> {
  const plain = await source.read(path);
  if (plain !== undefined || !FULL_BUNDLE.test(path)) return plain;
  const packed = await source.read(`${path}.gz`);
  return packed === undefined ? undefined : unpack(packed);
}

async function unpack(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([Uint8Array.from(packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > FILE_BYTES_MAX) {
        await reader.cancel();
        break;
      }
      chunks.push(value);
    }
  } catch {
    throw new VerifierError("bundle_malformed", "a packed bundle does not unpack");
  }
  if (length > FILE_BYTES_MAX) throw new VerifierError("bundle_malformed", "a packed bundle is longer than any bundle");
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
