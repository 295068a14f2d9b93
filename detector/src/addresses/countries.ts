/**
 * One row per country: how its postcodes are written and where they stand. Sources: the national pages of the Universal
 * Postal Union, https://www.upu.int/en/postal-solutions/programmes-services/addressing-solutions, and each operator's guide.
 * What streets, floors and labels are called is a fact of the language, not of the country: languages.ts.
 */

/**
 * A shape of postcode: `9` a digit, `A` a capital, ` ` one space. `UK`, `IE` and `MT` have grammars of their own in
 * postcode.ts. What several countries share ("99999") says little; what has letters or groups says a lot.
 */
export type Shape =
  | "999"
  | "9999"
  | "99999"
  | "999999"
  | "999 99"
  | "99 999"
  | "99-999"
  | "9999-999"
  | "9999 AA"
  | "99999-9999"
  | "UK"
  | "IE"
  | "MT";

export interface Country {
  readonly code: string;
  /** Codes of rows of LANGUAGES. */
  readonly languages: string;
  readonly shapes: readonly Shape[];
  /** Written before the postcode with a hyphen or a space: "D-10115", "LV-1010". */
  readonly prefixes: string;
  /** What the country is called in addresses, separated by `|`. */
  readonly names: string;
}

export const COUNTRIES: readonly Country[] = [
  {
    code: "AT",
    languages: "de",
    shapes: ["9999"],
    prefixes: "A AT",
    names: "Österreich|Austria|Autriche|Oostenrijk|Rakousko|Ausztria",
  },
  {
    code: "BE",
    languages: "nl fr de",
    shapes: ["9999"],
    prefixes: "B BE",
    names: "België|Belgique|Belgien|Belgium|Bélgica|Belgio|Belgia",
  },
  { code: "BG", languages: "bg", shapes: ["9999"], prefixes: "BG", names: "България|Bulgaria|Bulgarien|Bulgarie" },
  {
    code: "CH",
    languages: "de fr it",
    shapes: ["9999"],
    prefixes: "CH",
    names: "Schweiz|Suisse|Svizzera|Switzerland|Suiza|Zwitserland|Szwajcaria|Suíça",
  },
  { code: "CY", languages: "el en", shapes: ["9999"], prefixes: "CY", names: "Κύπρος|Cyprus|Zypern|Chypre" },
  {
    code: "CZ",
    languages: "cs",
    shapes: ["999 99", "99999"],
    prefixes: "CZ",
    names: "Česká republika|Česko|Czech Republic|Czechia|Tschechien|Tchéquie|Czechy",
  },
  {
    code: "DE",
    languages: "de",
    shapes: ["99999"],
    prefixes: "D DE",
    names: "Deutschland|Germany|Allemagne|Alemania|Germania|Duitsland|Niemcy|Alemanha|Tyskland|Německo|Németország",
  },
  {
    code: "DK",
    languages: "da",
    shapes: ["9999"],
    prefixes: "DK",
    names: "Danmark|Denmark|Dänemark|Danemark|Dinamarca",
  },
  { code: "EE", languages: "et", shapes: ["99999"], prefixes: "EE", names: "Eesti|Estonia|Estland|Estonie" },
  {
    code: "ES",
    languages: "es",
    shapes: ["99999"],
    prefixes: "E ES",
    names: "España|Spain|Spanien|Espagne|Spagna|Spanje|Hiszpania|Espanha",
  },
  {
    code: "FI",
    languages: "fi sv",
    shapes: ["99999"],
    prefixes: "FI FIN AX",
    names: "Suomi|Finland|Finnland|Finlande|Finlandia",
  },
  {
    code: "FR",
    languages: "fr",
    shapes: ["99999"],
    prefixes: "F FR",
    names: "France|Frankreich|Francia|Frankrijk|Francja|França|Frankrike|Francie",
  },
  {
    code: "GB",
    languages: "en",
    shapes: ["UK"],
    prefixes: "",
    names:
      "United Kingdom|UK|U.K.|Great Britain|England|Scotland|Wales|Northern Ireland|Großbritannien|Royaume-Uni|Reino Unido|Regno Unito",
  },
  {
    code: "GR",
    languages: "el",
    shapes: ["999 99", "99999"],
    prefixes: "GR EL",
    names: "Ελλάδα|Ελλάς|Greece|Griechenland|Grèce|Grecia|Hellas",
  },
  {
    code: "HR",
    languages: "hr",
    shapes: ["99999"],
    prefixes: "HR",
    names: "Hrvatska|Republika Hrvatska|Croatia|Kroatien|Croatie",
  },
  { code: "HU", languages: "hu", shapes: ["9999"], prefixes: "H HU", names: "Magyarország|Hungary|Ungarn|Hongrie" },
  {
    code: "IE",
    languages: "en ga",
    shapes: ["IE"],
    prefixes: "",
    names: "Ireland|Éire|Irland|Irlande|Irlanda|Ierland",
  },
  { code: "IS", languages: "is", shapes: ["999"], prefixes: "IS", names: "Ísland|Iceland|Island|Islande" },
  {
    code: "IT",
    languages: "it",
    shapes: ["99999"],
    prefixes: "I IT",
    names: "Italia|Italy|Italien|Italie|Italië|Włochy|Itália",
  },
  { code: "LI", languages: "de", shapes: ["9999"], prefixes: "FL LI", names: "Liechtenstein|Fürstentum Liechtenstein" },
  { code: "LT", languages: "lt", shapes: ["99999"], prefixes: "LT", names: "Lietuva|Lithuania|Litauen|Lituanie" },
  {
    code: "LU",
    languages: "fr de",
    shapes: ["9999"],
    prefixes: "L LU",
    names: "Luxembourg|Luxemburg|Lëtzebuerg|Lussemburgo|Luxemburgo",
  },
  { code: "LV", languages: "lv", shapes: ["9999"], prefixes: "LV", names: "Latvija|Latvia|Lettland|Lettonie" },
  { code: "MT", languages: "mt en", shapes: ["MT"], prefixes: "", names: "Malta|Malte" },
  {
    code: "NL",
    languages: "nl",
    shapes: ["9999 AA"],
    prefixes: "NL",
    names: "Nederland|Netherlands|The Netherlands|Niederlande|Pays-Bas|Países Bajos|Paesi Bassi|Holandia|Holland",
  },
  { code: "NO", languages: "nb", shapes: ["9999"], prefixes: "N NO", names: "Norge|Noreg|Norway|Norwegen|Norvège" },
  {
    code: "PL",
    languages: "pl",
    shapes: ["99-999"],
    prefixes: "PL",
    names: "Polska|Poland|Polen|Pologne|Polonia|Polónia|Polsko",
  },
  { code: "PT", languages: "pt", shapes: ["9999-999"], prefixes: "P PT", names: "Portugal|Portogallo|Portugalia" },
  { code: "RO", languages: "ro", shapes: ["999999"], prefixes: "RO", names: "România|Romania|Rumänien|Roumanie" },
  {
    code: "SE",
    languages: "sv",
    shapes: ["999 99", "99999"],
    prefixes: "S SE",
    names: "Sverige|Sweden|Schweden|Suède|Suecia|Svezia|Zweden|Szwecja|Ruotsi",
  },
  { code: "SI", languages: "sl", shapes: ["9999"], prefixes: "SI SLO", names: "Slovenija|Slovenia|Slowenien|Slovénie" },
  {
    code: "SK",
    languages: "sk",
    shapes: ["999 99", "99999", "99 999"],
    prefixes: "SK",
    names: "Slovensko|Slovenská republika|Slovakia|Slowakei|Slovaquie",
  },
  {
    code: "US",
    languages: "en",
    shapes: ["99999", "99999-9999"],
    prefixes: "",
    names: "USA|U.S.A.|US|U.S.|United States|United States of America|Vereinigte Staaten|États-Unis|Estados Unidos",
  },
];

/** Between city and postcode: https://pe.usps.com/text/pub28/28apb.htm */
export const US_STATES =
  "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA " +
  "RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AS MP AA AE AP";

/** Letters that begin a British postcode: https://www.ons.gov.uk/methodology/geography/ukgeographies/postalgeography */
export const UK_AREAS =
  "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL " +
  "GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX " +
  "PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN " +
  "WR WS WV YO ZE";
