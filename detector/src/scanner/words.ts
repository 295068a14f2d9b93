/**
 * The context words: whole words, lower case. Words for orders, customers, accounts, passwords and numbers are there in the
 * 24 languages of the Union, Norwegian and Icelandic, the others in the ten largest of them. One row per meaning; a word may
 * stand in several rows. Never matched as a substring: "lic" in "public" is what makes other detectors see driving licences
 * in prose.
 */
import { ownString } from "./characters.ts";

/** A phone number follows. */
export const PHONE = 1;
/** A phone number may follow, when it looks like one. */
export const CALL = 1 << 1;
export const ORDER = 1 << 2;
export const CUSTOMER = 1 << 3;
export const ACCOUNT = 1 << 4;
/** "number", "no.", "id": the next thing is an identifier. */
export const MARKER = 1 << 5;
/** Words that may stand between a label and its value: "is", "of your". */
export const LINK = 1 << 6;
/** An abbreviation whose full stop ends no sentence. */
export const ABBREVIATION = 1 << 7;
/** What follows is a version or a section, not an address. */
export const VERSION = 1 << 8;
export const PASSWORD = 1 << 9;
/** A machine's secret follows. */
export const TOKEN = 1 << 10;
/** "key", a secret when one of KEY_KIND stands before it. */
export const KEY = 1 << 11;
export const KEY_KIND = 1 << 12;
/** "is": between "my password" and the password. */
export const IS = 1 << 13;
export const BEARER = 1 << 14;
export const BASIC = 1 << 15;
export const AUTHORIZATION = 1 << 16;
/** The number that follows is of another kind: a date, a price, a serial number. */
export const OTHER = 1 << 17;
/** Name of a URL parameter whose value is about a person or proves who one is. */
export const PARAMETER = 1 << 18;
/** "id", "name", "address": such a parameter when PARAMETER or PARAMETER_PART stands before it. */
export const PARAMETER_TAIL = 1 << 19;
export const PARAMETER_PART = 1 << 20;
/** OAuth's "client id" is software, not a customer. */
export const CLIENT = 1 << 21;
export const ID = 1 << 22;
/** "re" of "re-order", "executive" of "executive order": with it the next word means something else. */
export const PREFIX = 1 << 23;
/** A payment card's number follows. */
export const CARD = 1 << 24;
/** "my": before "number" it means a phone's. */
export const POSSESSIVE = 1 << 25;
/** A number, not a word; set by context.ts, no row here. */
export const NUMERAL = 1 << 26;

