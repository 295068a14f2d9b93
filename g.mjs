const names=["sv","da","nb_NO","fi","nl","nl_BE","fr","fr_BE","ro","hu","sk"];
for (const l of names){const {faker}=await import(`/work/main/node_modules/@faker-js/faker/dist/locale/${l}.js`);
const d=faker.definitions.location;
console.log("==",l,JSON.stringify(faker.definitions.metadata?.title));
for (const k of ["street_suffix","street_prefix","street_pattern","building_number","secondary_address","postcode","city_suffix","city_pattern","street_address"]) { let v; try{v=faker.rawDefinitions.location?.[k]}catch{} if(v) console.log(k, JSON.stringify(v).slice(0, k.startsWith("street_s")||k.startsWith("street_pr")?900:300)); }
const sn=faker.rawDefinitions.location?.street_name; if(sn) console.log("street_name",sn.length, sn.slice(0,12).join("; "));
const cn=faker.rawDefinitions.location?.city_name; if(cn) console.log("city_name",cn.length, cn.filter(x=>/ [^A-ZÁÉÍÓÚŠČŽÄÖÜŁŚŹŻ]|[^\p{L} '-]/u.test(x)).slice(0,30).join("; "));
}
