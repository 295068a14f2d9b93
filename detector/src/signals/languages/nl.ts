/** Dutch. How it is written: ../language.ts. */
import type { SignalLanguage } from "../language.ts";

export const nl: SignalLanguage = {
  code: "nl",
  common: `de, het, een, en, van, is, niet, met, voor, op, aan, te, dat, die, er, bij, wij, we, heeft, was, werd, zijn, naar, sinds, ook, uit, om, als, door, wordt, deze, nog, maar, na`,
  person: `ik, mij, mijn, mezelf, hij, hem, zijn, zij, haar, ze, hun, iemand, wie, patiënt*, cliënt*, klant, medewerk*, werknem*, collega*, sollicitant*, kandida*, leerling*, student*, leraar, lerares, docent*, baas, chef, buurman, buurvrouw, buren, vriend*, partner*, echtgeno*, vrouw,
    moeder*, vader*, mama, papa, ouders, broer*, zus, zusje, zoon, dochter*, kind, kinderen, baby, oom, tante, neef, nicht, opa, oma, grootmoeder*, grootvader*, kleinkind*, meneer, mevrouw, mevr, dhr, lijdt, lijd, heb, ben, jarige, verzekerde*, huurder*, bewoner*, getuige*, verdachte*, gedetineerde*, lid, geboren`,
  medical: `diagnos*, behandel*, therap*, patiënt*, lijdt, lijden, symptom*, klachten, ziekenhui*, kliniek*, arts, artsen, dokter*, ziek*, geopereerd*, operat*, chronisch*, voorgeschrev*, medicijn*, medicat*, tumor*, uitslag*, test*, monster*, onderzocht*, opgeslagen, geregistreerd*, vastgelegd`,
  belonging: `lid, leden, lidmaatschap, aangesloten, stem, stemt, stemde, gelooft, gelovig*, bekeerd*, bekeerde, gedoopt, opgevoed, praktiser*, actief, activist*, aanhang*, partij*, afkomst*, afkomstig*, wortels, behoor*, gemeenschap*, kandida*, gekozen`,
  keys: {
    health: `?diagnose, voorgeschiedenis, medische voorgeschiedenis, ziekte, aandoening, aandoeningen, ziektebeeld, allergieën, ?allergie, handicap, arbeidsbeperking, bloedgroep, medicatie, medicijngebruik, gezondheidstoestand, reden ziekmelding`,
    religion: "religie, godsdienst, geloof, geloofsovertuiging, levensovertuiging, kerkgenootschap, gezindte",
    politics: "politieke partij, politieke voorkeur, politieke opvatting, politieke gezindheid, partijlidmaatschap",
    "union-membership": "vakbond, vakbondslidmaatschap, lidmaatschap vakbond, vakvereniging",
    ethnicity: "etniciteit, etnische afkomst, etnische achtergrond, ?ras, huidskleur",
    "sexual-orientation":
      "seksuele geaardheid, seksuele gerichtheid, seksuele voorkeur, seksuele oriëntatie, seksualiteit, genderidentiteit",
    biometric: "biometrisch sjabloon, biometrisch kenmerk, vingerafdruksjabloon, gezichtssjabloon",
    genetic: "genotype, karyotype, genetische test, dna profiel, genetisch profiel",
  },
  terms: {
    health: `astma*, diabet*, suikerziekte, epilep*, !hiv positie*, hiv, ?aids, hepatitis, tuberculose, leukemie*, lymfoom, melano*, carcino*, ?kanker, kankerpatiënt*, borstkanker, longkanker, prostaatkanker, darmkanker, huidkanker, hersentumor*, tumor*, uitzaaiing*, chemotherap*, chemokuur*, bestraling*, dialyse, insuline*, depressie*, ?depressie, depressief, antidepress*, angststoornis*,
      paniekaanval*, bipolair*, schizofren*, psychose*, psychotisch*, psychotherap*, psychiat*, trauma, ptss, adhd, autis*, asperger, anorexi*, boulimi*, eetstoornis*, dement*, alzheimer, parkinson*, multiple sclerose, spierdystrof*, dwarslaesie, migraine*, beroerte*, hartinfarct*, hartaanval*, hartfalen, hartziekte*, hartpatiënt*, hartritme*, hoge bloeddruk, artrose, artritis, reuma*, osteoporose,
      hernia, endometriose, miskra*, !zwanger*, abortus*, ivf behandeling*, onvruchtbaar*, overgang, syfilis, gonorroe, herpes, chlamydia, copd, bronchitis, longontsteking*, corona besmet*, covid*, ziekte van crohn, colitis, coeliakie, bloedarmoede, schildklier*, nierfalen, nierziekte*, levercirrose, transplantat*, rolstoel*, !gehandicapt*, handicap, arbeidsongeschikt*, doof, dove,
      slechthorend*, blind, blinde, slechtziend*, alcoholis*, alcoholverslaa*, verslaafd*, verslaving*, drugsverslaa*, overdosis, afkickkliniek, burn out, burnout, slapeloos*, ziekgemeld*, ziekmelding*, ziekteverlof, ziektewet, chronisch ziek*, chronische pijn, allerg*, antibiotic*, opioïd*, methadon, bètablokker*, bloedverdunner*, suïcid*, zelfmoord*, zelfbeschadig*, geamputeerd*, prothese*, opgenomen in het ziekenhuis, ?infectie*, ?operatie,
      -ministerie van volksgezondheid, -kankeronderzoek, -steenbokskeerkring, -atmosferische depressie`,
    religion: `!katholieken, katholiek*, !protestanten, protestant*, gereformeerd*, hervormd*, evangelisch*, luthers*, orthodox*, !christenen, christelijk*, ?christen, !moslim*, islam*, soennit*, sjiit*, !jood, !joden, !joodse, joods*, hindoe*, boeddh*, sikh*, mormoon*, jehova*, atheïs*, agnost*, gedoopt*, ?doop, belijdenis, hoofddoek*, koosjer*, halal, ramadan, moskee*, synagoge*, ?gelovig*, ?kerk,
      uitgeschreven bij de kerk, kerklid*, scientolog*, bijbelkring*, communie, vormsel, keppel*, -katholieke kerk, -islamitische staat, -joods museum, -protestantse kerk nederland`,
    politics: `sociaaldemocra*, christendemocra*, socialist*, communist*, extreemrechts, extreem rechts, extreemlinks, extreem links, anarchist*, fascist*, nationalist*, monarchist*, marxist*, republikein*, ?conservatie*, ?liberaal, ?liberale, !partijlid, partijlidmaatschap, partijleden, stemt links, stemt rechts, stemt op, stemde op, stem op, ?pvv, ?vvd, ?groenlinks, ?pvda, ?cda, politiek actief, politieke voorkeur,
      politieke overtuiging, politieke gezindheid, politieke opvatting*, klimaatactivist*, milieuactivist*, demonstr*, feminist*, separatist*, antifascist*, vlaams belang, -socialistische republiek`,
    "union-membership": `!vakbondslid, !vakbondsleden, vakbond*, vakbeweging, vakvereniging*, ?fnv, ?cnv, ?abvv, ?acv, ondernemingsraad, staking*, staak*, staker*, vakbondscontributie, kaderlid, stakingskas, syndical*, syndicaal afgevaardigde, vakbondsafgevaardigde*, vakbondsvertegenwoordig*, bondslid*, -europees vakverbond`,
    ethnicity: `etnische afkomst, etnisch*, afrikaanse afkomst, marokkaanse afkomst, turkse afkomst, surinaamse afkomst, antilliaanse afkomst, arabische afkomst, migratieachtergrond, allochto*, ?marokkaan*, ?turk, ?turkse, surinamer*, surinaamse, hindoestaan*, hindostaan*, ?roma, sinti, zigeuner*, koerd*, berber*, arabier*, ?zwarte, donkere huid*, huidskleur, halfbloed*, dubbelbloed, inheems*, molukker*, moluks*, afro amerikaan*,
      niet westerse achtergrond, creool*, creools*, aboriginal*, latino*, -as roma, -zwarte piet, -zwarte zee, -zwarte doos`,
    "sexual-orientation": `!homoseksue*, homoseksualiteit, homo, homofiel, !lesbisch*, !lesbienne*, ?gay, !biseksue*, !heteroseksue*, aseksue*, panseksue*, queer, transgender*, transseksue*, transvrouw*, transman*, non binair*, nonbinair*, interseks*, lhbt*, lgbt*, zelfde geslacht, seksuele geaardheid, seksuele gerichtheid, seksuele voorkeur, uit de kast, coming out, geslachtsverand*, genderdysfor*, genderidentiteit, hormoonbehandeling*, homohuwelijk, ?hetero, seksleven, roze ouder*, -homo sapiens, -homo erectus`,
    biometric: `vingerafdruk*, gezichtsherken*, gezichtsscan*, irisscan*, irisherken*, netvliesscan*, stemherken*, stemprofiel*, stemafdruk*, handpalmscan*, handpalm*, handgeometrie, biometri*, aderpatro*, aderherken*, looppatroon, loopherken*, toetsaanslagpatro*, typegedrag, touch id, face id, gelaatsscan*, gezichtskenmerken, -biometrisch paspoort`,
    genetic: `genetisch*, dna test*, dna onderzoek*, dna profiel*, dna monster*, dna analyse*, gentest*, genafwijking*, genmutatie*, erfelijke ziekte*, erfelijke aandoening*, erfelijk belast*, erfelijke borstkanker, brca*, huntington, taaislijmziekte, cystic fibrosis, sikkelcel*, hemofil*, downsyndroom, syndroom van down, trisom*, genoom*, chromosoom*, karyotyp*, genotyp*, thalasse*, drager van het gen, draagster van het gen, vaderschapstest*, lynchsyndroom,
      -genetisch algoritme*, -genetische algoritm*, -genetische manipulatie`,
  },
};
