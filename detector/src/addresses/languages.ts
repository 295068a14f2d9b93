/**
 * One row per language: what streets, floors, post-office boxes and addresses are called. Compared without case and
 * accents. A trailing full stop marks an abbreviation that is believed only with its full stop ("al.", "pl."); words are
 * separated by spaces, phrases by `|`. Weak words are ordinary words too ("park", "drive", "hof"): they name a street only
 * when a postcode, a label or a whole line says so.
 */

export interface Language {
  readonly code: string;
  /** Where the house number stands: "Hauptstraße 5", "5 rue Lepic". */
  readonly house: "after" | "before" | "both";
  /** Ends of one-word names: Haupt-straße, Kerk-straat, Stor-gatan. */
  readonly joined?: string;
  readonly joinedWeak?: string;
  /** Words behind the name: Main Street, Nádor utca. */
  readonly behind?: string;
  readonly behindWeak?: string;
  /** Words ahead of the name: rue Lepic, via Roma, ul. Długa. */
  readonly ahead?: string;
  readonly aheadWeak?: string;
  /** Strong with a capital only: Via Roma, Place de la Gare. */
  readonly aheadCapital?: string;
  /** Of these, the ones whose names are believed in small letters too: rue des lilas, calle mayor. */
  readonly aheadLower?: string;
  /** Words ahead of which a particle must follow: Straße des 17. Juni. */
  readonly aheadOf?: string;
  /** Words before a one-word name that belong to it: Alte Hauptstraße. */
  readonly modifiers?: string;
  /** Words in small letters inside names of streets and towns. */
  readonly particles?: string;
  /** Flat, floor, staircase: before their value, behind it, without one. */
  readonly unit?: string;
  readonly unitBehind?: string;
  readonly unitAlone?: string;
  /** "number": before the house number. */
  readonly number?: string;
  /** An address follows. */
  readonly label?: string;
  /** Somebody lives there or something is sent there. */
  readonly lives?: string;
  /** A postcode follows. */
  readonly zip?: string;
  /** Post-office boxes; a weak one needs a postcode behind it. */
  readonly box?: string;
  readonly boxWeak?: string;
  /** "in": between street and town. */
  readonly at?: string;
}