const ROWS: readonly (readonly [number, string])[] = [
  [
    PHONE,
    "phone phones telephone tel ph fax telefax pager tfno tlfno whatsapp landline hotline sms cellphone " +
      "telefon fon festnetz mobiltelefon faxnr durchwahl rückruf " +
      "téléphone telephone tél télécopie teléfono teléfonos telefono recapito telefoon telefonu telefonem telefonicznie " +
      "telefone telefones telemóvel telefonen tlf tlfn telf telefonisch telefonní telefón telefónne telefonszám " +
      "telefonszáma telefonszámom " +
      "телефон телефонен тел τηλέφωνο τηλεφώνου τηλ κινητό κινητού tālrunis tālruņa tālr telefonas telefono " +
      "telefoninumber puhelin puhelinnumero " +
      "puhelinnumeroni puh matkapuhelin sími símanúmer símanúmerið farsími mobitel mobitela telefonska telefona " +
      "mowbajl telefown fón tlm",
  ],
  [
    PHONE | MARKER,
    "phonenumber telephonenumber mobilenumber telno phoneno telefonnummer telefonnr telnr rufnummer handynummer " +
      "handynr mobilnummer mobilnr faxnummer festnetznummer telefoonnummer mobielnummer rückrufnummer",
  ],
  [
    CALL,
    "call calls calling callback dial ring reach text mobile cell cel contact mob gsm " +
      "anrufen anruf ruf rufen erreichbar erreichen handy mobil fixe portable appeler appelez appelle joindre joignable " +
      "llamar llame llámame llama móvil movil celular fijo cellulare chiamare chiamami chiama cell mobiel bellen bel " +
      "bereikbaar zadzwoń dzwonić komórka komórkowy kom ligar ligue liga telemovel ringa ringer ringe nå mobilní " +
      "mobilný volejte " +
      "zavolejte volať zavolajte hívjon hívj sunați sună обадете мобилен καλέστε mobilais zvaniet mob skambinkite " +
      "mobiil helista helistage " +
      "soita soittakaa hringdu hringið nazovite pokličite",
  ],
  [
    ORDER,
    "order orders bestellung bestellungen auftrag aufträge commande commandes pedido pedidos ordine ordini bestelling " +
      "bestellingen zamówienie zamówienia zamówieniu zamówień zamowienie zamowienia encomenda encomendas beställning " +
      "beställningar bestilling bestillinger ordre ordrer bestell auftrags zlecenie zam objednávka objednávky objednávku " +
      "objednávke objednávce naročilo naročila naročilu narudžba narudžbe narudžbu narudžbi rendelés rendelési rendelésem rendelése rendelésed " +
      "megrendelés megrendelési comandă comanda comenzii поръчка поръчката παραγγελία παραγγελίας užsakymas užsakymo " +
      "užsakymą pasūtījums pasūtījuma pasūtījumu pasūtījumam tellimus tellimuse tellimust tilaus tilauksen tilausta " +
      "tilaukseni tilauksesi tilauksenne pöntun pöntunar pöntunin ordni ordú ordaithe",
  ],
  [
    ORDER | MARKER,
    "ordernumber orderno orderid ordernr bestellnummer bestellnr auftragsnummer auftragsnr ordernummer ordrenummer " +
      "ordrenr bestelnummer bestelnr bestellingsnummer beställningsnummer bestillingsnummer bestellid beställningsnr " +
      "bestillingsnr ordrenummeret ordernumret beställningsnumret pöntunarnúmerið rendelésszám rendelésszáma " +
      "rendelésszámom rendelésazonosító rendelésazonosítóm megrendelésszám tellimusnumber " +
      "tellimusenumber tilausnumero tilausnumeroni tilausnro tilaustunnus pöntunarnúmer pöntunarnr",
  ],
  [
    CUSTOMER,
    "customer client member membership kd kunde kunden kundin cliente clientes clienti klant klanten klient klienta klientka " +
      "klientki kund abonné adhérent abonado socio sócio zákazník zákazníka zákaznické zákaznického zákaznícke zákazníckeho " +
      "klientské stranka stranke kupec kupca kupac korisnički korisničkog ügyfél vevő clientului клиент клиента клиентски " +
      "πελάτη πελάτης klientas kliento pirkėjo klients pircēja klijent kliendi asiakas asiakkaan viðskiptavinur " +
      "viðskiptavinar custaiméara chustaiméara",
  ],
  [
    CUSTOMER | MARKER,
    "customernumber customerno customerid kundennummer kundennr kundnummer kundnr kundenummer kundenr klantnummer " +
      "klantnr klantennummer kundenid kdnr mitgliedsnummer mitgliedsnr lidnummer lidmaatschapsnummer medlemsnummer medlemsnr " +
      "kundenummeret kundnumret viðskiptanúmerið relatienummer " +
      "debitorennummer ügyfélszám ügyfélszámom ügyfélazonosító ügyfélazonosítóm ügyfélkód ügyfélkódom vevőkód " +
      "vevőazonosító kliendinumber kliendinr " +
      "kliendikood asiakasnumero asiakasnumeroni asiakasnro asiakastunnus jäsennumero viðskiptanúmer viðskiptamannanúmer " +
      "viðskiptavinanúmer",
  ],
  [
    ACCOUNT,
    "account acct konto compte cuenta conto rekening rachunek rachunku rachunkiem konta conta girokonto bankkonto " +
      "bankrekening bankkontot kontot kontoen kontos rach cta účet účtu účtem tekući tekućeg tekućega žiro " +
      "žiroračun žiroračuna bankovni bankovnog bančni bančnega transakcijski transakcijskega trr cont contul contului " +
      "сметка сметката λογαριασμός λογαριασμού sąskaita sąskaitos konts kont tili tilin arvelduskonto bankareikningur " +
      "chuntais bankgiro plusgiro bankgironummer vertragskonto",
  ],
  [
    ACCOUNT | MARKER,
    "accountnumber accountno acctno kontonummer kontonr rekeningnummer rekeningnr bankkontonummer " +
      "bankrekeningnummer számlaszám " +
      "számlaszáma számlaszámom bankszámlaszám bankszámlaszáma bankszámlaszámom folyószámlaszám kontonumber tilinumero " +
      "tilinumeroni tilinro pankkitilinumero reikningsnúmer bankareikningsnúmer kontonummeret kontonumret " +
      "vertragskontonummer nrb ktonr",
  ],
  [CLIENT, "client"],
  [
    MARKER,
    "number numbers nummer nummern numéro numéros numero numeros número números numer numeru numerem reference referenz " +
      "référence referencia riferimento referentie referência referens confirmation bestätigung codice código code id " +
      "identifier nº º ª číslo čísla číslem číslom broj broja šifra šifre številka številke szám száma azonosító " +
      "azonosítója kód kódja număr numărul cod " +
      "codul номер номера код αριθμός αριθμό κωδικός numeris numerį kodas numurs numuru kods kood tunnus númer numru uimhir",
  ],
  [MARKER | ABBREVIATION, "no nr num nbr núm n nro ref nrs nos réf č čís br št sz αρ számom számát"],
  [
    ABBREVIATION,
    "tel ph tfno tlfno tél tlf telf fax mob acct kd best fon ver v fig sec dr mr mrs ms st rach cta reg zam dvs тел τηλ " +
      "tālr puh mob κιν моб cell cel tlm " +
      "kundenr kundnr kdnr kundennr medlemsnr kontonr ktonr ordrenr ordernr beställningsnr bestillingsnr bestelnr " +
      "bestellnr klantnr " +
      "rekeningnr tilausnro asiakasnro tilinro pöntunarnr telefonnr telnr mobilnr",
  ],
  [ID, "id"],
  [
    LINK,
    "is was are were be the my your our his her their of for a an to with and or has on at under please " +
      "ist war lautet lauten der die das dem den des mein meine meiner meinem meinen ihr ihre ihrer ihrem ihren unser unsere " +
      "und oder mit von unter zur zum bitte est était sont le la les l de du des d mon ma mes votre vos notre nos " +
      "et ou au avec " +
      "sous es son el los las del mi mis su sus y o con è é il lo gli i di della delle mio mia suo sua vostro e con al het " +
      "een mijn uw jouw ons onze en of van met op onder jest są to mój moja moje mojego pana pani pod i lub z do " +
      "os as da do dos das meu minha seu sua ou em no na com är det den min mitt din ditt er och eller på till og eller til " +
      "deres vores re dvs σας tiegħek je jest jsou je můj moje mé vaše váš môj moj moja moje vaša vaš az ez ön önnek este e al ale " +
      "mea meu dumneavoastră " +
      "на е моят моята моя вашата вашия είναι του της μου σας το η yra mano jūsų ir mans mana jūsu on minu teie " +
      "minun teidän minn mitt þín tal huwa račun računa računu",
  ],
  [IS, "is was ist war lautet est était es era è é jest är er var lyder je byl bolo este είναι yra oli eru huwa"],
  [
    VERSION,
    "version versions ver v release rel build firmware section sections sect sec chapter clause step figure fig table rfc " +
      "kapitel abschnitt fassung versione versión versie wersja versão chapitre sección capítulo sezione capitolo " +
      "hoofdstuk paragraaf rozdział secção oid patch sdk driver upgrade upgraded api",
  ],
  [
    PASSWORD,
    "password passwords passwd pwd pswd pw passphrase passcode passwort kennwort passe contraseña contrasena clave senha " +
      "parola wachtwoord hasło haslo hasłem lösenord losenord adgangskode kodeord passord dbpassword dbpass userpassword " +
      "mypassword rootpassword dbpwd mdp motdepasse zugangscode pass heslo hesla heslem heslom heslu jelszó " +
      "jelszava jelszavam jelszót parolă parole " +
      "lozinka lozinke lozinku zaporka zaporke zaporku geslo gesla парола паролата συνθηματικό πρόσβασης " +
      "slaptažodis slaptažodžio parool salasõna " +
      "salasana salasanani salasanasi lykilorð lykilorðið aðgangsorð lösenordet kodeordet passordet wachtwoorden",
  ],
  [
    TOKEN,
    "token secret apikey apitoken apisecret accesskey secretkey accesstoken authtoken authkey refreshtoken sessiontoken " +
      "clientsecret privatekey secretaccesskey signingkey encryptionkey masterkey accountkey sharedaccesskey " +
      "webhooksecret authorization jwt",
  ],
  [KEY, "key schlüssel clé llave chiave sleutel klucz chave nyckel nøgle"],
  [
    KEY_KIND,
    "api access secret private auth encryption signing master account storage shared app application service webhook " +
      "subscription admin deploy jwt session license",
  ],
  [BEARER, "bearer"],
  [BASIC, "basic"],
  [AUTHORIZATION, "authorization"],
  [
    OTHER,
    "faktūra faktūros faktúra faktúry faktury fakturu imei imsi serial sn seriennummer pin puk zip plz postcode " +
      "isbn issn ean sku upc invoice rechnung rechnungsnummer " +
      "rechnungsnr ticket case facture factura fattura fatura faktura factuur page pages seite model item items artikel " +
      "artikelnummer article date datum fecha data price preis prix precio prezzo total amount betrag montant importe " +
      "importo eur usd gbp chf euro euros dollars quantity qty year jahr time zeit tracking score rate revenue balance " +
      "saldo vat tax size port count sum summe width height length duration seconds ms bytes error errors status line " +
      "lines row rows commit hash checksum timestamp epoch pid uid gid exit code",
  ],
  [
    PARAMETER,
    "user username usr uid userid email mail login profile token session sid sessionid jsessionid sig signature password " +
      "passwd pwd auth jwt apikey secret phone tel mobile account member customer firstname lastname fullname surname " +
      "nickname otp ticket subscriber recipient passwort benutzer utilisateur usuario utente gebruiker",
  ],
  [PARAMETER_TAIL, "id name address number key no nr"],
  [
    PARAMETER_PART,
    "user customer member account client profile session first last full given family nick email e mail api access contact " +
      "person patient employee student subscriber screen display",
  ],
  [
    CARD,
    "card cards maestro visa mastercard amex pan credit debit karte kreditkarte kartennummer debitkarte carte tarjeta carta " +
      "kaart kaartnummer creditcard karta karty kartą cartão kort kortet kortnummer kreditkort",
  ],
  [
    POSSESSIVE,
    "my mein meine meiner mon mi mio mijn mój moj moja moje můj môj meu minha min mitt mit minn mea μου ми моят " +
      "моята mano mana minu minun þín σας dvs tiegħek",
  ],
  [PREFIX, "re pre non un co sub executive"],
];

