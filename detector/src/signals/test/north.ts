/** Sentences in Swedish, Danish, Norwegian, Finnish, Estonian, Latvian, Lithuanian: `+` holds the signal between « and », `-` none. All invented. */
export const NORTH: Readonly<Record<string, string>> = {
  sv: `
# health
+ Min mamma har haft «diabetes» i många år.
+ Den anställda är «sjukskriven» till måndag.
+ Patienten har «bröstcancer».
- Socialdepartementet har gett ut nya regler.
- Cancerforskningen får mer pengar.
- Kräftans vändkrets går genom Mexiko.
# religion
+ Min kollega är «katolik» och går i mässan.
+ Hon är «muslim» och fastar.
+ Min granne är «ateist».
- Den katolska kyrkan vid torget byggdes 1420.
- Ämnet religion läses på våren.
- Moskén i staden renoveras.
# politics
+ Min granne är «kommunist» sedan länge.
+ Kandidaten är «partimedlem» i kommunen.
+ Min pappa var «nazist».
- Riksdagen antog budgeten i torsdags.
- Den socialistiska arkitekturen präglar kvarteret.
- Valdagen är i september.
# union-membership
+ Den anställde är «fackligt ansluten».
+ Min fru är «fackombud».
+ Jag är med i «strejken» i morgon.
- Europeiska unionen antog förordningen.
- Facklitteratur finns på plan två.
- Unionen av två mängder är tom.
# ethnicity
+ Min flickvän är «kurdisk».
+ Eleven har «utländsk bakgrund».
+ Min mormor var «same».
- Svarta havet är varmt i augusti.
- De arabiska siffrorna är tio.
- Den etniska mångfalden i regionen är känd.
# sexual-orientation
+ Min bror är «homosexuell».
+ Kunden är «transperson» och ber om en ny blankett.
+ Min dotter är «lesbisk».
- Hbtq-festivalen öppnar i juni.
- Gay-Lussacs lag beskriver gaser.
- Samkönade äktenskap infördes 2009.
# biometric
+ Den anställdas «fingeravtryck» är lagrade.
+ Min «irisskanning» gjordes vid grinden.
+ Hon vägrade «ansiktsigenkänning» vid ingången.
- Ett biometriskt pass kostar mer.
- Ansiktsigenkänning regleras i lagen.
- Fingeravtrycksläsaren är på rea.
# genetic
+ Min syster har «Downs syndrom».
+ Patientens «gentest» var positivt.
+ Hans son har «cystisk fibros».
- En genetisk algoritm räknar ut schemat.
- Den genetiska koden är känd.
- Kromosomer syns i mikroskop.
`,
  da: `
# health
+ Min mor har haft «diabetes» i mange år.
+ Den ansatte er «sygemeldt» til mandag.
+ Patienten har «brystkræft».
- Sundhedsministeriet har udgivet nye regler.
- Kræftforskningen får flere penge.
- Krebsens vendekreds går gennem Mexico.
# religion
+ Min kollega er «katolik» og går i kirke.
+ Hun er «muslim» og faster.
+ Min nabo er «ateist».
- Den katolske kirke ved torvet er fra 1420.
- Faget religion læses om foråret.
- Moskeen i byen bliver renoveret.
# politics
+ Min nabo er «kommunist».
+ Kandidaten er «partimedlem» i kommunen.
+ Min far var «nazist».
- Folketinget vedtog finansloven torsdag.
- Den socialistiske arkitektur præger kvarteret.
- Valgdagen er i november.
# union-membership
+ Den ansatte er «fagforeningsmedlem».
+ Min kone er «tillidsrepræsentant».
+ Jeg er med i «strejken» i morgen.
- Den Europæiske Union vedtog forordningen.
- Faglitteraturen står på anden sal.
- Foreningsmængden er tom.
# ethnicity
+ Min kæreste er «kurder».
+ Eleven har «indvandrerbaggrund».
+ Min mormor var «grønlænder».
- Sortehavet er varmt i august.
- De arabiske tal er ti.
- Den etniske mangfoldighed i regionen er kendt.
# sexual-orientation
+ Min bror er «homoseksuel».
+ Kunden er «transkønnet» og beder om en ny blanket.
+ Min datter er «lesbisk».
- Lgbt-festivalen åbner i juni.
- Gay-Lussacs lov beskriver gasser.
- Registreret partnerskab blev indført i 1989.
# biometric
+ Den ansattes «fingeraftryk» er gemt.
+ Min «irisscanning» blev lavet ved porten.
+ Hun nægtede «ansigtsgenkendelse» ved indgangen.
- Et biometrisk pas koster mere.
- Ansigtsgenkendelse er reguleret i loven.
- Fingeraftrykslæseren er på tilbud.
# genetic
+ Min søster har «Downs syndrom».
+ Patientens «gentest» var positiv.
+ Hans søn har «cystisk fibrose».
- En genetisk algoritme beregner skemaet.
- Den genetiske kode er kendt.
- Kromosomer ses i mikroskop.
`,
  nb: `
# health
+ Moren min har hatt «diabetes» i mange år.
+ Den ansatte er «sykmeldt» til mandag.
+ Pasienten har «brystkreft».
- Helsedepartementet ga ut nye regler.
- Kreftforskningen får mer penger.
- Krepsens vendekrets går gjennom Mexico.
# religion
+ Kollegaen min er «katolikk» og går i kirken.
+ Hun er «muslim» og faster.
+ Naboen min er «ateist».
- Den katolske kirke ved torget er fra 1420.
- Faget religion leses om våren.
- Moskeen i byen pusses opp.
# politics
+ Naboen min er «kommunist».
+ Kandidaten er «partimedlem» i kommunen.
+ Faren min, far til tre, var «nazist».
- Stortinget vedtok budsjettet torsdag.
- Den sosialistiske arkitekturen preger strøket.
- Valgdagen er i september.
# union-membership
+ Den ansatte er «fagorganisert».
+ Kona mi er «tillitsvalgt».
+ Jeg er med i «streiken» i morgen.
- Den europeiske union vedtok forordningen.
- Faglitteraturen står i andre etasje.
- Unionen av to mengder er tom.
# ethnicity
+ Kjæresten min er «kurdisk».
+ Eleven har «innvandrerbakgrunn».
+ Mormoren min var «same».
- Svartehavet er varmt i august.
- De arabiske tallene er ti.
- Det etniske mangfoldet i regionen er kjent.
# sexual-orientation
+ Broren min er «homofil».
+ Kunden er «transperson» og ber om et nytt skjema.
+ Datteren min er «lesbisk».
- Den skeive festivalen åpner i juni.
- Gay-Lussacs lov beskriver gasser.
- Partnerskapsloven kom i 1993.
# biometric
+ Fingrene til den ansatte: «fingeravtrykk» er lagret.
+ Min «irisskanning» ble gjort ved porten.
+ Hun nektet «ansiktsgjenkjenning» ved inngangen.
- Et biometrisk pass koster mer.
- Ansiktsgjenkjenning er regulert i loven.
- Fingeravtrykksleseren er på tilbud.
# genetic
+ Søsteren min har «Downs syndrom».
+ Pasienten tok en «gentest» i mai.
+ Sønnen hans har «cystisk fibrose».
- En genetisk algoritme regner ut timeplanen.
- Den genetiske koden er kjent, genetisk kode er universell.
- Kromosomer ses i mikroskop.
`,
  fi: `
# health
+ Äidilläni on ollut «diabetes» jo vuosia.
+ Työntekijä on «sairauslomalla» maanantaihin asti.
+ Potilaalla on «rintasyöpä».
- Terveysministeriö julkaisi uudet ohjeet.
- Syöpätutkimus saa lisää rahaa.
- Kravun kääntöpiiri kulkee Meksikon läpi.
# religion
+ Työtoverini on «katolilainen».
+ Hän on «muslimi» ja paastoaa.
+ Naapurini on «ateisti».
- Katolinen kirkko torin laidalla on vuodelta 1420.
- Uskontoa opetetaan keväällä.
- Moskeijaa korjataan.
# politics
+ Naapurini on «kommunisti».
+ Ehdokas on «puolueen jäsen».
+ Isäni oli «natsi».
- Eduskunta hyväksyi talousarvion torstaina.
- Sosialistinen arkkitehtuuri leimaa korttelia.
- Äänestysprosentti nousi.
# union-membership
+ Työntekijä on «ammattiliiton jäsen».
+ Vaimoni on «luottamusmies».
+ Olen huomenna «lakossa».
- Euroopan unioni antoi asetuksen.
- Joukkojen unioni on tyhjä.
- Ammattikirjallisuus on toisessa kerroksessa.
# ethnicity
+ Tyttöystäväni on «kurdi».
+ Oppilas on «maahanmuuttajataustainen».
+ Mummoni oli «saamelainen».
- Mustameri on elokuussa lämmin.
- Musta aukko ei säteile valoa.
- Alueen etninen kirjo tunnetaan.
# sexual-orientation
+ Veljeni on «homoseksuaali».
+ Asiakas on «transsukupuolinen» ja pyytää uutta lomaketta.
+ Tyttäreni on «lesbo».
- Homo sapiens kehittyi Afrikassa.
- Seos on homogeeninen.
- Sateenkaarijuhla alkaa kesäkuussa.
# biometric
+ Työntekijän «sormenjäljet» on tallennettu.
+ Minun «iirisskannaukseni» tehtiin portilla.
+ Hän kieltäytyi «kasvojentunnistuksesta».
- Biometrinen passi maksaa enemmän.
- Kasvojentunnistus on säädetty laissa.
- Sormenjälkilukija on tarjouksessa.
# genetic
+ Siskollani on «Downin oireyhtymä».
+ Potilaan «geenitesti» oli positiivinen.
+ Hänen pojallaan on «kystinen fibroosi».
- Geneettinen algoritmi laskee aikataulun.
- Kromosomit näkyvät mikroskoopissa.
- Riisin genomi tunnetaan.
`,
  et: `
# health
+ Minu emal on aastaid «diabeet».
+ Töötaja on esmaspäevani «haiguslehel».
+ Patsiendil on «rinnavähk».
- Sotsiaalministeerium avaldas uued juhised.
- Vähiuuringud saavad raha juurde.
- Ratastooliga ligipääs on tagant.
# religion
+ Minu kolleeg on «katoliiklane».
+ Tema on «moslem» ja paastub.
+ Minu naaber on «ateist».
- Katoliku kirik väljaku ääres on aastast 1420.
- Religiooni õpetatakse kevadel.
- Mošee on remondis.
# politics
+ Minu naaber on «kommunist».
+ Kandidaat on «erakonna liige».
+ Minu isa oli «nats».
- Riigikogu võttis eelarve vastu neljapäeval.
- Sotsialistlik arhitektuur on siin tavaline.
- Valimispäev on märtsis.
# union-membership
+ Töötaja on «ametiühingu liige».
+ Minu naine on «usaldusisik».
+ Mina olen homme «streigis», ütles kolleeg.
- Euroopa Liit võttis määruse vastu.
- Hulkade ühend on tühi.
- Ametiühingute muuseum on suletud.
# ethnicity
+ Minu sõbranna on «kurd».
+ Õpilane on «türgi päritolu».
+ Minu vanaema oli «setu».
- Must meri on augustis soe.
- Must auk ei kiirga valgust.
- Piirkonna etniline kirevus on teada.
# sexual-orientation
+ Minu vend on «homoseksuaal».
+ Klient on «transsooline» ja palub uut vormi.
+ Minu tütar on «lesbi».
- Homo sapiens arenes Aafrikas.
- Segu on homogeenne.
- Kooseluleping kehtib aastast 2016.
# biometric
+ Töötaja «sõrmejäljed» on salvestatud.
+ Minu «iirisetuvastus» tehti väravas.
+ Klient keeldus «näotuvastusest».
- Biomeetriline pass maksab rohkem.
- Näotuvastus on seaduses reguleeritud.
- Sõrmejäljelugeja on soodsam.
# genetic
+ Minu õel on «Downi sündroom».
+ Patsiendi «geenitest» oli positiivne.
+ Tema pojal on «tsüstiline fibroos».
- Geneetiline algoritm arvutab tunniplaani.
- Kromosoomid on mikroskoobis näha.
- Riisi genoom on teada.
`,
  lv: `
# health
+ Manai mātei jau gadiem ir «diabēts».
+ Darbinieks ir uz «slimības lapas» līdz pirmdienai.
+ Pacientei ir «krūts vēzis».
- Veselības ministrija publicēja jaunus noteikumus.
- Vēža pētniecība saņem vairāk naudas.
- Ratiņkrēsliem ieeja ir no pagalma.
# religion
+ Mans kolēģis ir «katolis».
+ Viņa ir «musulmaniete» un gavē.
+ Mans kaimiņš ir «ateists».
- Katoļu baznīca laukumā celta 1420. gadā.
- Reliģiju māca pavasarī.
- Mošeja tiek remontēta.
# politics
+ Mans kaimiņš ir «komunists».
+ Kandidāts ir «partijas biedrs».
+ Mans tēvs bija «nacists».
- Saeima ceturtdien pieņēma budžetu.
- Sociālistiskā arhitektūra te ir bieža.
- Vēlēšanu diena ir oktobrī.
# union-membership
+ Darbinieks ir «arodbiedrības biedrs».
+ Mana sieva «iestājās arodbiedrībā».
+ Es rīt piedalos «streikā» ar draugiem.
- Eiropas Savienība pieņēma regulu.
- Kopu apvienojums ir tukšs.
- Arodbiedrību muzejs ir slēgts.
# ethnicity
+ Mana draudzene ir «kurdiete».
+ Skolēns ir «turku izcelsmes».
+ Mana vecmāmiņa bija «lībiete».
- Melnā jūra augustā ir silta.
- Melnais caurums neizstaro gaismu.
- Reģiona etniskā daudzveidība ir zināma.
# sexual-orientation
+ Mans brālis ir «homoseksuāls».
+ Klients ir «transseksuāls» un lūdz jaunu veidlapu.
+ Mana meita ir «lesbiete».
- Homo sapiens attīstījās Āfrikā.
- Viendzimuma laulības šeit nav atzītas.
- Festivāls sākas jūnijā.
# biometric
+ Darbinieka «pirkstu nospiedumi» tiek glabāti.
+ Manas «varavīksnenes» attēls ir izdzēsts.
+ Klients atteicās no «sejas atpazīšanas».
- Biometriskā pase maksā vairāk.
- Sejas atpazīšana ir regulēta likumā.
- Nospiedumu lasītājs ir lētāks.
# genetic
+ Manai māsai ir «Dauna sindroms».
+ Pacienta «gēnu tests» bija pozitīvs.
+ Viņas dēlam ir «cistiskā fibroze».
- Ģenētiskais algoritms aprēķina grafiku.
- Gēnu inženierija mainīja lauksaimniecību.
- Hromosomas redz mikroskopā.
`,
  lt: `
# health
+ Mano mama jau daug metų serga «diabetu».
+ Darbuotojas turi «nedarbingumo» pažymėjimą.
+ Pacientei nustatytas «krūties vėžys».
- Sveikatos apsaugos ministerija paskelbė taisykles.
- Vėžio tyrimai gauna daugiau lėšų.
- Vėžio atogrąža eina per Meksiką.
# religion
+ Mano kolega yra «katalikas».
+ Ji yra «musulmonė» ir pasninkauja.
+ Mano kaimynas yra «ateistas».
- Katalikų bažnyčia aikštėje pastatyta 1420 metais.
- Religija dėstoma pavasarį.
- Mečetė remontuojama.
# politics
+ Mano kaimynas yra «komunistas».
+ Kandidatas yra «partijos narys».
+ Mano tėvas buvo «fašistas».
- Seimas ketvirtadienį priėmė biudžetą.
- Socialistinė architektūra čia dažna.
- Rinkimų diena yra spalį.
# union-membership
+ Darbuotojas yra «profsąjungos narys».
+ Mano žmona įstojo į «profesinę sąjungą».
+ Aš rytoj dalyvauju «streike».
- Europos Sąjunga priėmė reglamentą.
- Aibių sąjunga yra tuščia.
- Profesinių sąjungų rūmai uždaryti.
# ethnicity
+ Mano draugė yra «kurdė».
+ Mokinys yra «turkų kilmės».
+ Mano senelė buvo «karaimė».
- Juodoji jūra rugpjūtį šilta.
- Juodoji skylė nespinduliuoja.
- Regiono etninė įvairovė žinoma.
# sexual-orientation
+ Mano brolis yra «homoseksualus».
+ Klientas yra «translytis» ir prašo naujos formos.
+ Mano dukra yra «lesbietė».
- Homo sapiens išsivystė Afrikoje.
- Vienalytė masė maišoma penkias minutes.
- Festivalis prasideda birželį.
# biometric
+ Darbuotojo «pirštų atspaudai» saugomi.
+ Mano «rainelės» vaizdas ištrintas.
+ Klientas atsisakė «veido atpažinimo».
- Biometrinis pasas kainuoja daugiau.
- Veido atpažinimas reguliuojamas įstatymu.
- Atspaudų skaitytuvas pigesnis.
# genetic
+ Mano seseriai nustatytas «Dauno sindromas».
+ Paciento «genų tyrimas» buvo teigiamas.
+ Jos sūnus serga «cistine fibroze».
- Genetinis algoritmas skaičiuoja tvarkaraštį.
- Genų inžinerija pakeitė žemės ūkį.
- Chromosomos matomos mikroskopu.
`,
};