export const LANGUAGES: readonly Language[] = [
  {
    code: "de",
    house: "after",
    joined: "straße strasse straßen str gasse gässchen gässle allee chaussee twiete weg platz",
    joinedWeak:
      "damm ufer ring steig stieg steg pfad hof graben markt wall brücke kamp winkel siedlung zeile rain hang halde gärten " +
      "park kai promenade",
    behind: "straße strasse str gasse allee chaussee",
    behindWeak: "weg platz ring damm ufer graben markt steig promenade hof kai berg wall",
    aheadOf: "straße strasse platz allee weg ufer",
    modifiers:
      "alte alter altes neue neuer neues große großer grosse grosser kleine kleiner obere oberer untere unterer lange " +
      "langer mittlere mittlerer kurze kurzer hohe hoher breite hintere vordere innere äußere rechte linke",
    particles: "am an der die das dem den des bei im ob vor zum zur von vom auf unter hinter",
    unit:
      "whg wohnung app appartement apartment apt zimmer zi top tür stiege stg haus hs block eingang aufgang stock etage " +
      "geschoss geschoß hinterhaus vorderhaus",
    unitBehind: "og ug eg dg stock etage obergeschoss geschoss geschoß stiege",
    unitAlone: "eg dg ug hinterhaus vorderhaus seitenflügel erdgeschoss dachgeschoss souterrain",
    number: "nr hausnr hausnummer nummer",
    label:
      "adresse anschrift wohnadresse lieferadresse rechnungsadresse postadresse privatadresse heimatadresse postanschrift " +
      "wohnanschrift lieferanschrift rechnungsanschrift privatanschrift meldeadresse wohnort wohnsitz straße",
    lives:
      "wohnhaft wohne wohnt wohnst wohnen wohnte gemeldet ansässig lebt lieferung liefern geliefert schicken versenden " +
      "umgezogen ziehe",
    zip: "plz postleitzahl",
    box: "postfach",
    boxWeak: "pf.",
    at: "in",
  },
  {
    code: "en",
    house: "before",
    behind:
      "street st road rd avenue ave lane ln boulevard blvd terrace crescent mews parkway pkwy turnpike expressway",
    behindWeak:
      "drive dr court ct courts place pl plaza square sq squares close gardens garden grove groves way ways walk walks hill " +
      "hills row park parks parade green greens quay embankment highway hwy circle cir trail trl rise view views vale wharf " +
      "yard gate bridge broadway path loop alley villas bypass causeway croft dale drove end field fields fold garth glade " +
      "glen grange heights lea mead meadow meadows mount orchard paddock reach ridge ridges side spinney strand top wood " +
      "woods wynd brae brow bank chase copse corner corners approach branch brook brooks burg burgs camp canyon cape center " +
      "centers circles cliff cliffs club common course cove coves creek crest crossing crossroad curve dam divide drives " +
      "estate estates extension fall falls ferry flat flats ford fords forest forge forges fork forks fort freeway gateway " +
      "harbor harbors haven hollow inlet island islands isle junction junctions key keys knoll knolls lake lakes land " +
      "landing light lights loaf lock locks lodge mall manor manors mill mills mission motorway mountain mountains neck " +
      "oval overpass parkways pass passage pike pine pines plain plains point points port ports prairie radial ramp ranch " +
      "rapid rapids rest river roads run shoal shoals shore shores skyway spring springs spur spurs station " +
      "stravenue stream streets summit throughway trace track trafficway tunnel underpass union unions valley valleys " +
      "viaduct village villages ville vista well wells beeches woodlands",
    particles: "of the on upon under le next",
    unit: "apt apartment suite ste unit flat room rm floor fl level building bldg block house studio",
    unitBehind: "floor",
    number: "no number",
    label: "address addr street street1 streetaddress addressline",
    lives:
      "lives live living lived resides residing resident ship shipped shipping deliver delivered delivery moved at",
    zip: "zip zipcode postcode postalcode eircode",
    box: "p.o. box|post office box|pobox",
    at: "in",
  },
  {
    code: "fr",
    house: "both",
    ahead:
      "rue rues avenue av. ave boulevard bd. bd bld. blvd impasse allée allées chemin ch. che. quai ruelle faubourg fbg. " +
      "venelle sentier esplanade promenade chaussée drève rond-point",
    aheadWeak:
      "place route cours square passage voie villa cité galerie jardin parc parvis porte résidence hameau petite",
    aheadLower: "rue avenue av bd boulevard impasse",
    aheadCapital: "place pl. route rte. cours square passage voie parvis lotissement montée résidence petite",
    modifiers: "petite grande petit grand ancienne vieille nouvelle vieux haute basse",
    particles: "de du des la le les à au aux en sur sous lès lez et l d",
    unit: "appt appartement apt app bât bâtiment bat escalier esc étage porte résidence boîte bte bte. boite bloc",
    unitBehind: "étage ét",
    unitAlone: "rdc rez-de-chaussée",
    number: "n no nº numéro",
    label: "adresse adresses domicile rue voie",
    lives: "habite habitons habitent habitait demeurant domicilié domiciliée réside résidant livrer livraison livré",
    zip: "codepostal",
    box: "boîte postale|case postale",
    boxWeak: "b.p.|tsa",
    at: "à",
  },
  {
    code: "es",
    house: "after",
    ahead:
      "calle c/ avenida avda. avda av. pza. plza. pº travesía trav. carretera ctra. crta. glorieta gta. rambla urbanización " +
      "urb. callejón calleja pz. travessera passatge carrer plaça passeig avinguda rúa",
    aheadLower: "calle avenida avda av",
    aheadCapital: "plaza paseo ronda camino pasaje cuesta bulevar alameda",
    aheadWeak:
      "aldea apartamento arrabal arroyo bajada barranco barrio bloque caserío chalet colegio colonia conjunto edificio " +
      "entrada escalinata explanada extramuros extrarradio ferrocarril grupo huerta jardines lado lugar manzana masía " +
      "mercado monte muelle municipio parcela parque partida poblado polígono pol. prolongación puente puerta quinta ramal " +
      "rampa riera rincón salida sector sección senda solar subida terrenos torrente vía gran",
    behindWeak: "kalea",
    particles: "de del la las los el y i en",
    unit: "piso puerta pta pta. esc escalera bloque blq portal apartamento apto planta local km",
    unitBehind: "piso planta",
    unitAlone: "bajo bajos ático entresuelo izda dcha izq der izquierda derecha",
    number: "nº num número n no",
    label: "dirección domicilio direccion señas",
    lives: "vive vivo vivimos viven reside residente domiciliado domiciliada enviar envío entregar entrega",
    zip: "cp códigopostal postal",
    box: "apartado de correos|apartado postal|apdo. de correos",
    boxWeak: "apartado|apdo.",
    at: "en",
  },
  {
    code: "it",
    house: "after",
    ahead:
      "viale v.le piazza p.zza piazzale p.le c.so vicolo v.lo lungotevere lungarno lungomare piazzetta circonvallazione " +
      "contrada c.da rotonda",
    aheadLower: "viale piazza",
    aheadWeak:
      "via corso largo strada borgo località loc. frazione fraz. incrocio salita traversa galleria campo riva calata",
    aheadCapital: "via corso largo strada borgo località contrada calle fondamenta salita",
    particles: "di da de del della delle dei degli dello dal dalla al alla ai a in nel sul e d l",
    unit: "interno int int. scala piano appartamento app app. palazzina edificio lotto",
    unitBehind: "piano",
    unitAlone: "pianterreno",
    number: "n nº n. num numero civico",
    label: "indirizzo domicilio residenza recapito",
    lives:
      "abito abita abitiamo abitano residente residenti vive vivo domiciliato domiciliata spedire spedizione consegna",
    zip: "cap codicepostale",
    box: "casella postale",
    at: "a",
  },
  {
    code: "nl",
    house: "after",
    joined: "straat laan weg plein gracht kade singel steeg plantsoen dreef",
    joinedWeak:
      "dijk hof pad park markt wal haven ring erf baan brink akker hoek sluis oever straatje laantje boulevard werf gaarde",
    behind: "straat laan plein gracht kade",
    behindWeak: "weg singel dijk hof park dreef boulevard steeg",
    modifiers: "oude nieuwe grote kleine korte lange eerste tweede derde hoge lage",
    particles: "van der den de het aan ter ten te bij in op t s",
    unit: "bus app appartement kamer etage verdieping hs huis bte",
    unitBehind: "hoog verdieping etage",
    unitAlone: "hs bg huis",
    number: "nr nummer huisnummer",
    label: "adres woonadres bezorgadres afleveradres factuuradres postadres huisadres",
    lives: "woon woont wonen woonachtig wonende verhuisd bezorgen leveren bezorging levering sturen",
    zip: "postcode",
    box: "postbus",
    at: "te in",
  },
  {
    code: "pl",
    house: "after",
    ahead:
      "ul. ulica ulicy ulicę aleja aleje alei aleją al. plac placu pl. osiedle osiedlu os. bulwar bulw. szosa skwer wyb. wybrzeże rondo",
    aheadLower: "ul ulica ulicy aleja alei",
    aheadWeak: "park rynek droga ogród wyspa trakt",
    particles: "nad pod i na we w ks św gen im dr ppor płk",
    unit: "m. m mieszkanie lok. lok lokal piętro klatka kl.",
    unitBehind: "piętro",
    number: "nr numer",
    label: "adres adresu zamieszkania zameldowania",
    lives:
      "zamieszkały zamieszkała zam. zam mieszkam mieszka mieszkają zameldowany zameldowana dostawa wysłać dostarczyć",
    zip: "kodpocztowy pocztowy",
    box: "skrytka pocztowa|skr. poczt.|skr. pocztowa",
    at: "w we",
  },
  {
    code: "pt",
    house: "after",
    ahead:
      "rua avenida av. avª travessa tv. praça pç. praceta estrada estr. calçada beco azinhaga viela ladeira " +
      "urbanização urb. bairro",
    aheadLower: "rua avenida av travessa",
    aheadWeak: "r. acesso caminho jardim quinta escadas escadinhas campo parque cais via lugar",
    aheadCapital: "largo alameda rotunda acesso caminho escadas escadinhas quinta",
    particles: "de da do das dos e d",
    unit: "andar andar. bloco lote porta fracção fração apartamento ap apto piso loja ed edifício sala",
    unitBehind: "andar esq dto drt frt piso",
    unitAlone: "rc cave sub esq dto drt frt cv bloco ed ap loja piso terr slt gar and mor escr esquerdo direito frente",
    number: "nº n no número num",
    label: "morada endereço residência domicílio",
    lives: "moro mora moramos moram resido reside residente vive vivo enviar entrega entregar",
    zip: "códigopostal cp",
    boxWeak: "apartado",
    at: "em",
  },
  {
    code: "sv",
    house: "after",
    joined: "gatan gata vägen väg torget gränden",
    joinedWeak:
      "gränd gården gärdet allén backen stigen stranden plan planen parken kroken höjden leden slingan svängen rundan lunden " +
      "kajen stig backe",
    behind: "väg gata gatan vägen gränd gränden",
    behindWeak: "plan torg torget allé backe stig park",
    modifiers: "västra östra norra södra övre undre nedre stora lilla gamla nya",
    particles: "och på av i",
    unit: "lgh lägenhet hus port våning vån uppgång",
    unitBehind: "tr trappor vån",
    number: "nr nummer",
    label: "adress hemadress bostadsadress leveransadress postadress gatuadress",
    lives: "bor bodde boende bosatt bosatta flyttat flyttade leverera skicka levereras",
    zip: "postnr postnummer",
    boxWeak: "box",
    at: "i",
  },
  {
    code: "da",
    house: "after",
    joined: "vej vejen gade gaden stræde strædet vænget torvet torv",
    joinedWeak:
      "allé alle plads pladsen bakken parken toften haven engen krogen skrænten kajen stien svinget brinken draget lunden " +
      "marken brogade vang have park boulevard banke skov gård hegnet dalen høj højen ager",
    behind: "vej gade stræde",
    behindWeak: "allé plads boulevard torv have",
    modifiers: "østre vestre nordre søndre nørre store lille gamle ny nye øster vester sønder",
    particles: "og i på ved",
    unit: "lejlighed lejl dør opgang",
    unitBehind: "sal tv th mf sal.",
    unitAlone: "st kl tv th mf",
    number: "nr nummer",
    label: "adresse adressen hjemadresse leveringsadresse bopæl",
    lives: "bor boede bopæl bosat flyttet leveres leverer sendes",
    zip: "postnr postnummer",
    box: "postboks",
    at: "i",
  },
  {
    code: "nb",
    house: "after",
    joined: "gata gaten veien vegen vei torget svingen",
    joinedWeak:
      "gate veg alléen bakken berget bråten eggen engen ekra faret flata gjerdet grenda gropa hagen haugen havna holtet " +
      "høgda jordet kollen kroken lia lunden lyngen løkka marka moen myra plassen plass ringen roa røa skogen skrenten " +
      "spranget stien stranda stubben stykket tjernet toppen tunet vollen vika åsen dalen lien terrasse",
    behind: "gate gata vei veg",
    behindWeak: "plass allé terrasse brygge",
    modifiers: "øvre nedre søndre nordre østre vestre gamle store lille",
    particles: "og i på ved",
    unit: "leil leilighet oppgang bolig h",
    unitBehind: "etg etasje",
    number: "nr nummer",
    label: "adresse adressen hjemmeadresse leveringsadresse postadresse bostedsadresse",
    lives: "bor bodde bosatt flyttet leveres sendes",
    zip: "postnr postnummer",
    box: "postboks",
    at: "i",
  },
  {
    code: "fi",
    house: "after",
    joined: "katu kadun kadulla kuja polku väylä raitti puistikko ntie ntiellä",
    joinedWeak: "tie tiellä kaari linja rinne penger ranta aukio silta puisto kallio mäki piha laituri reuna",
    behind: "katu kuja polku kaari esplanadi bulevardi",
    behindWeak: "tie ranta tori aukio puistotie väylä",
    unit: "as asunto huoneisto rappu porras krs",
    unitBehind: "krs kerros",
    number: "nro",
    label: "osoite kotiosoite postiosoite toimitusosoite katuosoite",
    lives: "asun asuu asumme asuvat asuva muutin toimitus lähetä",
    zip: "postinumero",
    boxWeak: "pl",
  },
  {
    code: "is",
    house: "after",
    joined: "gata götu vegur vegi stígur stíg stræti braut",
    joinedWeak: "gerði hlíð holt bakki hvammur melur teigur lundur grund mýri hólar vellir",
    unit: "íbúð hæð",
    unitBehind: "hæð",
    label: "heimilisfang heimili",
    lives: "býr bý búsettur búsett",
    zip: "póstnúmer",
    box: "pósthólf",
  },
  {
    code: "cs",
    house: "after",
    ahead: "ul. ulice ulici náměstí nám. třída tř. nábřeží nábř. sídliště",
    aheadWeak: "sady most alej park",
    behind: "náměstí ulice třída nábřeží",
    behindWeak: "sady most alej park",
    particles: "nad pod na u v ve za při",
    unit: "byt patro",
    unitBehind: "patro",
    number: "č č. čp čp. č.p. číslo",
    label: "adresa bydliště adrese",
    lives: "bytem bydlím bydlí bydlící bydliště doručit poslat",
    zip: "psč",
    box: "poštovní přihrádka",
    at: "v",
  },
  {
    code: "sk",
    house: "after",
    ahead: "ul. ulica ulici námestie nám. trieda tr. nábrežie sídlisko",
    aheadWeak: "cesta park",
    behind: "námestie ulica trieda nábrežie cesta",
    behindWeak: "rad sady",
    particles: "nad pod na pri",
    unit: "byt poschodie",
    unitBehind: "poschodie",
    number: "č č. číslo",
    label: "adresa bydlisko adrese",
    lives: "bytom bývam býva bývajúci bydlisko doručiť poslať",
    zip: "psč",
    box: "poštový priečinok",
    at: "v",
  },
  {
    code: "hu",
    house: "after",
    behind:
      "utca utcája u. út útja tér tere krt. körút körútja sétány rakpart fasor lakótelep országút főút főtér körtér dűlő " +
      "sugárút köz határút",
    behindWeak: "sor liget park lépcső udvar",
    unit: "ajtó em emelet lh lépcsőház",
    unitBehind: "em emelet ajtó fszt",
    unitAlone: "fszt fsz földszint",
    label: "cím címe lakcím lakcíme székhely lakhely értesítési",
    lives: "lakik lakom lakos élek él",
    zip: "irányítószám irsz",
    box: "postafiók",
    boxWeak: "pf.",
  },
  {
    code: "ro",
    house: "after",
    ahead:
      "strada str. str bulevardul b-dul bdul bd. blvd calea aleea șoseaua sos. șos. piața splaiul intrarea drumul fundătura " +
      "prelungirea str-la stradela pasajul",
    aheadLower: "strada str bulevardul",
    particles: "de cu lui la din sub pe cel",
    unit: "bloc bl. bl scara sc. sc ap. ap apartament apartamentul etaj et. et camera sector sectorul",
    number: "nr numărul număr bloc bl",
    label: "adresa adresă domiciliul domiciliu",
    lives: "locuiește locuiesc locuim domiciliat domiciliată domiciliul livrare livrați",
    zip: "codpoștal poștal",
    box: "căsuța poștală",
    at: "în",
  },
  {
    code: "hr",
    house: "after",
    joinedWeak: "ska eva",
    ahead: "ulica ul. ulici trg avenija cesta prolaz šetalište prilaz",
    aheadWeak: "put obala",
    behind: "ulica cesta trg avenija šetalište",
    behindWeak: "put obala",
    particles: "na kod i u od",
    unit: "stan kat ulaz",
    unitBehind: "kat",
    number: "br br. broj kbr",
    label: "adresa adresu prebivalište boravište",
    lives: "živim živi stanujem stanuje prebivalištem dostaviti poslati",
    zip: "poštanski",
    box: "poštanski pretinac",
    boxWeak: "p.p.",
    at: "u",
  },
  {
    code: "sl",
    house: "after",
    joinedWeak: "jeva ova eva ska",
    ahead: "ulica ul. cesta trg naselje",
    aheadWeak: "pot",
    behind: "ulica cesta trg steza naselje nabrežje",
    behindWeak: "pot",
    particles: "ob pri na v nad pod mesto vas",
    unit: "stanovanje nadstropje apartma pisarna št. št",
    unitBehind: "nadstropje",
    number: "št hišna",
    label: "naslov naslovu prebivališče",
    lives: "živim živi stanujem stanuje stanujoč stanujoča dostaviti pošljite",
    zip: "poštna",
    box: "poštni predal",
    at: "v",
  },
  {
    code: "bg",
    house: "after",
    ahead: "ул. ул улица бул. бул булевард пл. площад ж.к. жк кв.",
    aheadLower: "ул улица бул булевард",
    particles: "на и",
    unit: "бл. бл вх. вх ет. ет ап. ап блок вход етаж апартамент",
    number: "№ номер",
    label: "адрес адреса",
    lives: "живея живее живеем живеещ живееща доставка адресът",
    box: "п.к.",
    at: "в",
  },
  {
    code: "el",
    house: "after",
    ahead: "οδός οδού οδό οδ. λεωφόρος λεωφόρου λεωφόρο λεωφ. πλατεία πλατείας πλ. παρ. odos leoforos plateia",
    particles: "του της των και",
    unit: "όροφος ορ. διαμ. διαμέρισμα γρ. ισ. ημ. κτίριο",
    unitBehind: "όροφος ορ.",
    unitAlone: "ισ ημ ισόγειο",
    number: "αρ αρ. αριθμός",
    label: "διεύθυνση κατοικία",
    lives: "έγραψα κατοικεί κατοικώ κάτοικος μένω μένει διαμένει παράδοση",
    zip: "τ.κ. τκ",
    box: "τ.θ.|ταχ. θυρίδα|ταχυδρομική θυρίδα",
    at: "στην στο",
  },
  {
    code: "et",
    house: "after",
    joined: "tänav maantee puiestee",
    joinedWeak: "tee",
    behind: "tn tänav tänaval mnt maantee pst puiestee allee väljak põik",
    behindWeak: "tee plats pl kallas",
    unit: "korter krt",
    label: "aadress koduaadress postiaadress tarneaadress elukoht elukoha",
    lives: "sisestasin kirjutasin elab elan elame elavad elukoht tarne saata",
    zip: "sihtnumber indeks",
    box: "postkast",
    boxWeak: "pk.",
  },
  {
    code: "lv",
    house: "after",
    behind: "iela ielā ielas gatve gatvē bulvāris bulvārī laukums prospekts prospektā šoseja dambis krastmala gāte",
    behindWeak: "ceļš aleja līnija",
    unit: "dz dz. dzīvoklis dzīv korp k",
    label: "adrese adresi dzīvesvieta",
    lives: "dzīvo dzīvoju dzīvojam dzīvojošs piegāde nosūtīt ievadīju ierakstīju nosūtīju",
    zip: "pastaindekss",
    box: "pasta kastīte",
  },
  {
    code: "lt",
    house: "after",
    behind:
      "g. gatvė gatvės gatvėje pr. prospektas prospekte al. alėja pl. plentas plente a. aikštė skg. skersgatvis krantinė tak.",
    behindWeak: "kelias takas",
    unit: "butas bt. kambarys",
    label: "adresas adresą gyvenamoji",
    lives: "įvedžiau įrašiau gyvena gyvenu gyvename gyvenantis gyvenanti pristatyti siųsti",
    zip: "paštokodas",
    box: "pašto dėžutė",
    boxWeak: "p.d.",
  },
  {
    code: "mt",
    house: "both",
    ahead: "triq misraħ pjazza sqaq vjal dawret",
    aheadWeak: "xatt telgħa",
    particles: "il ir is it iż tal ta u l",
    unit: "blokk flat",
    label: "indirizz",
    lives: "joqgħod toqgħod noqgħod jgħix tgħix ngħix",
    zip: "kodiċi",
    box: "kaxxa postali",
  },
  {
    code: "ga",
    house: "before",
    ahead: "sráid bóthar ascaill lána cearnóg",
    aheadWeak: "plás corrán céide",
    behindWeak: "sráid",
    particles: "na an agus ui uí de",
    unit: "árasán",
    label: "seoladh",
    lives: "chónaíonn cónaí",
    zip: "éirchód",
    box: "bosca poist|bosca oifig an phoist",
  },
];

