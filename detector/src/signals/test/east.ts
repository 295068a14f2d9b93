/** Sentences in Polish, Czech, Slovak, Hungarian, Croatian, Slovenian, Bulgarian: `+` holds the signal between « and », `-` none. All invented. */
export const EAST: Readonly<Record<string, string>> = {
  pl: `
# health
+ Moja mama od lat choruje na «cukrzycę».
+ Pracownik jest na «zwolnieniu lekarskim» do poniedziałku.
+ U pacjentki wykryto «raka piersi».
- Ministerstwo zdrowia opublikowało nowe zasady.
- Badania nad rakiem dostają więcej pieniędzy.
- Zwrotnik Raka przechodzi przez Meksyk.
# religion
+ Mój kolega jest «katolikiem» i chodzi na mszę.
+ Ona jest «muzułmanką» i pości.
+ Nasza sąsiadka jest «świadkiem Jehowy».
- Kościół katolicki przy rynku pochodzi z 1420 roku.
- Religia jest nauczana wiosną.
- Meczet w mieście jest w remoncie.
# politics
+ Mój sąsiad jest «komunistą» od młodości.
+ Kandydatka jest «członkinią partii».
+ Jego ojciec był «faszystą».
- Sejm przyjął budżet w czwartek.
- Architektura socjalistyczna dominuje w dzielnicy.
- Dzień wyborów jest wolny.
# union-membership
+ Pracownik jest «związkowcem» od maja.
+ Moja żona należy do «związku zawodowego».
+ Jutro będę na «strajku» z kolegą, powiedział mój brat.
- Unia Europejska przyjęła rozporządzenie.
- Związek Radziecki rozpadł się w 1991 roku.
- Suma zbiorów jest pusta.
# ethnicity
+ Moja dziewczyna jest «Romką».
+ Uczeń jest «pochodzenia wietnamskiego».
+ Jej babcia była «Tatarką».
- Pamięć ROM zawiera program.
- Cyfry arabskie są znane wszystkim.
- Etniczne wzory zdobią tkaniny.
# sexual-orientation
+ Mój brat jest «homoseksualny».
+ Klientka jest «transpłciowa» i prosi o nowy formularz.
+ Jej córka jest «lesbijką».
- Festiwal queer zaczyna się w czerwcu.
- Prawo Gay-Lussaca opisuje gazy.
- Ustawa o związkach partnerskich nie przeszła.
# biometric
+ «Odciski palców» pracownika są przechowywane.
+ Mój «skan tęczówki» zrobiono przy bramce.
+ Pacjentka odmówiła «rozpoznawania twarzy».
- Paszport biometryczny kosztuje więcej.
- Rozpoznawanie mowy opisano w rozdziale trzecim.
- Czytniki biometryczne są w promocji.
# genetic
+ Moja siostra ma «zespół Downa».
+ «Badanie genetyczne» pacjentki dało wynik dodatni.
+ Jego syn ma «mukowiscydozę».
- Algorytm genetyczny oblicza plan.
- Inżynieria genetyczna zmieniła rolnictwo.
- Genom ryżu jest znany.
`,
  cs: `
# health
+ Moje matka má už léta «cukrovku».
+ Zaměstnanec je do pondělí v «pracovní neschopnosti».
+ Pacientka má «rakovinu prsu».
- Ministerstvo zdravotnictví vydalo nová pravidla.
- Výzkum rakoviny dostává více peněz.
- Obratník Raka prochází Mexikem.
# religion
+ Můj kolega je «katolík» a chodí na mši.
+ Ona je «muslimka» a drží půst.
+ Naše sousedka je «evangelička».
- Katolická církev vlastní lesy.
- Náboženství se vyučuje na jaře.
- Mešita ve městě se opravuje.
# politics
+ Můj soused je «komunista» od mládí.
+ Kandidátka je «členkou strany».
+ Jeho otec byl «fašista».
- Sněmovna ve čtvrtek schválila rozpočet.
- Socialistická architektura určuje ráz čtvrti.
- Den voleb je v říjnu.
# union-membership
+ Zaměstnanec je «členem odborů».
+ Moje žena je «odborářka».
+ Zítra jdu s kolegou do «stávky», řekl můj bratr.
- Evropská unie přijala nařízení.
- Odborná literatura je ve druhém patře.
- Sjednocení množin je prázdné.
# ethnicity
+ Moje přítelkyně je «Romka».
+ Žák je «vietnamského původu».
+ Její babička byla «Kurdka».
- Černé moře je v srpnu teplé.
- Arabské číslice jsou známé všem.
- Etnické vzory zdobí látky.
# sexual-orientation
+ Můj bratr je «homosexuál».
+ Klientka je «transsexuální» a žádá o nový formulář.
+ Její dcera je «lesba».
- Festival queer začíná v červnu.
- Zákon Gay-Lussacův popisuje plyny.
- Zákon o partnerství platí od roku 2006.
# biometric
+ «Otisky prstů» zaměstnance jsou uloženy.
+ Můj «sken duhovky» byl pořízen u brány.
+ Pacientka odmítla «rozpoznávání obličeje».
- Biometrický pas stojí více.
- Rozpoznávání řeči popisuje třetí kapitola.
- Biometrické čtečky jsou v akci.
# genetic
+ Moje sestra má «Downův syndrom».
+ «Genetický test» pacientky byl pozitivní.
+ Jeho syn má «cystickou fibrózu».
- Genetický algoritmus počítá rozvrh.
- Genetické inženýrství změnilo zemědělství.
- Chromozomy jsou vidět mikroskopem.
`,
  sk: `
# health
+ Moja mama má už roky «cukrovku».
+ Zamestnanec je do pondelka «práceneschopný».
+ Pacientka má «rakovinu prsníka».
- Ministerstvo zdravotníctva vydalo nové pravidlá.
- Výskum rakoviny dostáva viac peňazí.
- Obratník Raka prechádza Mexikom.
# religion
+ Môj kolega je «katolík» a chodí na omšu.
+ Ona je «moslimka» a drží pôst.
+ Naša suseda je «evanjelička».
- Katolícka cirkev vlastní lesy.
- Náboženstvo sa vyučuje na jar.
- Mešita v meste sa opravuje.
# politics
+ Môj sused je «komunista» od mladosti.
+ Kandidátka je «členkou strany».
+ Jeho otec bol «fašista».
- Parlament vo štvrtok schválil rozpočet.
- Socialistická architektúra určuje ráz štvrte.
- Deň volieb je v septembri.
# union-membership
+ Zamestnanec je «členom odborov».
+ Moja žena je «odborárka».
+ Zajtra idem s kolegom do «štrajku», povedal môj brat.
- Európska únia prijala nariadenie.
- Odborný časopis vychádza mesačne.
- Zjednotenie množín je prázdne.
# ethnicity
+ Moja priateľka je «Rómka».
+ Žiak je «vietnamského pôvodu».
+ Jej babka bola «Rusínka».
- Čierne more je v auguste teplé.
- Arabské číslice poznajú všetci.
- Etnické vzory zdobia látky.
# sexual-orientation
+ Môj brat je «homosexuál».
+ Klientka je «transrodová» a žiada o nový formulár.
+ Jej dcéra je «lesba».
- Festival queer sa začína v júni.
- Zákon Gay-Lussacov opisuje plyny.
- Zákon o partnerstve sa neprijal.
# biometric
+ «Odtlačky prstov» zamestnanca sú uložené.
+ Môj «sken dúhovky» vznikol pri bráne.
+ Pacientka odmietla «rozpoznávanie tváre».
- Biometrický pas stojí viac.
- Rozpoznávanie reči opisuje tretia kapitola.
- Biometrické čítačky sú v akcii.
# genetic
+ Moja sestra má «Downov syndróm».
+ «Genetický test» pacientky bol pozitívny.
+ Jeho syn má «cystickú fibrózu».
- Genetický algoritmus počíta rozvrh.
- Genetické inžinierstvo zmenilo poľnohospodárstvo.
- Chromozómy vidno mikroskopom.
`,
  hu: `
# health
+ Az anyám évek óta «cukorbeteg».
+ A munkavállaló hétfőig «táppénzen» van.
+ A páciens «mellrákos».
- Az egészségügyi minisztérium új szabályokat adott ki.
- A rákkutatás több pénzt kap.
- A Ráktérítő Mexikón halad át.
# religion
+ A kollégám «katolikus» és misére jár.
+ A szomszédom «muszlim» és böjtöl.
+ A férjem «református».
- A katolikus egyház épülete 1420-ból való.
- A hittant tavasszal tanítják.
- A mecset felújítás alatt áll.
# politics
+ A szomszédom «kommunista» volt.
+ A jelölt «párttag» lett.
+ Az apja «fasiszta» volt.
- Az Országgyűlés csütörtökön elfogadta a költségvetést.
- A szocialista építészet uralja a negyedet.
- A választás napja áprilisban lesz.
# union-membership
+ A dolgozó «szakszervezeti tag».
+ A feleségem «belépett a szakszervezetbe».
+ A bátyám holnap «sztrájkol».
- Az Európai Unió elfogadta a rendeletet.
- A halmazok uniója üres.
- A szakszervezetek székházát eladták.
# ethnicity
+ A barátnőm «roma».
+ A tanuló «török származású».
+ A nagymamám «kurd» volt.
- A Fekete-tenger augusztusban meleg.
- Az arab számok közismertek.
- A régió etnikai sokszínűsége ismert.
# sexual-orientation
+ A testvérem «homoszexuális».
+ Az ügyfél «transznemű», és új űrlapot kér.
+ A lánya «leszbikus».
- A meleg víz elfogyott.
- A fesztivál júniusban kezdődik.
- A Gay-Lussac-törvény a gázokról szól.
# biometric
+ A dolgozó «ujjlenyomatát» tárolják.
+ A feleségem «íriszszkennelését» a kapunál végezték.
+ A páciens elutasította az «arcfelismerést».
- A biometrikus útlevél drágább.
- Az arcfelismerést törvény szabályozza.
- Az ujjlenyomat-olvasó akciós.
# genetic
+ A nővérem «Down-szindrómás».
+ A páciens «génteszt» eredménye pozitív.
+ A fia «cisztás fibrózisban» szenved.
- A genetikus algoritmus kiszámítja az órarendet.
- A géntechnológia megváltoztatta a mezőgazdaságot.
- A kromoszómák mikroszkóppal láthatók.
`,
  hr: `
# health
+ Moja majka već godinama ima «dijabetes».
+ Zaposlenik je «na bolovanju» do ponedjeljka.
+ Pacijentica ima «rak dojke».
- Ministarstvo zdravstva objavilo je nova pravila.
- Istraživanje raka dobiva više novca.
- Rakova obratnica prolazi kroz Meksiko.
# religion
+ Moj kolega je «katolik» i ide na misu.
+ Ona je «muslimanka» i posti.
+ Naša susjeda je «pravoslavka».
- Katolička crkva na trgu potječe iz 1420. godine.
- Vjeronauk se predaje u proljeće.
- Džamija u gradu se obnavlja.
# politics
+ Moj susjed je «komunist» od mladosti.
+ Kandidatkinja je «članica stranke».
+ Njegov otac bio je «fašist».
- Sabor je u četvrtak usvojio proračun.
- Socijalistička arhitektura obilježava četvrt.
- Dan izbora je u srpnju.
# union-membership
+ Radnik je «član sindikata».
+ Moja žena je «sindikalna povjerenica».
+ Sutra sam «u štrajku».
- Europska unija donijela je uredbu.
- Sindikat pisaca objavljuje knjige.
- Unija skupova je prazna.
# ethnicity
+ Moja djevojka je «Romkinja».
+ Učenik je «turskog podrijetla».
+ Njezina baka bila je «Bošnjakinja».
- Crno more je toplo u kolovozu.
- Arapske brojke poznaju svi.
- Etnička raznolikost regije je poznata.
# sexual-orientation
+ Moj brat je «homoseksualac».
+ Klijentica je «transrodna» i traži novi obrazac.
+ Njezina kći je «lezbijka».
- Festival počinje u lipnju.
- Gay-Lussacov zakon opisuje plinove.
- Zakon o životnom partnerstvu vrijedi od 2014.
# biometric
+ «Otisci prstiju» zaposlenika su pohranjeni.
+ Moje «skeniranje šarenice» obavljeno je na ulazu.
+ Pacijentica je odbila «prepoznavanje lica».
- Biometrijska putovnica stoji više.
- Prepoznavanje govora opisano je u trećem poglavlju.
- Biometrijski čitači su na akciji.
# genetic
+ Moja sestra ima «Downov sindrom».
+ «Genetski test» pacijentice bio je pozitivan.
+ Njegov sin ima «cističnu fibrozu».
- Genetski algoritam računa raspored.
- Genetsko inženjerstvo promijenilo je poljoprivredu.
- Kromosomi se vide mikroskopom.
`,
  sl: `
# health
+ Moja mama ima že leta «sladkorno bolezen».
+ Zaposleni je do ponedeljka «na bolniški».
+ Pacientka ima «raka dojk».
- Ministrstvo za zdravje je objavilo nova pravila.
- Raziskave raka dobijo več denarja.
- Rakov povratnik gre skozi Mehiko.
# religion
+ Moj sodelavec je «katolik» in hodi k maši.
+ Naša soseda je «muslimanka» in se posti.
+ Moj brat je «ateist».
- Katoliška cerkev na trgu je iz leta 1420.
- Verouk se poučuje spomladi.
- Mošeja v mestu se prenavlja.
# politics
+ Moj sosed je «komunist» od mladosti.
+ Kandidatka je «članica stranke».
+ Njegov oče je bil «domobranec».
- Državni zbor je v četrtek sprejel proračun.
- Socialistična arhitektura zaznamuje četrt.
- Dan volitev je aprila.
# union-membership
+ Delavec je «član sindikata».
+ Moja žena je «sindikalna zaupnica».
+ Jutri sem «v stavki».
- Evropska unija je sprejela uredbo.
- Sindikat pisateljev izdaja knjige.
- Unija množic je prazna.
# ethnicity
+ Moja prijateljica je «Romkinja».
+ Učenec je «turškega porekla».
+ Njena babica je bila «Kurdinja».
- Črno morje je avgusta toplo.
- Arabske številke poznajo vsi.
- Etnična raznolikost regije je znana.
# sexual-orientation
+ Moj brat je «homoseksualec».
+ Stranka je «transspolna» in prosi za nov obrazec.
+ Njena hči je «lezbijka».
- Festival se začne junija.
- Gay-Lussacov zakon opisuje pline.
- Zakon o partnerski zvezi velja od leta 2017.
# biometric
+ «Prstni odtisi» zaposlenega so shranjeni.
+ Moje «skeniranje šarenice» je bilo pri vhodu.
+ Pacientka je zavrnila «prepoznavanje obraza».
- Biometrični potni list stane več.
- Prepoznavanje govora opisuje tretje poglavje.
- Biometrični čitalniki so v akciji.
# genetic
+ Moja sestra ima «Downov sindrom».
+ «Genetski test» pacientke je bil pozitiven.
+ Njegov sin ima «cistično fibrozo».
- Genetski algoritem izračuna urnik.
- Genski inženiring je spremenil kmetijstvo.
- Kromosomi so vidni z mikroskopom.
`,
  bg: `
# health
+ Майка ми от години има «диабет».
+ Служителят е «в болничен» до понеделник.
+ Пациентката има «рак на гърдата».
- Министерство на здравеопазването публикува правилата.
- Онкологичната клиника е в центъра на града.
- Инвалидната рампа е зад сградата.
# religion
+ Моят колега е «католик» и ходи на църква.
+ Съседката ми е «мюсюлманка».
+ Моят брат е «атеист».
- Католическата църква на площада е от 1420 година.
- Религията се преподава през пролетта.
- Джамията в града се ремонтира.
# politics
+ Моят съсед е «комунист» от младини.
+ Кандидатката е «член на партията».
+ Баща му беше «фашист», каза майка ми.
- Парламентът прие бюджета в четвъртък.
- Социалистическата архитектура е навсякъде.
- Денят на изборите е през април.
# union-membership
+ Работникът е «член на синдикат».
+ Жена ми е в «профсъюза» от май.
+ Аз съм «в стачка» утре.
- Европейският съюз прие регламента.
- Синдикатът на писателите издава книги.
- Обединението на множествата е празно.
# ethnicity
+ Моята приятелка е «кюрдка».
+ Ученикът е с «турски произход».
+ Баба ѝ беше «каракачанка».
- Черно море е топло през август.
- Арабските цифри са десет.
- Етническото разнообразие на региона е известно.
# sexual-orientation
+ Брат ми е «хомосексуален».
+ Клиентката е «транссексуална» и иска нов формуляр.
+ Дъщеря ѝ е «лесбийка».
- Фестивалът започва през юни.
- Законът на Гей-Люсак описва газовете.
- Еднополовите бракове не са признати.
# biometric
+ «Пръстовите отпечатъци» на служителя се съхраняват.
+ Моето «лицево разпознаване» беше изтрито.
+ Пациентката отказа «сканиране на лицето».
- Биометричният четец е на промоция.
- Гласовото разпознаване е описано в трета глава.
- Разпознаване на лица се урежда от закона.
# genetic
+ Сестра ми има «синдром на Даун».
+ «Генетичният» тест на пациентката е положителен.
+ Синът ѝ има «кистична фиброза».
- Генетичен алгоритъм изчислява графика.
- Генно инженерство се преподава тук.
- Хромозомите се виждат с микроскоп.
`,
};
