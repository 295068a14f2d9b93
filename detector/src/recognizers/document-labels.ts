/**
 * The words before passports, driving licences, plates, dates of birth, wallets, coordinates and user names, in the 24
 * languages of the Union and Norwegian, Icelandic, Luxembourgish. One set for all these recognizers: several ask about the
 * same place, and it is read once. Accents and case do not matter (labels.ts), so each phrase stands here once.
 */
import { classAt, DIGIT, isDigitCode, LETTER } from "../scanner/characters.ts";
import { compileLabels, type LabelHit, type LabelRow, LabelWords } from "../scanner/labels.ts";

export const MAC = 1;
export const BANK_CODE = 2;
/** Words of banking: with one of them nearby the code of a bank may stand without its own name. */
export const BANK = 3;
export const WALLET = 4;
export const SOLANA = 5;
export const COORDINATE = 6;
export const LATITUDE = 7;
export const LONGITUDE = 8;
export const USER_NAME = 9;
/** Words that mean a user name only where a value is assigned to them: "user=jdoe". */
export const USER = 10;
/** Networks on which people have handles. */
export const NETWORK = 11;
/** "born", "geboren am": other words may stand between it and the date. */
export const BORN = 12;
/** "date of birth": the date follows. */
export const BIRTH = 13;
export const PASSPORT = 14;
export const DRIVING_LICENCE = 15;
export const PLATE = 16;
/** Words for a passport that mean something else as well, "pas" of French, "pass" of English: a number with a letter must follow. */
export const PASSPORT_SHORT = 17;