/** Words that end like streets or stand before numbers like streets, and are none. */
export const NOT_STREETS =
  // German: -platz, -weg, and nouns before numbers
  "arbeitsplatz parkplatz stellplatz sitzplatz spielplatz startplatz stehplatz listenplatz tabellenplatz studienplatz " +
  "ausbildungsplatz bauplatz praktikumsplatz kitaplatz speicherplatz pflegeplatz treppchenplatz tennisplatz golfplatz " +
  "fußballplatz campingplatz zeltplatz steckplatz ehrenplatz therapieplatz rangplatz aufstiegsplatz abstiegsplatz " +
  "medaillenplatz podestplatz gruppenplatz schlafplatz liegeplatz heimweg rückweg hinweg umweg ausweg holzweg arbeitsweg " +
  "rettungsweg fluchtweg lösungsweg postweg rechtsweg dienstweg transportweg lieferweg verkehrsweg fahrweg bremsweg " +
  "anhalteweg seeweg landweg luftweg wasserweg mittelweg radweg gehweg klageweg verwaltungsweg bildungsweg lebensweg " +
  "werdeweg ausbildungsweg übertragungsweg signalweg onderweg anweg vorweg hauptweg datenautobahn sackgasse bahnhof " +
  "friedhof bundesstraße landesstraße kreisstraße staatsstraße schnellstraße europastraße wasserstraße einbahnstraße " +
  "supermarkt arbeitsmarkt finanzmarkt aktienmarkt abschnitt artikel kapitel seite band heft version ausgabe " +
  "abbildung tabelle absatz anhang anlage stufe typ modell klasse gruppe runde platz liga saison staffel folge teil " +
  "position punkt nummer raum saal halle gleis tor linie bus zug flug los kl jahrgang " +
  // Dutch, Danish, Norwegian, Swedish, Finnish endings in other words
  "decade cascade arcade barricade blockade brocade brigade renegade tegade arbejdsplads legeplads parkeringsplads " +
  "watergate colgate aggregate delegate navigate tollgate floodgate auntie regata fragata arbeidsplass arbetsplan " +
  "handlingsplan verksamhetsplan järnvägen " +
  // What numbers follow in English and elsewhere
  "chapter section article page pages figure fig table appendix annex step phase stage level grade class group round part " +
  "line row column item question exercise episode season series vol volume issue room gate platform track flight bus route " +
  "exit lane port model type boeing airbus mercedes iphone galaxy windows android ios macos ubuntu debian java python php " +
  "node chrome firefox safari mozilla build release patch top category size age score game match week day month year " +
  "chapitre article page tableau partie étape niveau classe numéro salle capítulo sección artículo página tabla parte nivel " +
  "capitolo sezione articolo pagina tabella livello hoofdstuk artikel pagina tabel deel rozdział artykuł strona tabela część " +
  "kapitel sida avsnitt tabell kapittel side tabel luku sivu kapitola strana článek članak stranica poglavlje fejezet " +
  "oldal capitolul articolul pagina глава член страница κεφάλαιο άρθρο σελίδα";

