/**
 * An answer that comes as events. Each event is passed on at once; where a lane holds back the end of a text, the event goes
 * with the shorter text and the tail comes with the lane's next piece. When the lane ends with a tail still held, an event of
 * the lane's own kind that carries only the tail goes out before the event that ended it. An event in which nothing changed
 * keeps its bytes; comments, pings and events no table names pass. An end marker is never made up.
 */
import { applyEdits, countMember, type Edit, type JsonNode, jsonString, member } from "./json.ts";
import { LineReader, withLineData } from "./lines.ts";
import type { AnswerTable, Endpoint } from "./shape.ts";
import { type SseFrame, SseReader, sseEvent, withData } from "./sse.ts";
import {
  type AnswerLimits,
  type AnswerTransform,
  type Lanes,
  parseAnswer,
  pushWhole,
  readUsage,
  type Usage,
  withWithdrawn,
} from "./transform.ts";
import { type Spot, spotEdit, type Walked, walk } from "./walk.ts";

/** A line of JSON is a frame without a name. */
type Frame = SseFrame;

/** What a stream format supplies. */
interface Format {
  readonly reader: { push(chunk: Uint8Array): Frame[]; end(): Frame[] };
  /** The frame's bytes with other data. */
  readonly rewrite: (frame: Frame, data: string) => Buffer;
  /** A new frame of the same name. */
  readonly like: (frame: Frame, data: string) => Buffer;
}

const FORMATS: Readonly<Record<"sse" | "json-lines", (limits: AnswerLimits) => Format>> = {
  sse: (limits) => ({
    reader: new SseReader(limits),
    rewrite: withData,
    like: (frame, data) => sseEvent(frame.event, data),
  }),
  "json-lines": (limits) => ({
    reader: new LineReader(limits),
    rewrite: withLineData,
    like: (_frame, data) => Buffer.from(`${data}\n`),
  }),
};

/** An event and what was found in it. */
interface Event {
  readonly frame: Frame;
  readonly text: string;
  readonly root: JsonNode;
  readonly walked: Walked;
}

/** A text that is still coming: where its last piece stood. */
interface Lane {
  readonly event: Event;
  readonly spot: Spot;
}