/** Phrases are parted by commas. */
const ROWS: readonly (readonly [id: number, phrases: string])[] = [
  [
    MAC,
    "mac, mac address, mac addr, mac adresse, adresse mac, dirección mac, indirizzo mac, mac adres, adres mac, mac adress, " +
      "endereço mac, hwaddr, hardware address, ether, bssid, lladdr, physical address, physische adresse, eui, eui64, eui 64, " +
      "wlan mac, wifi mac, bluetooth address, bd addr, ethernet address, burned in address, client mac, device mac, chaddr",
  ],
  [
    BANK_CODE,
    "bic, bic code, bic swift, swift bic, swift, swift code, bankidentifikationscode, bank identifier code, code bic, " +
      "código bic, código swift, codice bic, codice swift, code swift, kod bic, kod swift, kod bic swift, bic kod, swift kod",
  ],
  [
    BANK,
    "bank, iban, konto, bankverbindung, überweisung, kreditinstitut, account, wire transfer, transfer, sepa, banque, virement, " +
      "compte, banco, transferencia, cuenta, banca, bonifico, conto, rekening, przelew, rachunek, transferência, conta, " +
      "banka, bankkonto, tili, pankki, számla, bankszámla, τράπεζα, банка, cont bancar, beneficiary bank, correspondent",
  ],
  [
    WALLET,
    "wallet, wallet address, wallet id, eth, ethereum, ethereum address, eth address, ether, erc20, erc 20, bep20, polygon, matic, " +
      "bsc, metamask, usdt, usdc, btc, bitcoin, bitcoin address, crypto, crypto address, crypto wallet, deposit address, " +
      "payout address, public address, blockchain address, contract creator, from address, to address, wallet adresse, " +
      "krypto, kryptoadresse, krypto wallet, portefeuille, adresse ethereum, adresse bitcoin, cartera, monedero, billetera, " +
      "dirección ethereum, portafoglio, indirizzo ethereum, portefeuille adres, portemonnee, portfel, adres portfela, carteira, " +
      "plånbok, tegnebog, lommebok, lompakko, peněženka, peňaženka, pénztárca, portofel, novčanik, denarnica, портфейл, πορτοφόλι, " +
      "rahakott, maks, piniginė",
  ],
  [SOLANA, "solana, solana address, solana wallet, sol wallet, sol address, phantom, phantom wallet"],
  [
    COORDINATE,
    "coordinates, coordinate, coords, coord, gps, gps coordinates, gps position, gps location, geo, geolocation, geo location, " +
      "geopoint, location, position, lat lon, lat lng, lat long, latlng, latlon, latitude longitude, lonlat, lnglat, waypoint, " +
      "pickup location, dropoff location, koordinaten, standort, gps koordinaten, coordonnées, coordonnées gps, localisation, " +
      "coordenadas, ubicación, coordenadas gps, localização, coordinate gps, posizione, coördinaten, locatie, współrzędne, " +
      "lokalizacja, koordinater, position gps, posisjon, koordinaatit, sijainti, souřadnice, poloha, súradnice, koordináták, " +
      "coordonate, locație, koordinate, lokacija, координати, συντεταγμένες, koordinaadid, koordinātas, koordinatės, hnit",
  ],
  [
    LATITUDE,
    "lat, latitude, latitud, latitudine, latitudinea, breite, breitengrad, geographische breite, geografische " +
      "breite, breedtegraad, " +
      "szerokość, szerokość geograficzna, leveysaste, breddgrad, breddegrad, zeměpisná šířka, zemepisná šírka, szélesség, širina, " +
      "geografska širina, географска ширина, ширина, γεωγραφικό πλάτος, laiuskraad, platums, platuma",
  ],
  [
    LONGITUDE,
    "lng, lon, longitude, longitud, longitudine, longitudinea, länge, längengrad, geographische länge, " +
      "geografische länge, lengtegraad, " +
      "długość, długość geograficzna, pituusaste, längdgrad, længdegrad, lengdegrad, zeměpisná délka, zemepisná dĺžka, hosszúság, " +
      "dužina, geografska dužina, dolžina, географска дължина, дължина, γεωγραφικό μήκος, pikkuskraad, garums, ilguma",
  ],
  [
    USER_NAME,
    "username, user name, user login, login name, loginname, screen name, nickname, nick, handle, user handle, account name, " +
      "benutzername, nutzername, anmeldename, benutzerkennung, nutzerkennung, nom d'utilisateur, nom utilisateur, identifiant, " +
      "pseudo, pseudonyme, nombre de usuario, nombre usuario, nome utente, nomeutente, gebruikersnaam, inlognaam, " +
      "nazwa użytkownika, " +
      "nazwa uzytkownika, nome de utilizador, nome de usuário, användarnamn, brugernavn, brukernavn, käyttäjätunnus, " +
      "käyttäjänimi, uživatelské jméno, přihlašovací jméno, používateľské meno, užívateľské meno, prihlasovacie " +
      "meno, felhasználónév, " +
      "nume utilizator, nume de utilizator, utilizator, utilizador, naudotojo vardas, korisničko ime, uporabniško " +
      "ime, потребителско име, όνομα χρήστη, kasutajanimi, " +
      "lietotājvārds, vartotojo vardas, ainm úsáideora, isem tal utent, notandanafn, benotzernumm, samaccountname, " +
      "preferred username, " +
      "login id, unix user, ssh user",
  ],
  [
    USER,
    "user, login, logged in user, usr, logon, account, benutzer, nutzer, utilisateur, usuario, utente, gebruiker, użytkownik",
  ],
  [
    NETWORK,
    // Names with a capital inside are read as two words, so they are two here; that makes them one as well.
    "twitter, instagram, insta, ig, tik tok, telegram, tg, threads, mastodon, bluesky, blue sky, git hub, git lab, " +
      "discord, snapchat, snap, " +
      "skype, you tube, twitch, reddit, linked in, facebook, fb, pinterest, medium, keybase, matrix, signal, pay " +
      "pal, venmo, cash app",
  ],
  [
    BORN,
    "born, born on, was born, urodziłem się, urodziłam się, nací, nací el, narodil se, narodila se, narodil jsem se, narodila jsem se, " +
      "narodil som sa, narodila som sa, születtem, γεννήθηκα, γεννήθηκα στις, gimiau, nasci, nasci a, nasci em, rodio sam se, " +
      "rodila sam se, rodil sem se, rodila sem se, родих се, synnyin, sündisin,  geboren, geboren am, geboren den, né, né le, née, née le, né e le, nés le, ne e le, naissance le, " +
      "nacido, nacida, nacido el, nacida el, nació, nació el, nato, nata, nato il, nata il, nato a il, nascido, " +
      "nascida, nascido em, nascida em, " +
      "nascido a, nascida a, nasceu, nasceu em, nasceu a, geboren op, urodzony, urodzona, urodzony dnia, urodzona " +
      "dnia, urodził się, urodziła się, " +
      "narozen, narozena, narozený, narozená, narozen dne, narozena dne, narodený, narodená, narodil sa, narodila sa, " +
      "narodený dňa, narodená dňa, rojen, rojena, rojen dne, rojena dne, rođen, rođena, rođen dana, rođena dana, rodjen, rodjena, " +
      "született, született ekkor, născut, născută, născut la, născută la, născut la data de, născută la data de, " +
      "născut pe, născută pe, " +
      "роден, родена, роден на, родена на, γεννήθηκε, γεννήθηκε στις, γεννηθείς, γεννηθείσα, γεννημένος, γεννημένη, γεννηθείς την, " +
      "syntynyt, född, född den, født, født den, fødd, sündinud, dzimis, dzimusi, gimęs, gimusi, gimė, " +
      "twieled, twieldet, twieled fi, rugadh, a rugadh, rugadh é, rugadh í, gebuer, gebuer den, fæddur, fædd",
  ],
  [
    BIRTH,
    // Abbreviations of "born" are words and initials too: the date must follow.
    "geb, geb am, ur, ur dnia, nar, nar dne, roj, rođ, rodj, szül, synt, sünd, dz, dzim, gim, " +
      "date of birth, birth date, birthdate, birthday, birth day, dob, d o b, day of birth, bday, b day, birth, dateofbirth, " +
      "geburtsdatum, geburtstag, geb datum, geb dat, gebdat, gebdatum, geburt, tag der geburt, " +
      "date de naissance, date naissance, naissance, jour de naissance, date naiss, fecha de nacimiento, fecha " +
      "nacimiento, fecha nac, f nacimiento, " +
      "f nac, fec nac, fnac, nacimiento, data di nascita, data nascita, nascita, data de nascimento, data " +
      "nascimento, data nasc, nascimento, dt nasc, " +
      "dn, geboortedatum, geb datum, geboorte, geboortedag, data urodzenia, urodzenia, dzień urodzenia, datum " +
      "narození, datum nar, dat nar, " +
      "narození, dátum narodenia, datum narodenia, narodenia, datum rojstva, rojstvo, datum rođenja, datum " +
      "rodjenja, rođenja, dat rođ, születési idő, " +
      "születési dátum, születés dátuma, születési ideje, születésnap, szül idő, szül dátum, data nașterii, data " +
      "naşterii, data nasterii, " +
      "naștere, дата на раждане, рождена дата, рожд дата, рожден ден, ημερομηνία γέννησης, ημ γέννησης, ημ νια γέννησης, γέννηση, " +
      "syntymäaika, syntymäpäivä, syntymä, syntymäpvm, födelsedatum, födelsedag, född datum, födelsetid, " +
      "fødselsdato, fødselsdag, fødselstid, " +
      "sünniaeg, sünnikuupäev, sünnipäev, dzimšanas datums, dzimšanas diena, dzimšanas dat, gimimo data, gimimo " +
      "diena, data tat twelid, " +
      "twelid, dáta breithe, dáta bhreithe, breithlá, gebuertsdatum, gebuertsdag, fæðingardagur, fæðingardagur og ár",
  ],
  [
    PASSPORT,
    "passport, passport no, passport number, passport id, passport nr, passportno, reisepass, reisepassnummer, " +
      "reisepass nr, pass nr, passnummer, " +
      "passnr, pass no, pass number, ausweisnummer pass, passeport, numéro de passeport, no passeport, n " +
      "passeport, pasaporte, número de pasaporte, " +
      "nº pasaporte, passaporto, numero passaporto, numero di passaporto, passaporte, número de passaporte, número " +
      "do passaporte, paspoort, " +
      "paspoortnummer, paspoortnr, paszport, numer paszportu, nr paszportu, paszportu, pas nr, pas č, pase nr, " +
      "číslo pasu, pasu, cestovní pas, číslo cestovního pasu, " +
      "cestovného pasu, číslo cestovného pasu, cestovný pas, útlevél, útlevélszám, útlevél száma, pașaport, " +
      "paşaport, pasaport, numărul pașaportului, " +
      "număr pașaport, pașaportului, putovnica, broj putovnice, putovnice, potni list, številka potnega lista, " +
      "potnega lista, паспорт, номер на паспорт, " +
      "паспорт номер, διαβατήριο, αριθμός διαβατηρίου, διαβατηρίου, passi, passin numero, passini numero, útlevelem, útlevelem száma, passinumero, passets " +
      "nummer, pasnummer, pasnr, " +
      "passi number, passinumber, paso nr, pasas nr, pases numurs, pasas, paso numeris, passaport, numru tal " +
      "passaport, pas taistil, uimhir phas, " +
      "vegabréf, vegabréfsnúmer, travel document, travel document number",
  ],
  [PASSPORT_SHORT, "pas, pass, pase"],
  [
    DRIVING_LICENCE,
    "driving licence, driving license, driver licence, driver license, drivers license, drivers licence, driver's " +
      "license, driver's licence, " +
      "driving licence number, driver license number, licence number driver, dl number, dl no, dln, führerschein, " +
      "führerscheinnummer, führerschein nr, " +
      "fahrerlaubnis, fahrerlaubnisnummer, permis de conduire, numéro de permis, numéro de permis de conduire, " +
      "permis b, permiso de conducir, permiso de conducción, " +
      "carnet de conducir, licencia de conducir, patente di guida, patente, numero patente, numero di patente, carta de condução, " +
      "carteira de motorista, cnh, rijbewijs, rijbewijsnummer, prawo jazdy, prawa jazdy, numer prawa jazdy, " +
      "řidičský průkaz, řidičského průkazu, " +
      "číslo řidičského průkazu, vodičský preukaz, vodičského preukazu, číslo vodičského preukazu, jogosítvány, " +
      "vezetői engedély, jogosítvány száma, " +
      "vezetői engedély száma, permis de conducere, număr permis, permis auto, vozačka dozvola, broj vozačke " +
      "dozvole, vozačke dozvole, " +
      "vozniško dovoljenje, vozniškega dovoljenja, шофьорска книжка, свидетелство за управление, свидетелство за " +
      "управление на мпс, δίπλωμα οδήγησης, άδεια οδήγησης, " +
      "δίπλωμα, řidičák, vodičák, vozačka, vozniška, ajokorttini numero, jogosítványom, jogosítványom száma, αριθμός διπλώματος, άδειας οδήγησης, αριθμός άδειας οδήγησης, řp, číslo řp, n de permis, no de permis, " +
      "ajokortti, ajokortin numero, körkort, körkortsnummer, kørekort, kørekortnummer, førerkort, førerkortnummer, " +
      "juhiluba, " +
      "juhiloa number, autovadītāja apliecība, vadītāja apliecība, vadītāja apliecības, vairuotojo pažymėjimas, " +
      "vairuotojo pažymėjimo, liċenzja tas sewqan, " +
      "ceadúnas tiomána, führerschäin, ökuskírteini, ökuskírteinisnúmer",
  ],
  [
    PLATE,
    "license plate, licence plate, license plate number, licence plate number, number plate, plate number, plate " +
      "no, plate, plates, " +
      "vehicle registration, vehicle registration number, registration plate, registration number, car " +
      "registration, vehicle reg, car reg, reg no, vrn, vrm, " +
      "tag number, reg nr, rek nro, reg št, reg oznaka, reg broj, auto numurs, automašīnas numurs, skilt, auto " +
      "number, autonumber, automobilio numeris, valst nr, bilskilt, skiltnummer, " +
      "numărul mașinii, numărul de înmatriculare, evidenčné číslo vozidla, evidenční číslo vozidla, št registrske, " +
      "kennzeichen, kfz kennzeichen, autokennzeichen, nummernschild, amtliches kennzeichen, kfz, kfz nr, " +
      "kontrollschild, immatriculation, " +
      "plaque, plaque d'immatriculation, immatriculée, immatriculé, numéro d'immatriculation, véhicule " +
      "immatriculé, matrícula, placa, placas, " +
      "número de matrícula, matrícula del coche, targa, targata, targato, numero di targa, kenteken, " +
      "kentekennummer, kentekenplaat, nummerplaat, " +
      "tablica rejestracyjna, numer rejestracyjny, nr rejestracyjny, nr rej, rejestracja, tablice rejestracyjne, " +
      "numery rejestracyjne, " +
      "registreringsnummer, regnr, registreringsskylt, nummerplade, registreringsskilt, bilnummer, nummerskilt, " +
      "rekisterinumero, rekisteritunnus, rekisterikilpi, " +
      "registrační značka, spz, rz, poznávací značka, evidenčné číslo, ečv, evč, štátna poznávacia značka, " +
      "rendszám, rendszáma, forgalmi rendszám, " +
      "număr de înmatriculare, numere de înmatriculare, nr înmatriculare, înmatriculare, registarska oznaka, " +
      "registracijska oznaka, registracija, " +
      "tablice, registrske tablice, registrska številka, registrska označba, registrska, регистрационен номер, рег " +
      "номер, рег, номер на автомобила, " +
      "αριθμός κυκλοφορίας, αρ κυκλοφορίας, πινακίδα, πινακίδες, αριθμός κυκλοφορίας οχήματος, " +
      "registreerimisnumber, registreerimismärk, reģistrācijas numurs, " +
      "numura zīme, valsts numurs, valstybinis numeris, numeriai, numru tar reġistrazzjoni, targa tal vettura, " +
      "uimhir chláraithe, clár uimhreach, " +
      "bílnúmer, skráningarnúmer, fastanúmer, immatrikulatioun, autosplack",
  ],
];

