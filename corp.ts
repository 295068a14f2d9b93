import { find } from "./try.ts";
import { readFileSync, readdirSync } from "node:fs";
const dirs=["/work/shared/data/ner/dev/","/work/shared/data/ner/train/"];
const only=process.argv[2];
let total=0;
for (const d of dirs) for (const f of readdirSync(d)) {
  if (only && !f.includes(only)) continue;
  let chars=0,hits=0; const show:string[]=[];
  for (const line of readFileSync(d+f,"utf8").split("\n")) { if(!line) continue; const {text}=JSON.parse(line); chars+=text.length;
    for (const x of find(text)) { hits++; show.push(`${x.score} «${text.slice(x.s,x.e)}» ${text.slice(Math.max(0,x.s-25),x.s).replace(/\n/g,"⏎")}[]${text.slice(x.e,x.e+15).replace(/\n/g,"⏎")} · ${x.why}`); } }
  console.log("##",f,chars,"chars",hits,"hits; per 2000:",(hits/chars*2000).toFixed(4));
  const n=Number(process.argv[3]??6); for (let i=0;i<Math.min(n,show.length);i++) console.log("   ",show[Math.floor(i*show.length/Math.min(n,show.length))]);
}
