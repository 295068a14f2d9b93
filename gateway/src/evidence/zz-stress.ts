import { Worker } from "node:worker_threads"; const sab=new SharedArrayBuffer(4); const bt=new Int32Array(sab); setInterval(()=>{Atomics.add(bt,0,1);},300); new Worker("/tmp/evidence-room/watch.cjs",{workerData:sab});
import { join } from "node:path";
import { parseBundle, tilePath, verifyLog, parseLogInfo } from "@sluice/verifier";
import { openEvidence } from "/work/main/gateway/src/evidence/index.ts";
import { PowerDisk } from "/work/main/gateway/src/evidence/test/power-disk.ts";
const until = Date.now() + 45_000; let logs=0, rounds=0, resumed=0;
while (Date.now() < until) {
  logs++;
  const dir="/tmp/evidence-room/none"; const disk = new PowerDisk(Math.random); const ack = new Map<number,number>(); let n=0;
  for (let r=0;r<25 && Date.now()<until;r++){ rounds++;
    const bm = await disk.readFile(join(dir,"bookmark")); if (bm) resumed++;
    const log = await openEvidence({dir, origin:"a.example/b", clock:Date.now, checkpointIntervalMs:4, segmentBytesMax:9000, disk:disk.forProcess(), wholeReadingMax:0, settlingAgeMs:0});
    const src = { read: (p:string)=>disk.readFile(join(dir,"public",p)) };
    const info = parseLogInfo((await src.read("log.json"))!);
    const rep = await verifyLog(src as never, {vkeys: info.vkeys});
    if (!rep.ok) { console.log("BAD", rep.problems.slice(0,3), bm?.toString().slice(0,200)); process.exit(1);}
    for await (const {index, bytes} of log.entries(0)) { const e=ack.get(index); if (e!==undefined && JSON.parse(bytes.toString()).n!==e) {console.log("LOST");process.exit(1);} }
    if (log.size < ack.size) { console.log("LOST size"); process.exit(1); }
    let on=true; const w=async()=>{while(on){const m=n++; const {index}=await log.append({type:"t",n:m}); ack.set(index,m);}};
    const ws=Array.from({length:60},()=>w().catch(()=>undefined));
    for(let t=Math.floor(Math.random()*150);t>0;t--) await new Promise(x=>setImmediate(x));
    on=false; if (Math.random()<0.3) disk.kill(); else disk.losePower(); await Promise.all(ws); await log.close().catch(()=>undefined);
  }
}
console.log({logs,rounds,resumed});
process.exit(0)
