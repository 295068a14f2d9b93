/** Where the GDPR applies, by ISO 3166-1 alpha-2 code. */

/**
 * The European Union with Iceland, Liechtenstein and Norway (EEA Joint Committee 154/2018). Åland and the outermost regions
 * have codes of their own and are part of the Union (TFEU Art. 349, 355): AX, GF, GP, MF, MQ, RE, YT. Svalbard (SJ) is not.
 */
export const EEA: ReadonlySet<string> = new Set(
  "AT AX BE BG CY CZ DE DK EE ES FI FR GF GP GR HR HU IE IS IT LI LT LU LV MF MQ MT NL NO PL PT RE RO SE SI SK YT".split(
    " ",
  ),
);

/** User-assigned code for a recipient of no country: the rehearsal, or this gateway without a `controller`. */
export const COUNTRY_NONE = "ZZ";
