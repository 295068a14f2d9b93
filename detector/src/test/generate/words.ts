/**
 * What people of each language write before a value, and the sentences that they put it in. `{L}` is the label, `{V}` the value;
 * written so that a label of any gender fits, as forms and hurried messages do. No label is one that means a thing as well: "račun br." and
 * "reikningur nr." are an invoice's number before they are an account's, "broj korisnika" is how many users there are.
 */

/** Labels by type; a type that a language lacks is not generated in it. */
type Labels = Readonly<Record<string, readonly string[]>>;

export interface Language {
  readonly labels: Labels;
  readonly labelled: readonly string[];
  readonly bare: readonly string[];
}

const TYPE_ORDER = [
  "EMAIL",
  "PHONE",
  "IBAN",
  "CARD",
  "ACCOUNT_NUMBER",
  "CUSTOMER_NUMBER",
  "ORDER_NUMBER",
  "PASSWORD",
  "USER_HANDLE",
  "PASSPORT_NUMBER",
  "DRIVING_LICENCE_NUMBER",
  "LICENCE_PLATE",
  "DATE_OF_BIRTH",
  "ADDRESS",
] as const;

/** One line a type, in the order above, phrases separated by `|`. */
function labelsOf(lines: string): Labels {
  const rows = lines.trim().split("\n");
  return Object.fromEntries(
    TYPE_ORDER.map((type, at) => [
      type,
      (rows[at] ?? "")
        .split("|")
        .map((phrase) => phrase.trim())
        .filter((phrase) => phrase !== ""),
    ]),
  );
}

function sentencesOf(lines: string): readonly string[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => line.trim());
}

function language(labels: string, labelled: string, bare: string): Language {
  return { labels: labelsOf(labels), labelled: sentencesOf(labelled), bare: sentencesOf(bare) };
}

