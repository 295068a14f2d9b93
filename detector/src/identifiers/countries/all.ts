/** All rows. Where two of them fit equally well the earlier one names the finding, so the larger country stands first. */
import type { IdentifierRow } from "../row.ts";
import { AT } from "./at.ts";
import { BE } from "./be.ts";
import { BG } from "./bg.ts";
import { CH, LI } from "./ch.ts";
import { CY } from "./cy.ts";
import { CZ } from "./cz.ts";
import { DE } from "./de.ts";
import { DK } from "./dk.ts";
import { EE } from "./ee.ts";
import { ES } from "./es.ts";
import { EU } from "./eu.ts";
import { FI } from "./fi.ts";
import { FR } from "./fr.ts";
import { GB } from "./gb.ts";
import { GR } from "./gr.ts";
import { HR } from "./hr.ts";
import { HU } from "./hu.ts";
import { IE } from "./ie.ts";
import { IS } from "./is.ts";
import { IT } from "./it.ts";
import { LT } from "./lt.ts";
import { LU } from "./lu.ts";
import { LV } from "./lv.ts";
import { MT } from "./mt.ts";
import { NL } from "./nl.ts";
import { NO } from "./no.ts";
import { PL } from "./pl.ts";
import { PT } from "./pt.ts";
import { RO } from "./ro.ts";
import { SE } from "./se.ts";
import { SI } from "./si.ts";
import { SK } from "./sk.ts";

/** Members of the Union by population, then the others. */
const BY_COUNTRY: readonly (readonly IdentifierRow[])[] = [
  [DE, FR, IT, ES, PL, RO, NL, BE, CZ, GR, SE, PT, HU, AT, BG, DK, FI, SK, IE, HR, LT, SI, LV, EE, CY, LU, MT],
  [GB, CH, NO, IS, LI, EU],
].flat();

export const IDENTIFIERS: readonly IdentifierRow[] = BY_COUNTRY.flat();
