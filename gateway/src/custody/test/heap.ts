/**
 * Reads a heap snapshot of V8, as far as a test needs it: which strings hold a text, what holds those, and what can be come to from an
 * object. Numbers are read into typed arrays: as JavaScript's own they would take several times the heap that they tell of.
 * https://chromium.googlesource.com/v8/v8/+/main/src/profiler/heap-snapshot-generator.cc
 */
import { readFileSync } from "node:fs";

export interface Holder {
  readonly node: number;
  /** Name of its constructor, or the type of what has none. */
  readonly name: string;
  readonly property: string;
}

interface Meta {
  readonly node_fields: readonly string[];
  readonly node_types: readonly (readonly string[])[];
  readonly edge_fields: readonly string[];
  readonly edge_types: readonly (readonly string[])[];
}

const STRINGS: ReadonlySet<string> = new Set(["string", "concatenated string", "sliced string"]);

export class Heap {
  readonly size: number;
  readonly #width: number;
  readonly #nodes: Uint32Array;
  readonly #edges: Uint32Array;
  readonly #strings: readonly string[];
  readonly #nodeTypes: readonly string[];
  readonly #edgeTypes: readonly string[];
  readonly #at: { readonly type: number; readonly name: number; readonly edges: number };
  /** Node → its first edge. */
  readonly #firstEdge: Uint32Array;

  constructor(path: string) {
    const bytes = readFileSync(path);
    const { meta, nodeCount, edgeCount } = headOf(bytes);
    this.size = nodeCount;
    this.#width = meta.node_fields.length;
    this.#nodes = numbersOf(bytes, "nodes", nodeCount * this.#width);
    this.#edges = numbersOf(bytes, "edges", edgeCount * meta.edge_fields.length);
    this.#strings = stringsOf(bytes);
    this.#nodeTypes = meta.node_types[0] ?? [];
    this.#edgeTypes = meta.edge_types[0] ?? [];
    const at = (field: string): number => meta.node_fields.indexOf(field);
    this.#at = { type: at("type"), name: at("name"), edges: at("edge_count") };
    this.#firstEdge = new Uint32Array(nodeCount + 1);
    for (let node = 0; node < nodeCount; node++)
      this.#firstEdge[node + 1] = (this.#firstEdge[node] ?? 0) + this.#field(node, this.#at.edges);
  }

  /** Strings whose text holds one of `values`. Snapshots must have been taken with a limit of strings beyond theirs. */
  stringsWith(values: readonly string[]): readonly number[] {
    const holding = new Set<number>();
    for (const [at, text] of this.#strings.entries()) if (values.some((value) => text.includes(value))) holding.add(at);
    return this.#find((node) => holding.has(this.#field(node, this.#at.name)) && STRINGS.has(this.#type(node)));
  }

  /** Objects of a class. */
  named(constructor: string): readonly number[] {
    return this.#find((node) => this.#type(node) === "object" && this.#name(node) === constructor);
  }

  /** Objects with all of these properties, of any class. */
  shaped(properties: readonly string[]): readonly number[] {
    return this.#find((node) => this.#type(node) === "object" && this.has(node, properties));
  }

  has(node: number, properties: readonly string[]): boolean {
    if (this.#field(node, this.#at.edges) < properties.length) return false;
    const names = new Set([...this.#edgesOf(node)].map((edge) => this.#edgeName(edge)));
    return properties.every((property) => names.has(property));
  }

  /** What holds them strongly: through other strings that are made of them, and through arrays. */
  holdersOf(nodes: readonly number[]): readonly Holder[] {
    const targets = new Set(nodes);
    const found = new Map<string, Holder>();
    for (let before = 0; before < targets.size; ) {
      before = targets.size;
      found.clear();
      for (let node = 0; node < this.size; node++) {
        for (const edge of this.#edgesOf(node)) {
          if (!targets.has(this.#target(edge)) || this.#edgeType(edge) === "weak") continue;
          const type = this.#type(node);
          const isPart = STRINGS.has(type) || type === "array" || this.#name(node) === "Array";
          if (isPart) targets.add(node);
          const name = type === "object" ? this.#name(node) : `(${type})`;
          const property = this.#edgeName(edge);
          if (!isPart) found.set(`${node} ${property}`, { node, name, property });
        }
      }
    }
    return [...found.values()];
  }

  /** All that is found by who takes these apart: by properties, private ones too, and elements; not through functions. */
  within(nodes: readonly number[]): ReadonlySet<number> {
    const seen = new Set(nodes);
    const next = [...nodes];
    for (let node = next.pop(); node !== undefined; node = next.pop()) {
      const type = this.#type(node);
      if (type === "closure") continue;
      for (const edge of this.#edgesOf(node)) {
        const isOwn = ["property", "element"].includes(this.#edgeType(edge)) && this.#edgeName(edge) !== "__proto__";
        const to = this.#target(edge);
        if (seen.has(to) || this.#edgeType(edge) === "weak" || !(isOwn || STRINGS.has(type) || type === "array"))
          continue;
        seen.add(to);
        next.push(to);
      }
    }
    return seen;
  }

  #find(is: (node: number) => boolean): number[] {
    const found: number[] = [];
    for (let node = 0; node < this.size; node++) if (is(node)) found.push(node);
    return found;
  }

  #field(node: number, at: number): number {
    return this.#nodes[node * this.#width + at] ?? 0;
  }

  #type(node: number): string {
    return this.#nodeTypes[this.#field(node, this.#at.type)] ?? "";
  }

  #name(node: number): string {
    return this.#strings[this.#field(node, this.#at.name)] ?? "";
  }

  *#edgesOf(node: number): Generator<number> {
    for (let edge = this.#firstEdge[node] ?? 0; edge < (this.#firstEdge[node + 1] ?? 0); edge++) yield edge;
  }

  #edgeType(edge: number): string {
    return this.#edgeTypes[this.#edges[edge * 3] ?? 0] ?? "";
  }

  /** Elements and hidden edges have numbers. */
  #edgeName(edge: number): string {
    const name = this.#edges[edge * 3 + 1] ?? 0;
    return ["element", "hidden"].includes(this.#edgeType(edge)) ? String(name) : (this.#strings[name] ?? "");
  }

  #target(edge: number): number {
    return (this.#edges[edge * 3 + 2] ?? 0) / this.#width;
  }
}

function headOf(bytes: Buffer): { meta: Meta; nodeCount: number; edgeCount: number } {
  const text = bytes.toString("utf8", 0, bytes.indexOf('"nodes":[')).trimEnd().replace(/,$/, "");
  const { snapshot } = JSON.parse(`${text}}`) as { snapshot: { meta: Meta; node_count: number; edge_count: number } };
  return { meta: snapshot.meta, nodeCount: snapshot.node_count, edgeCount: snapshot.edge_count };
}

function numbersOf(bytes: Buffer, name: string, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  let at = bytes.indexOf(`"${name}":[`) + `"${name}":[`.length;
  const digit = (): number => (bytes[at] ?? 0) - 48;
  const isDigit = (): boolean => digit() >= 0 && digit() <= 9;
  for (let index = 0; index < count; index++) {
    let value = 0;
    while (!isDigit()) at += 1;
    for (; isDigit(); at++) value = value * 10 + digit();
    numbers[index] = value;
  }
  return numbers;
}

/** They are the last in the file. */
function stringsOf(bytes: Buffer): string[] {
  const start = bytes.lastIndexOf('"strings":[') + '"strings":'.length;
  return JSON.parse(bytes.toString("utf8", start, bytes.lastIndexOf("]") + 1)) as string[];
}