export const LANGUAGES: Readonly<Record<string, Language>> = {
  en: language(
    `email|e-mail|email address|mail
     phone|phone number|tel.|mobile|telephone
     IBAN|bank account (IBAN)
     card number|credit card|card no.|card
     account number|account no.|account no
     customer number|customer no.|client number|customer ID
     order number|order no.|order id|order
     password|passwd|pwd|passphrase
     username|user name|handle|login name
     passport number|passport no.|passport no|passport
     driving licence number|driver's license number|driving licence no.|driving licence
     licence plate|license plate|number plate|car registration
     date of birth|born on|DOB|birth date
     address|postal address|delivery address|home address`,
    `{L}: {V}
     My {L} is {V}, please update my file.
     Could you check {L} {V} for me? Thanks a lot!
     The {L} on the form was {V}.
     We have {L} {V} on record since last spring.
     hi, {L} {V}, still waiting for an answer`,
    `Please use {V} from now on.
     I entered {V} and the page told me that something went wrong.
     here you go: {V}
     ({V}) was what they read to me`,
  ),
  de: language(
    `E-Mail|E-Mail-Adresse|Mail|Mailadresse
     Telefonnummer|Telefon|Tel.|Handynummer|Rufnummer
     IBAN|Bankverbindung
     Kartennummer|Kreditkarte|Kreditkartennummer
     Kontonummer|Konto-Nr.|Kto.-Nr.
     Kundennummer|Kunden-Nr.|Kdnr.
     Bestellnummer|Bestell-Nr.|Auftragsnummer
     Passwort|Kennwort
     Benutzername|Nutzername
     Reisepassnummer|Reisepass-Nr.|Passnummer|Pass-Nr.
     Führerscheinnummer|Führerschein-Nr.|Führerschein
     Kennzeichen|Kfz-Kennzeichen|amtliches Kennzeichen
     Geburtsdatum|geboren am|geb.|geb. am
     Adresse|Anschrift|Lieferadresse|wohnhaft`,
    `{L}: {V}
     Meine {L} lautet {V}, bitte tragen Sie das nach.
     Können Sie {L} {V} prüfen? Vielen Dank!
     Auf dem Formular steht {L} {V}.
     Uns liegt {L} {V} vor.
     hallo, {L} {V}, warte noch auf antwort`,
    `Bitte ab sofort {V} verwenden.
     Ich habe {V} eingegeben und bekam eine Fehlermeldung.
     bitte sehr: {V}
     Am Telefon nannte man mir ({V}).`,
  ),
  fr: language(
    `e-mail|courriel|adresse e-mail|mél
     téléphone|tél.|numéro de téléphone|portable
     IBAN|RIB
     numéro de carte|carte bancaire|carte
     numéro de compte|n° de compte|compte n°
     numéro client|n° client|numéro de client
     numéro de commande|n° de commande|commande n°
     mot de passe|mdp
     nom d'utilisateur|identifiant|pseudo
     numéro de passeport|passeport n°|n° de passeport
     permis de conduire n°|numéro de permis de conduire|n° de permis
     plaque d'immatriculation|immatriculation|immatriculé
     date de naissance|né le|née le|né(e) le
     adresse|adresse postale|demeurant|domicilié`,
    `{L} : {V}
     Mon {L} est {V}, merci de mettre à jour mon dossier.
     Pouvez-vous vérifier {L} {V} ? Merci beaucoup.
     Le formulaire indique {L} {V}.
     Nous avons enregistré {L} {V} l'an dernier.
     bonjour, {L} {V}, toujours pas de réponse`,
    `Merci d'utiliser {V} désormais.
     J'ai saisi {V} et la page affiche une erreur.
     voici : {V}
     On m'a dicté ({V}) au guichet.`,
  ),
  es: language(
    `correo electrónico|correo|email|e-mail
     teléfono|tel.|número de teléfono|móvil
     IBAN|cuenta IBAN
     número de tarjeta|tarjeta|tarjeta de crédito
     número de cuenta|n.º de cuenta|cuenta n.º
     número de cliente|n.º de cliente|cliente n.º
     número de pedido|n.º de pedido|pedido n.º
     contraseña|clave
     nombre de usuario|usuario
     número de pasaporte|pasaporte n.º|pasaporte
     permiso de conducir n.º|número del permiso de conducir|carné de conducir
     matrícula|matrícula del coche|placa
     fecha de nacimiento|nacido el|nacida el|F. nac.
     dirección|domicilio|con domicilio en|dirección postal`,
    `{L}: {V}
     Mi {L} es {V}, por favor actualicen mis datos.
     ¿Pueden revisar {L} {V}? Muchas gracias.
     En el formulario figura {L} {V}.
     Consta {L} {V} desde el año pasado.
     hola, {L} {V}, sigo sin respuesta`,
    `Por favor, usen {V} a partir de ahora.
     Introduje {V} y la página dio error.
     aquí está: {V}
     Me dictaron ({V}) en la ventanilla.`,
  ),
  it: language(
    `e-mail|email|indirizzo e-mail|posta elettronica
     telefono|tel.|numero di telefono|cellulare
     IBAN|coordinate bancarie
     numero della carta|carta di credito|carta
     numero di conto|conto n.|conto corrente n.
     codice cliente|numero cliente|cliente n.
     numero d'ordine|ordine n.|n. ordine
     password|password di accesso
     nome utente|utente
     numero di passaporto|passaporto n.|passaporto
     numero della patente|patente n.|patente di guida
     targa|targa del veicolo|targata
     data di nascita|nato il|nata il
     indirizzo|residente in|domicilio|indirizzo di consegna`,
    `{L}: {V}
     Il mio {L} è {V}, vi prego di aggiornare la scheda.
     Potete verificare {L} {V}? Grazie mille.
     Nel modulo è scritto {L} {V}.
     Risulta {L} {V} dallo scorso anno.
     ciao, {L} {V}, aspetto ancora risposta`,
    `Usate {V} da adesso in poi, per favore.
     Ho inserito {V} e la pagina ha dato errore.
     ecco: {V}
     Allo sportello mi hanno dettato ({V}).`,
  ),
  nl: language(
    `e-mail|e-mailadres|mail
     telefoon|telefoonnummer|tel.|mobiel
     IBAN|rekening (IBAN)
     kaartnummer|creditcard|creditcardnummer
     rekeningnummer|rekeningnr.|rekening nr.
     klantnummer|klantnr.|klant nr.
     bestelnummer|ordernummer|bestelling nr.
     wachtwoord
     gebruikersnaam
     paspoortnummer|paspoort nr.|paspoort
     rijbewijsnummer|rijbewijs nr.|rijbewijs
     kenteken|nummerplaat
     geboortedatum|geboren op|geb.
     adres|postadres|bezorgadres|wonende te`,
    `{L}: {V}
     Mijn {L} is {V}, graag aanpassen in mijn dossier.
     Kunt u {L} {V} nakijken? Alvast bedankt.
     Op het formulier staat {L} {V}.
     Bij ons is {L} {V} bekend.
     hoi, {L} {V}, nog steeds geen antwoord`,
    `Gebruik voortaan {V}, alstublieft.
     Ik vulde {V} in en kreeg een foutmelding.
     alsjeblieft: {V}
     Aan de balie noemden ze ({V}).`,
  ),
  pl: language(
    `e-mail|adres e-mail|mail
     telefon|tel.|numer telefonu|komórka
     IBAN|rachunek IBAN
     numer karty|karta|nr karty
     numer konta|nr konta|numer rachunku
     numer klienta|nr klienta
     numer zamówienia|nr zamówienia|zamówienie nr
     hasło
     nazwa użytkownika|login
     numer paszportu|nr paszportu|paszport
     numer prawa jazdy|nr prawa jazdy|prawo jazdy
     numer rejestracyjny|nr rej.|rejestracja
     data urodzenia|ur.|urodzony|urodzona
     adres|adres zamieszkania|zamieszkały|adres dostawy`,
    `{L}: {V}
     Mój {L} to {V}, proszę o aktualizację danych.
     Czy mogą Państwo sprawdzić {L} {V}? Dziękuję.
     W formularzu wpisano {L} {V}.
     W systemie widnieje {L} {V} od zeszłego roku.
     hej, {L} {V}, dalej czekam na odpowiedź`,
    `Proszę od teraz używać {V}.
     Po wpisaniu {V} strona pokazała błąd.
     proszę bardzo: {V}
     W okienku podyktowano mi ({V}).`,
  ),
  pt: language(
    `e-mail|email|correio eletrónico
     telefone|tel.|número de telefone|telemóvel
     IBAN|conta IBAN
     número do cartão|cartão|cartão de crédito
     número de conta|conta n.º|n.º de conta
     número de cliente|cliente n.º|n.º de cliente
     número da encomenda|encomenda n.º|número de pedido
     palavra-passe|senha
     nome de utilizador|utilizador
     número de passaporte|passaporte n.º|passaporte
     carta de condução n.º|número da carta de condução|carta de condução
     matrícula|matrícula do carro
     data de nascimento|nascido em|nascida em|nascido a
     morada|endereço|residente em|morada de entrega`,
    `{L}: {V}
     O meu {L} é {V}, agradeço que atualizem a ficha.
     Podem verificar {L} {V}? Muito obrigado.
     No formulário consta {L} {V}.
     Temos {L} {V} registado desde o ano passado.
     olá, {L} {V}, continuo sem resposta`,
    `Usem {V} a partir de agora, por favor.
     Escrevi {V} e a página deu erro.
     aqui está: {V}
     Ao balcão ditaram-me ({V}).`,
  ),
  sv: language(
    `e-post|e-postadress|mejl
     telefon|telefonnummer|tel.|mobil
     IBAN|IBAN-konto
     kortnummer|kort|kreditkort
     kontonummer|kontonr|konto nr
     kundnummer|kundnr
     ordernummer|beställningsnummer|order nr
     lösenord
     användarnamn
     passnummer|pass nr|passnr
     körkortsnummer|körkort nr|körkort
     registreringsnummer|regnr|reg.nr
     födelsedatum|född|född den
     adress|postadress|leveransadress|bosatt på`,
    `{L}: {V}
     Mitt {L} är {V}, uppdatera gärna mina uppgifter.
     Kan ni kontrollera {L} {V}? Tack på förhand!
     På blanketten står {L} {V}.
     Hos oss finns {L} {V} sedan i våras.
     hej, {L} {V}, väntar fortfarande på svar`,
    `Använd {V} från och med nu.
     Jag skrev in {V} och sidan gav ett felmeddelande.
     varsågod: {V}
     I kassan sa de ({V}).`,
  ),
  da: language(
    `e-mail|mail|e-mailadresse
     telefon|telefonnummer|tlf.|mobil
     IBAN|IBAN-konto
     kortnummer|kort|betalingskort
     kontonummer|kontonr.|konto nr.
     kundenummer|kundenr.
     ordrenummer|ordre nr.|bestillingsnummer
     adgangskode|kodeord
     brugernavn
     pasnummer|pas nr.|pasnr.
     kørekortnummer|kørekort nr.|kørekort
     nummerplade|registreringsnummer|reg.nr.
     fødselsdato|født|født den
     adresse|postadresse|leveringsadresse|bopæl`,
    `{L}: {V}
     Mit {L} er {V}, ret det venligst i jeres system.
     Kan I tjekke {L} {V}? På forhånd tak!
     På blanketten står {L} {V}.
     Vi har {L} {V} registreret siden foråret.
     hej, {L} {V}, venter stadig på svar`,
    `Brug venligst {V} fra nu af.
     Jeg tastede {V} og siden viste en fejl.
     værsgo: {V}
     Ved skranken sagde de ({V}).`,
  ),
  nb: language(
    `e-post|e-postadresse|mail
     telefon|telefonnummer|tlf.|mobil
     IBAN|IBAN-konto
     kortnummer|kort|bankkort
     kontonummer|kontonr.|konto nr.
     kundenummer|kundenr.
     ordrenummer|ordre nr.|bestillingsnummer
     passord
     brukernavn
     passnummer|pass nr.|passnr.
     førerkortnummer|førerkort nr.|førerkort
     registreringsnummer|regnr.|bilskilt
     fødselsdato|født|født den
     adresse|postadresse|leveringsadresse|bosatt i`,
    `{L}: {V}
     Mitt {L} er {V}, oppdater gjerne opplysningene mine.
     Kan dere sjekke {L} {V}? Takk på forhånd!
     På skjemaet står {L} {V}.
     Vi har {L} {V} registrert siden i vår.
     hei, {L} {V}, venter fortsatt på svar`,
    `Bruk {V} fra nå av.
     Jeg skrev inn {V} og siden viste en feil.
     vær så god: {V}
     I skranken sa de ({V}).`,
  ),
  fi: language(
    `sähköposti|sähköpostiosoite|s-posti
     puhelin|puhelinnumero|puh.|matkapuhelin
     IBAN|tilinumero (IBAN)
     kortin numero|luottokortti|korttinumero
     tilinumero|tilinro
     asiakasnumero|asiakasnro
     tilausnumero|tilaus nro|tilausnro
     salasana
     käyttäjätunnus|käyttäjänimi
     passin numero|passinumero|passi nro
     ajokortin numero|ajokortti nro|ajokortti
     rekisterinumero|rekisteritunnus|rek.nro
     syntymäaika|syntynyt|s.
     osoite|postiosoite|toimitusosoite|kotiosoite`,
    `{L}: {V}
     {L} on {V}, päivittäkää tiedot.
     Voisitteko tarkistaa, onko {L} {V} oikein? Kiitos!
     Lomakkeessa lukee {L} {V}.
     Meillä on tiedossa {L} {V} viime keväältä.
     moi, {L} {V}, odotan vielä vastausta`,
    `Käyttäkää jatkossa {V}, kiitos.
     Syötin {V} ja sivu antoi virheen.
     ole hyvä: {V}
     Tiskillä sanottiin ({V}).`,
  ),
  cs: language(
    `e-mail|e-mailová adresa|mail
     telefon|tel.|telefonní číslo|mobil
     IBAN|účet IBAN
     číslo karty|karta|platební karta
     číslo účtu|č. účtu|účet č.
     číslo zákazníka|zákaznické číslo
     číslo objednávky|objednávka č.|č. objednávky
     heslo
     uživatelské jméno|přihlašovací jméno
     číslo pasu|pas č.|číslo cestovního pasu
     číslo řidičského průkazu|řidičský průkaz č.|č. ŘP
     SPZ|registrační značka|RZ
     datum narození|narozen|narozena|nar.
     adresa|bydliště|trvale bytem|doručovací adresa`,
    `{L}: {V}
     Můj údaj {L} je {V}, prosím o opravu.
     Můžete prověřit {L} {V}? Předem děkuji.
     Ve formuláři je {L} {V}.
     V evidenci máme {L} {V} od loňska.
     ahoj, {L} {V}, pořád čekám na odpověď`,
    `Od teď prosím používejte {V}.
     Po zadání {V} stránka zahlásila chybu.
     prosím: {V}
     U přepážky mi nadiktovali ({V}).`,
  ),
  sk: language(
    `e-mail|e-mailová adresa|mail
     telefón|tel.|telefónne číslo|mobil
     IBAN|účet IBAN
     číslo karty|karta|platobná karta
     číslo účtu|č. účtu|účet č.
     číslo zákazníka|zákaznícke číslo
     číslo objednávky|objednávka č.|č. objednávky
     heslo
     používateľské meno|prihlasovacie meno
     číslo pasu|pas č.|číslo cestovného pasu
     číslo vodičského preukazu|vodičský preukaz č.
     EČV|evidenčné číslo vozidla|ŠPZ
     dátum narodenia|narodený|narodená|nar.
     adresa|bydlisko|trvale bytom|doručovacia adresa`,
    `{L}: {V}
     Môj údaj {L} je {V}, prosím o opravu.
     Môžete preveriť {L} {V}? Vopred ďakujem.
     Vo formulári je {L} {V}.
     V evidencii máme {L} {V} od vlani.
     ahoj, {L} {V}, stále čakám na odpoveď`,
    `Odteraz prosím používajte {V}.
     Po zadaní {V} stránka zahlásila chybu.
     nech sa páči: {V}
     Pri priehradke mi nadiktovali ({V}).`,
  ),
  hu: language(
    `e-mail|e-mail cím|email
     telefon|telefonszám|tel.|mobil
     IBAN|IBAN szám
     kártyaszám|bankkártya|bankkártyaszám
     számlaszám|bankszámlaszám
     ügyfélszám|ügyfélazonosító
     rendelésszám|megrendelés száma|rendelési szám
     jelszó
     felhasználónév
     útlevélszám|útlevél száma|útlevél
     vezetői engedély száma|jogosítvány száma|jogosítvány
     rendszám|a gépkocsi rendszáma
     születési dátum|született|szül.
     cím|lakcím|levelezési cím|szállítási cím`,
    `{L}: {V}
     Az én adatom, {L}: {V}, kérem frissítsék.
     Meg tudnák nézni, hogy a {L} {V} helyes-e? Köszönöm!
     Az űrlapon ez áll: {L} {V}.
     Nálunk {L} {V} szerepel tavaly óta.
     sziasztok, {L} {V}, még mindig várom a választ`,
    `Kérem, mostantól ezt használják: {V}.
     Beírtam, hogy {V}, és az oldal hibát jelzett.
     tessék: {V}
     A pultnál ezt mondták ({V}).`,
  ),
  ro: language(
    `e-mail|adresa de e-mail|email
     telefon|tel.|număr de telefon|mobil
     IBAN|cont IBAN
     numărul cardului|card|număr card
     număr de cont|cont nr.|nr. cont
     număr client|cod client|nr. client
     număr comandă|comanda nr.|nr. comandă
     parola|parolă
     nume de utilizator|utilizator
     număr pașaport|pașaport nr.|pașaport
     permis de conducere nr.|număr permis de conducere|permis
     număr de înmatriculare|nr. înmatriculare|numărul mașinii
     data nașterii|născut la|născută la|data naşterii
     adresa|domiciliul|domiciliat în|adresa de livrare`,
    `{L}: {V}
     La mine apare {L} {V}, vă rog să actualizați datele.
     Puteți verifica {L} {V}? Mulțumesc mult!
     În formular scrie {L} {V}.
     În evidență avem {L} {V} de anul trecut.
     salut, {L} {V}, încă aștept un răspuns`,
    `Vă rog să folosiți {V} de acum înainte.
     Am introdus {V} și pagina a dat eroare.
     poftim: {V}
     La ghișeu mi s-a dictat ({V}).`,
  ),
  hr: language(
    `e-mail|e-pošta|adresa e-pošte
     telefon|tel.|broj telefona|mobitel
     IBAN|IBAN račun
     broj kartice|kartica|kreditna kartica
     broj tekućeg računa|žiro račun br.|broj bankovnog računa
     broj kupca|šifra kupca|korisnički broj
     broj narudžbe|narudžba br.|br. narudžbe
     lozinka|zaporka
     korisničko ime
     broj putovnice|putovnica br.|putovnica
     broj vozačke dozvole|vozačka dozvola br.|vozačka dozvola
     registarska oznaka|registracija|reg. oznaka
     datum rođenja|rođen|rođena|rođ.
     adresa|prebivalište|s prebivalištem|adresa dostave`,
    `{L}: {V}
     Moj podatak {L} je {V}, molim ispravak.
     Možete li provjeriti {L} {V}? Hvala unaprijed.
     U obrascu piše {L} {V}.
     U evidenciji je {L} {V} od prošle godine.
     bok, {L} {V}, još čekam odgovor`,
    `Molim da od sada koristite {V}.
     Nakon unosa {V} stranica je javila pogrešku.
     izvolite: {V}
     Na šalteru su mi izdiktirali ({V}).`,
  ),
  sl: language(
    `e-pošta|e-naslov|elektronski naslov
     telefon|tel.|telefonska številka|mobitel
     IBAN|račun IBAN
     številka kartice|kartica|kreditna kartica
     številka bančnega računa|transakcijski račun št.|TRR št.
     številka stranke|št. stranke
     številka naročila|naročilo št.|št. naročila
     geslo
     uporabniško ime
     številka potnega lista|potni list št.|potni list
     številka vozniškega dovoljenja|vozniško dovoljenje št.
     registrska številka|registrska oznaka|reg. št.
     datum rojstva|rojen|rojena|roj.
     naslov|stalno prebivališče|naslov za dostavo|stanujoč`,
    `{L}: {V}
     Moj podatek {L} je {V}, prosim za popravek.
     Ali lahko preverite {L} {V}? Hvala vnaprej.
     V obrazcu piše {L} {V}.
     V evidenci je {L} {V} od lani.
     živjo, {L} {V}, še čakam na odgovor`,
    `Odslej prosim uporabljajte {V}.
     Po vnosu {V} je stran javila napako.
     izvolite: {V}
     Na okencu so mi narekovali ({V}).`,
  ),
  el: language(
    `e-mail|email|ηλεκτρονική διεύθυνση
     τηλέφωνο|τηλ.|αριθμός τηλεφώνου|κινητό
     IBAN|λογαριασμός IBAN
     αριθμός κάρτας|κάρτα|πιστωτική κάρτα
     αριθμός λογαριασμού|αρ. λογαριασμού
     αριθμός πελάτη|κωδικός πελάτη|αρ. πελάτη
     αριθμός παραγγελίας|αρ. παραγγελίας
     κωδικός πρόσβασης|συνθηματικό
     όνομα χρήστη
     αριθμός διαβατηρίου|αρ. διαβατηρίου|διαβατήριο
     αριθμός άδειας οδήγησης|άδεια οδήγησης αρ.|δίπλωμα οδήγησης
     αριθμός κυκλοφορίας|πινακίδα|αρ. κυκλοφορίας
     ημερομηνία γέννησης|γεννήθηκε στις|ημ. γέννησης
     διεύθυνση|διεύθυνση κατοικίας|κάτοικος|διεύθυνση παράδοσης`,
    `{L}: {V}
     Το στοιχείο {L} είναι {V}, παρακαλώ να διορθωθεί.
     Μπορείτε να ελέγξετε {L} {V}; Ευχαριστώ πολύ.
     Στο έντυπο γράφει {L} {V}.
     Στο αρχείο μας υπάρχει {L} {V} από πέρυσι.
     γεια, {L} {V}, ακόμη περιμένω απάντηση`,
    `Παρακαλώ χρησιμοποιήστε {V} από εδώ και πέρα.
     Έγραψα {V} και η σελίδα έβγαλε σφάλμα.
     ορίστε: {V}
     Στο γκισέ μου είπαν ({V}).`,
  ),
  bg: language(
    `имейл|e-mail|електронна поща
     телефон|тел.|телефонен номер|мобилен
     IBAN|сметка IBAN
     номер на карта|карта|кредитна карта
     номер на сметка|сметка №
     клиентски номер|номер на клиент
     номер на поръчка|поръчка №
     парола
     потребителско име
     номер на паспорт|паспорт №|паспорт
     свидетелство за управление №|шофьорска книжка №
     регистрационен номер|рег. №|рег. номер
     дата на раждане|роден на|родена на
     адрес|постоянен адрес|адрес за доставка|живущ в`,
    `{L}: {V}
     Моят {L} е {V}, моля да го обновите.
     Бихте ли проверили {L} {V}? Благодаря предварително.
     Във формуляра пише {L} {V}.
     При нас фигурира {L} {V} от миналата година.
     здравейте, {L} {V}, още чакам отговор`,
    `Моля, отсега нататък използвайте {V}.
     Въведох {V} и страницата даде грешка.
     заповядайте: {V}
     На гишето ми продиктуваха ({V}).`,
  ),
  et: language(
    `e-post|e-posti aadress|meil
     telefon|tel.|telefoninumber|mobiil
     IBAN|IBAN konto
     kaardi number|kaardinumber|krediitkaart
     kontonumber|konto nr
     kliendinumber|kliendi number
     tellimuse number|tellimus nr
     parool|salasõna
     kasutajanimi
     passi number|pass nr|passinumber
     juhiloa number|juhiluba nr
     registreerimisnumber|auto number|reg nr
     sünniaeg|sünnikuupäev|sündinud
     aadress|elukoht|postiaadress|tarneaadress`,
    `{L}: {V}
     Minu {L} on {V}, palun uuendage andmeid.
     Kas saaksite kontrollida, kas {L} {V} on õige? Aitäh!
     Vormil on {L} {V}.
     Meil on kirjas {L} {V} eelmisest aastast.
     tere, {L} {V}, ootan ikka vastust`,
    `Palun kasutage nüüdsest {V}.
     Sisestasin {V} ja leht andis vea.
     palun: {V}
     Letis öeldi ({V}).`,
  ),
  lv: language(
    `e-pasts|e-pasta adrese
     tālrunis|tālr.|tālruņa numurs|mobilais
     IBAN|konts IBAN
     kartes numurs|karte|kredītkarte
     konta numurs|konts Nr.
     klienta numurs|klienta Nr.
     pasūtījuma numurs|pasūtījums Nr.
     parole
     lietotājvārds
     pases numurs|pase Nr.|pase
     vadītāja apliecības numurs|vadītāja apliecība Nr.
     reģistrācijas numurs|auto numurs|reģ. nr.
     dzimšanas datums|dzimis|dzimusi|dzim.
     adrese|dzīvesvieta|pasta adrese|piegādes adrese`,
    `{L}: {V}
     Mans dati, {L}: {V}, lūdzu atjauniniet.
     Vai varat pārbaudīt {L} {V}? Paldies jau iepriekš.
     Veidlapā ir {L} {V}.
     Mūsu reģistrā ir {L} {V} kopš pagājušā gada.
     sveiki, {L} {V}, joprojām gaidu atbildi`,
    `Lūdzu, turpmāk izmantojiet {V}.
     Ievadīju {V}, un lapa rādīja kļūdu.
     lūdzu: {V}
     Pie lodziņa man nodiktēja ({V}).`,
  ),
  lt: language(
    `el. paštas|el. pašto adresas|el. p.
     telefonas|tel.|telefono numeris|mob.
     IBAN|sąskaita IBAN
     kortelės numeris|kortelė|kredito kortelė
     sąskaitos numeris|sąskaitos Nr.
     kliento numeris|kliento Nr.
     užsakymo numeris|užsakymas Nr.|užsakymo Nr.
     slaptažodis
     naudotojo vardas|vartotojo vardas
     paso numeris|pasas Nr.|paso Nr.
     vairuotojo pažymėjimo numeris|vairuotojo pažymėjimas Nr.
     valstybinis numeris|automobilio numeris|valst. Nr.
     gimimo data|gimęs|gimusi|gim.
     adresas|gyvenamoji vieta|pašto adresas|pristatymo adresas`,
    `{L}: {V}
     Mano {L} yra {V}, prašau atnaujinti duomenis.
     Ar galėtumėte patikrinti {L} {V}? Iš anksto dėkoju.
     Formoje įrašyta {L} {V}.
     Pas mus užfiksuota {L} {V} nuo praėjusių metų.
     labas, {L} {V}, vis dar laukiu atsakymo`,
    `Nuo šiol prašau naudoti {V}.
     Įvedžiau {V} ir puslapis parodė klaidą.
     prašom: {V}
     Prie langelio man padiktavo ({V}).`,
  ),
  is: language(
    `netfang|tölvupóstur
     sími|símanúmer|farsími
     IBAN|IBAN-reikningur
     kortanúmer|kort|kreditkort
     reikningsnúmer|bankareikningur nr.
     viðskiptanúmer|viðskiptamannanúmer
     pöntunarnúmer|pöntun nr.
     lykilorð|aðgangsorð
     notandanafn
     vegabréfsnúmer|vegabréf nr.
     ökuskírteinisnúmer|ökuskírteini nr.
     bílnúmer|skráningarnúmer
     fæðingardagur|fædd|fæddur
     heimilisfang|heimili|póstfang|lögheimili`,
    `{L}: {V}
     Hjá mér er {L} {V}, vinsamlegast uppfærið skrána.
     Getið þið athugað {L} {V}? Takk fyrir.
     Á eyðublaðinu stendur {L} {V}.
     Við erum með {L} {V} á skrá síðan í fyrra.
     hæ, {L} {V}, bíð enn eftir svari`,
    `Notið {V} héðan í frá.
     Ég sló inn {V} og síðan sýndi villu.
     gjörðu svo vel: {V}
     Í afgreiðslunni sögðu þau ({V}).`,
  ),
};
