/** Postal addresses as each country writes them on one line: street, house, postcode, place. Invented houses in streets that every town has. */
import type { Choices } from "../random.ts";
import type { Kind, Value } from "./kind.ts";

interface Row {
  readonly languages: string;
  readonly streets: string;
  /** Postcode and place; `9` a digit, `A` a letter. */
  readonly places: string;
  /** `{s}` street, `{n}` house, `{p}` place. */
  readonly forms: readonly string[];
}

const ROWS: Readonly<Record<string, Row>> = {
  DE: {
    languages: "de",
    streets: "Lindenstraße|Bahnhofstr.|Am Marktplatz|Goethestraße|Alte Gasse|Berliner Allee|Unter den Eichen",
    places: "50674 Köln|10969 Berlin|80331 München|04109 Leipzig|79098 Freiburg im Breisgau|99423 Weimar",
    forms: ["{s} {n}, {p}", "{s} {n}, D-{p}", "{s} {n}a, {p}"],
  },
  AT: {
    languages: "de",
    streets: "Mariahilfer Straße|Hauptplatz|Ringstraße|Kirchengasse",
    places: "1060 Wien|8010 Graz|5020 Salzburg|6020 Innsbruck",
    forms: ["{s} {n}, {p}", "{s} {n}/4/12, {p}"],
  },
  CH: {
    languages: "de fr",
    streets: "Bahnhofstrasse|Seestrasse|Rue du Marché|Chemin des Vignes",
    places: "8001 Zürich|3011 Bern|1204 Genève|1003 Lausanne",
    forms: ["{s} {n}, {p}"],
  },
  FR: {
    languages: "fr",
    streets:
      "rue de la Paix|avenue Victor-Hugo|boulevard Saint-Michel|impasse des Lilas|place de l'Église|chemin du Moulin",
    places: "75002 Paris|69003 Lyon|13008 Marseille|44000 Nantes|67000 Strasbourg|31500 Toulouse",
    forms: ["{n} {s}, {p}", "{n} bis {s}, {p}", "{n}, {s}, {p}"],
  },
  BE: {
    languages: "nl fr",
    streets: "Kerkstraat|Stationslaan|Rue Haute|Avenue Louise",
    places: "2000 Antwerpen|9000 Gent|1000 Bruxelles|4000 Liège",
    forms: ["{s} {n}, {p}"],
  },
  NL: {
    languages: "nl",
    streets: "Prinsengracht|Kerkstraat|Oranjelaan|Dorpsweg|Stationsplein",
    places: "1016 GV Amsterdam|3511 AB Utrecht|9711 LM Groningen|5611 EM Eindhoven|2511 VA Den Haag",
    forms: ["{s} {n}, {p}", "{s} {n}-II, {p}", "{s} {n} A, {p}"],
  },
  LU: {
    languages: "fr de",
    streets: "rue de la Gare|rue des Champs|boulevard Royal",
    places: "L-1616 Luxembourg|L-4081 Esch-sur-Alzette",
    forms: ["{n}, {s}, {p}", "{n} {s}, {p}"],
  },
  GB: {
    languages: "en",
    streets: "Elm Road|High Street|Victoria Terrace|Church Lane|Mill Close|Queens Avenue",
    places: "Leeds LS6 2AB|London SW1A 1AA|Cardiff CF10 3NP|Edinburgh EH1 1YZ|Bristol BS1 4DJ|Norwich NR2 1TF",
    forms: ["{n} {s}, {p}", "Flat 3, {n} {s}, {p}", "{n}B {s}, {p}"],
  },
  IE: {
    languages: "en",
    streets: "Main Street|Castle Road|Harbour View",
    places: "Dublin D02 X285|Cork T12 W8KP|Galway H91 E2K3",
    forms: ["{n} {s}, {p}"],
  },
  US: {
    languages: "en",
    streets: "Maple Street|Oak Avenue|W 5th St|Sunset Blvd|Lakeview Drive",
    places: "Springfield, IL 62704|Austin, TX 78701|Portland, OR 97205|Boston, MA 02118",
    forms: ["{n} {s}, {p}", "{n} {s}, Apt 4B, {p}"],
  },
  ES: {
    languages: "es",
    streets: "Calle Mayor|Avenida de la Constitución|C/ San Juan|Plaza del Sol|Paseo de Gracia",
    places: "28013 Madrid|08007 Barcelona|41001 Sevilla|46002 Valencia|20003 Donostia",
    forms: ["{s} {n}, {p}", "{s}, {n}, 3.º B, {p}", "{s} {n}, 2º izq., {p}"],
  },
  PT: {
    languages: "pt",
    streets: "Rua Augusta|Avenida da Liberdade|Travessa do Carmo|Largo da Sé",
    places: "1100-053 Lisboa|4000-322 Porto|3000-213 Coimbra|8000-164 Faro",
    forms: ["{s} {n}, {p}", "{s}, n.º {n}, {p}", "{s} {n}, 2.º Dto., {p}"],
  },
  IT: {
    languages: "it",
    streets: "Via Roma|Corso Garibaldi|Piazza Dante|Viale dei Tigli|Via XX Settembre",
    places: "20121 Milano (MI)|00184 Roma|80134 Napoli (NA)|40126 Bologna|10122 Torino TO",
    forms: ["{s} {n}, {p}", "{s}, {n}, {p}", "{s} {n}/B, {p}"],
  },
  GR: {
    languages: "el",
    streets: "Ερμού|Αγίου Δημητρίου|Λεωφόρος Κηφισίας|Πλατεία Ελευθερίας|Οδός Πατησίων",
    places: "105 63 Αθήνα|546 31 Θεσσαλονίκη|26221 Πάτρα|71202 Ηράκλειο",
    forms: ["{s} {n}, {p}", "{s} {n}, ΤΚ {p}"],
  },
  CY: {
    languages: "el",
    streets: "Λεωφόρος Μακαρίου|Οδός Λήδρας",
    places: "1065 Λευκωσία|3030 Λεμεσός",
    forms: ["{s} {n}, {p}"],
  },
  SE: {
    languages: "sv",
    streets: "Storgatan|Kungsvägen|Drottninggatan|Björkallén",
    places: "114 55 Stockholm|411 06 Göteborg|211 20 Malmö|753 10 Uppsala",
    forms: ["{s} {n}, {p}", "{s} {n} B, {p}", "{s} {n} lgh 1102, {p}"],
  },
  DK: {
    languages: "da",
    streets: "Nørregade|Strandvejen|Vestergade|Skovallé",
    places: "1165 København K|8000 Aarhus C|5000 Odense C|9000 Aalborg",
    forms: ["{s} {n}, {p}", "{s} {n}, 2. tv., {p}", "{s} {n}, st. th., {p}"],
  },
  NO: {
    languages: "nb",
    streets: "Storgata|Kirkeveien|Strandgaten|Bjørkelia",
    places: "0184 Oslo|5003 Bergen|7011 Trondheim|4006 Stavanger",
    forms: ["{s} {n}, {p}", "{s} {n} B, {p}"],
  },
  FI: {
    languages: "fi",
    streets: "Mannerheimintie|Kirkkokatu|Rantatie|Koivukuja",
    places: "00100 Helsinki|33100 Tampere|20100 Turku|90100 Oulu",
    forms: ["{s} {n}, {p}", "{s} {n} A 4, {p}", "{s} {n} as. 7, {p}"],
  },
  IS: {
    languages: "is",
    streets: "Laugavegur|Hverfisgata|Skólastígur",
    places: "101 Reykjavík|600 Akureyri",
    forms: ["{s} {n}, {p}"],
  },
  PL: {
    languages: "pl",
    streets: "ul. Długa|al. Jana Pawła II|ul. Mickiewicza|os. Słoneczne|pl. Wolności",
    places: "00-238 Warszawa|31-042 Kraków|80-831 Gdańsk|61-739 Poznań|50-106 Wrocław",
    forms: ["{s} {n}, {p}", "{s} {n}/5, {p}", "{s} {n} m. 12, {p}"],
  },
  CZ: {
    languages: "cs",
    streets: "Dlouhá|Na Příkopě|Masarykova|Nádražní|U Lesa",
    places: "110 00 Praha 1|602 00 Brno|70200 Ostrava|301 00 Plzeň",
    forms: ["{s} {n}, {p}", "{s} 1423/{n}, {p}"],
  },
  SK: {
    languages: "sk",
    streets: "Hlavná|Štúrova|Námestie slobody|Školská",
    places: "811 01 Bratislava|040 01 Košice|974 01 Banská Bystrica",
    forms: ["{s} {n}, {p}", "{s} 318/{n}, {p}"],
  },
  HU: {
    languages: "hu",
    streets: "Váci utca|Kossuth Lajos utca|Petőfi tér|Rákóczi út",
    places: "1052 Budapest|6720 Szeged|4024 Debrecen|7621 Pécs",
    forms: ["{p}, {s} {n}.", "{p}, {s} {n}. II/3.", "{p} {s} {n}."],
  },
  RO: {
    languages: "ro",
    streets: "Str. Mihai Eminescu|Bd. Unirii|Strada Florilor|Calea Victoriei",
    places: "010512 București|400001 Cluj-Napoca|700028 Iași|300030 Timișoara",
    forms: ["{s} nr. {n}, {p}", "{s} nr. {n}, bl. A2, ap. 14, {p}", "{s} {n}, {p}"],
  },
  BG: {
    languages: "bg",
    streets: "ул. „Граф Игнатиев“|бул. Витоша|ул. Шипка|ж.к. Младост",
    places: "1000 София|4000 Пловдив|9000 Варна",
    forms: ["{s} {n}, {p}", "{s} № {n}, {p}", "{p}, {s} {n}"],
  },
  HR: {
    languages: "hr",
    streets: "Ilica|Ulica kralja Tomislava|Trg slobode|Vukovarska ulica",
    places: "10000 Zagreb|21000 Split|51000 Rijeka|31000 Osijek",
    forms: ["{s} {n}, {p}", "{s} {n}a, {p}"],
  },
  SI: {
    languages: "sl",
    streets: "Slovenska cesta|Trubarjeva ulica|Cankarjeva|Glavni trg",
    places: "1000 Ljubljana|2000 Maribor|3000 Celje|6000 Koper",
    forms: ["{s} {n}, {p}"],
  },
  EE: {
    languages: "et",
    streets: "Pikk tn|Narva mnt|Kooli tänav|Tartu maantee",
    places: "10123 Tallinn|51003 Tartu|80010 Pärnu",
    forms: ["{s} {n}, {p}", "{s} {n}-7, {p}"],
  },
  LV: {
    languages: "lv",
    streets: "Brīvības iela|Raiņa bulvāris|Skolas iela",
    places: "Rīga, LV-1010|Liepāja, LV-3401|Daugavpils, LV-5401",
    forms: ["{s} {n}, {p}", "{s} {n}-3, {p}"],
  },
  LT: {
    languages: "lt",
    streets: "Gedimino pr.|Vilniaus g.|Laisvės al.|Taikos g.",
    places: "LT-01103 Vilnius|44240 Kaunas|LT-92231 Klaipėda",
    forms: ["{s} {n}, {p}", "{s} {n}-12, {p}"],
  },
};

function addressOf(random: Choices, row: Row): Value {
  const text = random
    .pick(row.forms)
    .replace("{s}", random.pick(row.streets.split("|")))
    .replace("{n}", String(random.int(1, 148)))
    .replace("{p}", random.pick(row.places.split("|")));
  // Hungarian writes the house as an ordinal; whether its dot belongs to the address is a matter of taste.
  return text.endsWith(".")
    ? {
        text,
        spans: [
          [0, text.length],
          [0, text.length - 1],
        ],
      }
    : text;
}

export const ADDRESSES: readonly Kind[] = Object.entries(ROWS).map(([country, row]) => ({
  name: `${country} address`,
  type: "ADDRESS",
  languages: row.languages.split(" "),
  keys: ["address", "shippingAddress", "home_address"],
  bare: true,
  make: (random) => addressOf(random, row),
}));