const rows: readonly LabelRow[] = ROWS.map(([id, phrases]) => ({
  id,
  phrases: phrases.split(",").map((phrase) => phrase.trim()),
}));
/** Read once for these labels and those of identifiers. */
export const LABEL_WORDS: LabelWords = new LabelWords();
const labels = compileLabels(rows, LABEL_WORDS);

let lastText: string | undefined;
let lastAt = -1;
let lastHit: LabelHit = { direct: [], near: [] };

const NONE: LabelHit = { direct: [], near: [] };
/** Signs and spaces between a label and its value. */
const GAP_CHARS_MAX = 16;

/** Labels before `at`, nearest first. Good until the next call. */
export function labelsBefore(text: string, at: number): LabelHit {
  if (at === lastAt && text === lastText) return lastHit;
  lastText = text;
  lastAt = at;
  lastHit = followsWord(text, at) ? labels.before(text, at) : NONE;
  return lastHit;
}

/** Columns of numbers and codes follow one another, not a word: nothing is read for them. "lat1" is a word. */
function followsWord(text: string, at: number): boolean {
  let i = at - 1;
  while (i >= 0 && at - i < GAP_CHARS_MAX && (classAt(text, i) & (LETTER | DIGIT)) === 0) i--;
  if (i < 0 || (classAt(text, i) & (LETTER | DIGIT)) === 0) return false;
  return !isDigitCode(text.charCodeAt(i)) || (i > 0 && (classAt(text, i - 1) & LETTER) !== 0);
}

export function hasDirect(text: string, at: number, label: number): boolean {
  return labelsBefore(text, at).direct.includes(label);
}

/** On the same line, direct or not. */
export function hasNear(text: string, at: number, label: number): boolean {
  const { direct, near } = labelsBefore(text, at);
  return direct.includes(label) || near.includes(label);
}

/** Forgets the text that was asked about last. */
export function releaseLabels(): void {
  lastText = undefined;
  lastAt = -1;
  LABEL_WORDS.release();
}
