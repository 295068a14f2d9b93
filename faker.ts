import { find } from "./try.ts";
const L: Record<string, (f:any)=>[string,string][]> = {};
const after=(f:any,full:boolean)=>`${f.location.streetAddress(full)}, ${f.location.zipCode()} ${f.location.city()}`;
const gb=(f:any,full:boolean)=>`${f.location.streetAddress(full)}, ${f.location.city()}, ${f.location.zipCode()}`;
const us=(f:any,full:boolean)=>`${f.location.streetAddress(full)}, ${f.location.city()}, ${f.location.state({abbreviated:true})} ${f.location.zipCode()}`;
const lv=(f:any,full:boolean)=>`${f.location.streetAddress(full)}, ${f.location.city()}, ${f.location.zipCode()}`;
const carriers: Record<string,string[]> = {
 de:["Ich wohne in der {} und","Lieferung an {}.","Adresse: {}","{}"], 
};
const plain=["Adresse: {}","{}","Please send it to {}.","({})", "Kontakt: {}; Tel. 030 123"];
const verbose=process.argv[2];
for (const [l,make] of [["de",after],["de_AT",after],["de_CH",after],["fr",after],["fr_BE",after],["fr_CH",after],["fr_LU",after],["es",after],["it",after],["nl",after],["nl_BE",after],["pl",after],["pt_PT",after],["sv",after],["da",after],["nb_NO",after],["fi",after],["cs_CZ",after],["sk",after],["en_GB",gb],["en_IE",gb],["en_US",us],["hu",after],["ro",after],["hr",after],["el",after],["lv",lv],["sl_SI",after]] as const){
 if (verbose && verbose!==l) continue;
 const {faker}=await import(`/work/main/node_modules/@faker-js/faker/dist/locale/${l}.js`); faker.seed(20261121);
 let n=0,hit=0,covered=0, street=0, streetHit=0; const miss:string[]=[];
 for(let i=0;i<400;i++){ const full=i%2===1; const a=make(faker,full); const c=plain[i%plain.length]!; const s=c.indexOf("{}"); const text=c.replace("{}",()=>a);
  const f=find(text); n++; if(f.some(x=>x.s===s&&x.e===s+a.length)) hit++; else miss.push(`${text}   =>  ${f.map(x=>text.slice(x.s,x.e)+" "+x.score).join(" | ")}`);
  if (f.some(x=>x.s<=s&&x.e>=s+a.length)) covered++;
  const st=faker.location.streetAddress(false); const g=find("sent to "+st+" today"); street++; if(g.some(x=>x.s===8&&x.e===8+st.length)) streetHit++;
 }
 console.log(l.padEnd(6),"exact",(hit/n).toFixed(3),"covered",(covered/n).toFixed(3),"street+number alone",(streetHit/street).toFixed(3));
 if(verbose) console.log(miss.slice(0,40).join("\n"));
}
