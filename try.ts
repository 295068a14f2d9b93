import { findAddresses } from "/work/main/detector/src/addresses/address.ts";
import { Sink } from "/work/main/detector/src/recognizers/recognizer.ts";
export function find(text: string) {
  const out: {s:number,e:number,score:number,why:string}[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    const sink = new Sink(undefined, 0.5);
    findAddresses(text, at, at + line.length, sink);
    for (const f of sink.found) out.push({ s: f.start, e: f.end, score: f.score, why: f.why });
    at += line.length + 1;
  }
  return out;
}
if (process.argv[2] !== undefined) for (const t of process.argv.slice(2)) console.log(t, "=>", find(t).map(f => `«${t.slice(f.s,f.e)}» ${f.score} ${f.why}`));