/** Streets that stand for what is on them: "500 High Street shops", "10 Wall Street banks". */
export const METONYM_WORDS = "wall sesame silk bus fast cycle express bowling memory main-line";

/** Words with a capital that end a town's name, or begin nothing that is one. */
export const STOPS =
  "tel telefon telefone telefono teléfono téléphone telephone tél tfno fon fax mobil mobile mobiltelefon handy gsm email " +
  "mail phone ph web website homepage www http https kontakt contact contatto contacto tlf tlfn puh tālrunis telefonas " +
  "ust vat nif cif nip regon oib iban bic " +
  "montag dienstag mittwoch donnerstag freitag samstag sonntag monday tuesday wednesday thursday friday saturday sunday " +
  "january february april june july august september october november december januar februar märz juni juli " +
  "oktober dezember feb apr jun jul aug sept oct okt nov dez uhr euro eur usd gbp chf prozent percent " +
  "herr frau mr mrs mme mlle sra pani dear hello thanks danke bitte please";

/** Words in front of "address" with which it is none of a house: "IP address", "e-mail address". */
export const OTHER_ADDRESSES =
  "ip mac email mail e web internet memory bus network wallet bitcoin url site http https lan wan host base server port " +
  "physical virtual ethernet bluetooth";

/** Words in small letters at the end of Italian towns: "Abano Terme" in small letters, "Porto a mare". */
export const TOWN_TAILS =
  "terme lido ligure veneto sardo calabro umbro laziale salentino friuli mare emilia nellemilia mesto vas pri cedex";

/** Words that may follow a street in a sentence; another small word makes it a name of something else. */
export const FOLLOWER_WORDS =
  "and or in on at to for from with is was are were near by until since because where when while that which who if but so as " +
  "und oder et ou y e en i a next opposite please today tomorrow now again before after during between behind";

/** Compass points behind American streets: "1600 Pennsylvania Avenue NW". */
export const COMPASS_WORDS = "n s e w ne nw se sw north south east west";

/** Behind the number itself: "12 bis". */
export const NUMBER_TAIL_WORDS = "bis ter quater";