/** Words that people in a hurry and names of columns write without accents, `cislo_objednavky`. Of shorter ones that would be another word. */
const PLAIN = ORDER | CUSTOMER | ACCOUNT | MARKER | PASSWORD | PHONE;

/** word → meanings */
export const WORDS: ReadonlyMap<string, number> = buildWords();

function buildWords(): ReadonlyMap<string, number> {
  const words = new Map<string, number>();
  for (const [meaning, list] of ROWS) {
    for (const word of list.split(" ")) {
      // Both normal forms: text from macOS file names and some PDFs comes decomposed.
      const forms = new Set([word.normalize("NFC"), word.normalize("NFD")]);
      if ((meaning & PLAIN) !== 0) forms.add(word.normalize("NFD").replaceAll(/\p{M}/gu, ""));
      for (const form of forms) words.set(ownString(form), (words.get(form) ?? 0) | meaning);
    }
  }
  return words;
}

const LOWER_LENGTH = 0x530;
/** No context word has a letter above the Cyrillic ones. Both small sigmas are one, because a capital does not tell which it is. */
const LOWER = new Uint16Array(LOWER_LENGTH).map((_, code) =>
  code === 0x3c2 ? 0x3c3 : String.fromCharCode(code).toLowerCase().charCodeAt(0),
);

