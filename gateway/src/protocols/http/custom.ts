/**
 * Custom inference APIs: an endpoint whose tables come from its row in the config. Every string that the row does not call
 * fixed is scanned on the way in, and every string is restored on the way out; the row only says who wrote what, and which
 * strings of a stream are pieces of one text.
 */
import type { Connection, CustomEndpoint } from "../../core/connection.ts";
import { type JsonNode, member, stringMember } from "./json.ts";
import { type Endpoint, type EventRow, LEAVE, type Shape, UNKNOWN, UNKNOWN_PIECES } from "./shape.ts";

/** The connection's endpoint at that path below its URL. */
export function customEndpoint(connection: Connection, path: string): Endpoint | undefined {
  const row = connection.endpoints.find((each) => each.path === path);
  if (row === undefined) return undefined;
  let endpoint = COMPILED.get(row);
  if (endpoint === undefined) {
    endpoint = compile(connection.name, row);
    COMPILED.set(row, endpoint);
  }
  return endpoint;
}

/** Rows are immutable, and a reload of the config makes new ones. */
const COMPILED = new WeakMap<CustomEndpoint, Endpoint>();

function compile(connection: string, row: CustomEndpoint): Endpoint {
  const request = shapeOf([
    ...row.requestText.map((path): Placed => [path, UNKNOWN]),
    ...row.requestSystem.map((path): Placed => [path, { ...UNKNOWN, origin: "system" }]),
    ...row.requestFixed.map((path): Placed => [path, LEAVE]),
  ]);
  const event = shapeOf(row.responseText.map((path): Placed => [path, { ...UNKNOWN_PIECES, lane: true }]));
  return {
    name: `custom:${row.path}`,
    family: "custom",
    method: "POST",
    path: row.path,
    action: "infer",
    stream: row.stream,
    target: connection,
    request: { shape: request, order: topLevel(row.requestSystem), required: [] },
    answer: { whole: UNKNOWN, event: (each) => customEvent(each, event) },
  };
}

/** Ways to say "this was the last of it" that APIs outside the families have in common. */
const ENDS_TRUE = ["done", "finished", "is_finished"];
const ENDS_REASON = ["finish_reason", "stop_reason", "done_reason"];

function customEvent(event: JsonNode, shape: Shape): EventRow {
  const last =
    ENDS_TRUE.some((key) => member(event, key)?.kind === "true") ||
    ENDS_REASON.some((key) => (stringMember(event, key) ?? "") !== "");
  return { shape, lanes: "", ends: last ? [""] : [] };
}

type Placed = [path: string, shape: Shape];

/** Places along one step of the paths. A later row for the same place wins. */
interface Place {
  shape?: Shape;
  readonly named: Map<string, Place>;
  any?: Place;
}

function shapeOf(rows: readonly Placed[]): Shape {
  const root: Place = { named: new Map() };
  for (const [path, shape] of rows) {
    let place = root;
    for (const step of path.split(".")) {
      let next = step === "*" ? place.any : place.named.get(step);
      if (next === undefined) {
        next = { named: new Map() };
        if (step === "*") place.any = next;
        else place.named.set(step, next);
      }
      place = next;
    }
    place.shape = shape;
  }
  return build(root);
}

function build(place: Place): Shape {
  if (place.named.size === 0 && place.any === undefined) return place.shape ?? UNKNOWN;
  const any = place.any ? build(place.any) : UNKNOWN;
  return {
    ...UNKNOWN,
    ...place.shape,
    items: any,
    fields: new Map([...place.named].map(([key, inner]) => [key, build(inner)])),
    rest: any,
  };
}

function topLevel(paths: readonly string[]): string[] {
  return paths.map((path) => path.split(".", 1)[0] ?? "").filter((key) => key !== "*");
}
