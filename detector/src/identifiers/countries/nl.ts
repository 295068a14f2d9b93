/** Netherlands. */
import { mod97And10, type Places, weighted } from "../checksum.ts";
import { type IdentifierRow, PRADO } from "../row.ts";

const WEIGHTS = [9, 8, 7, 6, 5, 4, 3, 2, -1];
const WEIGHTS_SHORT = WEIGHTS.slice(1);

/** Eight digits have lost a leading zero. */
function isBsn(places: Places): boolean {
  return weighted(places, places.length === 8 ? WEIGHTS_SHORT : WEIGHTS) % 11 === 0;
}

const whole = new Uint8Array(14);

/** Until 2019 a BSN and B01; since then any number for which ISO 7064 MOD 97-10 holds, "NL" and "B" included. */
function isBtw(places: Places): boolean {
  whole.set([23, 21]);
  whole.set(places.subarray(0, 9), 2);
  whole[11] = 11;
  whole.set(places.subarray(9), 12);
  return isBsn(places) || mod97And10(whole);
}

/** No O; the last is a digit. */
function isCard(places: Places): boolean {
  return !places.includes(24);
}

export const NL: readonly IdentifierRow[] = [
  {
    id: "nl-bsn",
    country: "NL",
    name: "Burgerservicenummer (BSN)",
    type: "NATIONAL_ID",
    shapes: ["#########", "####.##.###", "### ### ###", "#### ## ###", "####-##-###", "###.###.###", "########"],
    checkDigits: "weighted mod 11 (elfproef)",
    check: isBsn,
    labels: [
      "bsn",
      "bsn nr",
      "bsnnummer",
      "burgerservicenummer",
      "burger service nummer",
      "burgerservicenr",
      "sofinummer",
      "sofi nummer",
      "sofi nr",
      "persoonsnummer",
      "citizen service number",
      "dutch citizen number",
    ],
    source: "https://wetten.overheid.nl/BWBR0022428/",
  },
  {
    id: "nl-btw",
    country: "NL",
    name: "Btw-identificatienummer (eenmanszaak)",
    type: "TAX_ID",
    shapes: ["NL#########B##", "NL#########-B##"],
    checkDigits: "ISO 7064 MOD 97-10, or elfproef before 2020",
    check: isBtw,
    labels: ["btw id", "btw nummer", "btw nr", "btw identificatienummer", "omzetbelastingnummer", "ob nummer"],
    source: "https://www.belastingdienst.nl/",
  },
  {
    id: "nl-id-card",
    country: "NL",
    name: "Nederlandse identiteitskaart",
    type: "ID_CARD_NUMBER",
    shapes: ["@@******#"],
    structure: "no letter O",
    check: isCard,
    labels: [
      "identiteitskaart",
      "identiteitskaartnummer",
      "nummer identiteitskaart",
      "id kaart",
      "id kaartnummer",
      "documentnummer",
      "identiteitsbewijs",
      "dutch id card",
    ],
    source: PRADO,
  },
];