const SLOTS = 8192;
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** In the place of a hash where no word is. */
const EMPTY = 0;
const slotHash = new Int32Array(SLOTS);
const slotWord: string[] = Array.from({ length: SLOTS }, () => "");
const slotMeaning = new Int32Array(SLOTS);

for (const [word, meaning] of WORDS) {
  const hash = hashBack(word, 0, word.length);
  let slot = hash & (SLOTS - 1);
  while (slotHash[slot] !== EMPTY) slot = (slot + 1) & (SLOTS - 1);
  slotHash[slot] = hash;
  slotWord[slot] = word;
  slotMeaning[slot] = meaning;
}

/** FNV-1a from the last character to the first, the direction in which context is read; of the lower-case form; never EMPTY. */
function hashBack(text: string, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let i = end - 1; i >= start; i--) hash = Math.imul(hash ^ lowerCode(text.charCodeAt(i)), FNV_PRIME);
  return hash === EMPTY ? 1 : hash;
}

function lowerCode(code: number): number {
  return code < LOWER_LENGTH ? (LOWER[code] as number) : code;
}

/** Meanings of the word at [start, end), 0 when it has none. The hash finds the row, the comparison decides. */
export function meaningOf(text: string, start: number, end: number): number {
  const hash = hashBack(text, start, end);
  for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
    const known = slotHash[slot] as number;
    if (known === EMPTY) return 0;
    if (known !== hash) continue;
    if (isWordAt(slotWord[slot] as string, text, start, end)) return slotMeaning[slot] as number;
  }
}

function isWordAt(word: string, text: string, start: number, end: number): boolean {
  if (word.length !== end - start) return false;
  for (let i = 0; i < word.length; i++)
    if (lowerCode(word.charCodeAt(i)) !== lowerCode(text.charCodeAt(start + i))) return false;
  return true;
}
