import { createRequire } from "node:module";
const req = createRequire("/work/main/detector/src/x.js");
for (const l of ["cs_CZ","sk","en_GB","en_IE","en_US","hu","ro","hr","el","lv","sl_SI","sr_RS_latin","ro_MD","de"]) {
  let faker;
  try { ({faker} = await import(`/work/main/node_modules/@faker-js/faker/dist/locale/${l}.js`)); } catch (e) { console.log(l, e.message); continue; }
  faker.seed(7);
  console.log("==", l);
  for (let i=0;i<7;i++) {
    const p = [faker.location.streetAddress(), faker.location.streetAddress(true), faker.location.zipCode(), faker.location.city()];
    console.log("  ", p.join(" | "));
  }
}