/** "terminated by a data: [DONE] message": https://platform.openai.com/docs/api-reference/chat/create (stream). */
const DONE = "[DONE]";
/** Many events say `"usage":null`. */
const USAGE = /"usage"\s*:\s*\{/;
const ALL_LANES = [""];

export class StreamAnswer implements AnswerTransform {
  readonly usage: Usage = {};
  complete = false;
  readonly #table: AnswerTable;
  readonly #format: Format;
  readonly #back: Lanes;
  readonly #depthMax: number;
  readonly #lanes = new Map<string, Lane>();
  /** Events added so far, and the last sequence number that went out (Responses). */
  #added = 0;
  #sequence = 0;
  #fault: Error | undefined;

  constructor(endpoint: Endpoint, contentType: "sse" | "json-lines", back: Lanes, limits: AnswerLimits) {
    if (endpoint.answer === undefined) throw new Error(`${endpoint.name} has no answer`);
    this.#table = endpoint.answer;
    this.#format = FORMATS[contentType](limits);
    this.#back = back;
    this.#depthMax = limits.depthMax;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#fault !== undefined) throw this.#fault;
    const out: Buffer[] = [];
    try {
      for (const frame of this.#format.reader.push(chunk)) this.#frame(frame, out);
    } catch (fault) {
      // What stood before the fault still goes out, however it was cut; the fault comes with the next call.
      if (out.length === 0 || !(fault instanceof Error)) throw fault;
      this.#fault = fault;
    }
    return joined(out);
  }

  end(): Uint8Array | undefined {
    if (this.#fault !== undefined) throw this.#fault;
    const out: Buffer[] = [];
    for (const frame of this.#format.reader.end()) this.#frame(frame, out);
    this.#flush(ALL_LANES, undefined, out);
    // Where nothing marks the end, the answer is whole when every event of it was.
    if (this.#table.endMarker === undefined) this.complete = true;
    return joined(out);
  }

  #frame(frame: Frame, out: Buffer[]): void {
    const { data, raw } = frame;
    if (data === undefined || data === "") {
      out.push(raw);
      return;
    }
    if (data === DONE) {
      this.#flush(ALL_LANES, undefined, out);
      this.complete = true;
      out.push(raw);
      return;
    }
    // Read also when nothing is to be changed: what cannot be read is refused, whatever the request held.
    const root = parseAnswer(data, this.#depthMax);
    if (USAGE.test(data)) readUsage(data, root, this.usage);
    out.push(this.#back.idle ? raw : this.#event(frame, data, root, out));
    if (this.#table.endMarker?.test(data)) this.complete = true;
  }

  /** The event's bytes for the client. Adds to `out` what has to go before it. */
  #event(frame: Frame, text: string, root: JsonNode, out: Buffer[]): Buffer {
    const row = this.#table.event(root, text);
    const walked = walk(text, root, row.shape, { side: "answer", lanes: row.lanes });
    const event: Event = { frame, text, root, walked };
    const { spots } = walked;
    const after: string[] = [];
    for (const spot of spots) after.push(spot.lane ? this.#piece(event, spot) : pushWhole(this.#back, spot));
    this.#flush(frame.partial ? ALL_LANES : row.ends, { spots, after }, out);
    const edits: Edit[] = [];
    for (let i = 0; i < spots.length; i++) {
      const edit = spotEdit(spots[i], after[i]);
      if (edit) edits.push(edit);
    }
    withWithdrawn(edits, walked);
    this.#number(text, root, edits);
    return edits.length === 0 ? frame.raw : this.#format.rewrite(frame, applyEdits(text, edits));
  }

  #piece(event: Event, spot: Spot): string {
    this.#lanes.set(spot.path, { event, spot });
    return this.#send(spot, spot.text, false);
  }

  #send({ path, json }: Spot, text: string, final: boolean): string {
    return this.#back.push(json ? { path, text, final, encoding: "json" } : { path, text, final }).text;
  }

  /** Ends lanes. A tail goes into the current event when that has a piece of the lane, otherwise into one of its own before it. */
  #flush(
    ends: readonly string[],
    current: { spots: readonly Spot[]; after: string[] } | undefined,
    out: Buffer[],
  ): void {
    if (ends.length === 0) return;
    for (const [path, lane] of this.#lanes) {
      if (!ends.some((prefix) => path.startsWith(prefix))) continue;
      this.#lanes.delete(path);
      const tail = this.#send(lane.spot, "", true);
      if (tail === "") continue;
      const position = current?.spots.findLastIndex((spot) => spot.lane && spot.path === path) ?? -1;
      if (current && position >= 0) current.after[position] += tail;
      else out.push(this.#tailEvent(lane, tail));
    }
  }

  #tailEvent({ event, spot }: Lane, tail: string): Buffer {
    const numbered = countMember(event.text, event.root, "sequence_number") !== undefined;
    if (numbered) {
      this.#added++;
      this.#sequence++;
    }
    const data = pruned(event, spot, tail, numbered ? this.#sequence : undefined);
    return this.#format.like(event.frame, data);
  }

  /** Sequence numbers go on rising by one when an event was added. */
  #number(text: string, root: JsonNode, edits: Edit[]): void {
    const number = countMember(text, root, "sequence_number");
    if (number === undefined) return;
    this.#sequence = number + this.#added;
    if (this.#added === 0) return;
    const node = member(root, "sequence_number");
    if (node) edits.push({ start: node.start, end: node.end, text: String(this.#sequence) });
  }
}

function joined(out: readonly Buffer[]): Buffer | undefined {
  return out.length > 1 ? Buffer.concat(out) : out[0];
}

/**
 * An event that carries only a tail: what identifies the lane is kept (the event's own scalars, and on the way to the text its
 * indexes, types and nulls), everything that says something is not, because clients add up what deltas say.
 */
function pruned(event: Event, spot: Spot, tail: string, sequence: number | undefined): string {
  const { text, walked } = event;
  const said = new Set(walked.spots.map(({ start }) => start));
  const holds = (node: JsonNode): boolean => node.start <= spot.start && node.end >= spot.end;
  const prune = (node: JsonNode, top: boolean): string => {
    if (node.kind === "array")
      return `[${node.items
        .filter(holds)
        .map((item) => prune(item, false))
        .join(",")}]`;
    if (node.kind !== "object") return jsonString(tail);
    const kept: string[] = [];
    for (const { key, keyStart, keyEnd, value } of node.members) {
      const kind = value.kind;
      let after: string | undefined;
      if (holds(value)) after = prune(value, false);
      else if (top && key === "sequence_number" && sequence !== undefined) after = String(sequence);
      else if (top && kind === "array") after = "[]";
      else if (
        kind === "null" ||
        (kind !== "array" && kind !== "object" && (top || key === "index" || key === "type"))
      ) {
        if (!said.has(value.start)) after = text.slice(value.start, value.end);
      }
      if (after !== undefined) kept.push(`${text.slice(keyStart, keyEnd)}:${after}`);
    }
    return `{${kept.join(",")}}`;
  };
  return prune(event.root, true);
}
