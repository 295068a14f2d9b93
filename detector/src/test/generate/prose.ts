/**
 * Text without personal data in twelve languages: descriptions of goods, instructions, conditions, recipes, messages of programs. No
 * person, place or organisation is named, and no number is anybody's, so that every finding in it is false.
 */
import type { Choices } from "../random.ts";

interface Vocabulary {
  /** Goods, as a heading has them. */
  readonly items: string;
  /** What is said of goods. */
  readonly traits: string;
  /** What comes with them. */
  readonly parts: string;
  /** Sentences about them: `{i}` item, `{t}` trait, `{p}` part, `{n}` a number. */
  readonly frames: string;
  /** Whole sentences from manuals, conditions, recipes and screens. */
  readonly lines: string;
}

export const VOCABULARIES: Readonly<Record<string, Vocabulary>> = {
  en: {
    items:
      "Garden Hose|Stainless Steel Kettle|Folding Chair|Desk Lamp|Hiking Backpack|Cordless Drill|Yoga Mat|Bread Maker|Rain Jacket|Wireless Mouse|Bookshelf|Winter Tyre|Cast Iron Pan|Bicycle Pump|Baby Monitor|Paper Shredder|Camping Stove|Wall Clock",
    traits:
      "lightweight|dishwasher safe|water-repellent|rechargeable|scratch-resistant|easy to assemble|energy-saving|suitable for outdoor use|quiet|adjustable in height|made from recycled plastic|tested for durability",
    parts:
      "a carrying case|two spare filters|a charging cable|mounting hardware|a non-slip base|an extendable handle|a safety lock|a measuring cup|a printed manual|batteries|a three-year warranty|a protective cover",
    frames:
      "{i}, {t} and {t}. Includes {p}.|Our {i} is {t}; it comes with {p} and {p}.|Weight {n} g, height {n} mm. {i} with {p}.|New in store: {i} – {t}, {t}, from {n} EUR.|Choose between {n} and {n} litres. The {i} is {t}.|Rated {n} out of 5 by {n} buyers: the {i} is {t}.",
    lines:
      "Unplug the appliance before cleaning it.|The settings could not be saved, please try again.|Either party may terminate this agreement with thirty days' written notice.|Whisk the eggs with the sugar until pale and fluffy.|Restart the service after changing the configuration file.|Returns are free within fourteen days of delivery.|Store in a cool, dry place away from direct sunlight.|The cache is invalidated whenever a write succeeds.|Your session has expired. Sign in to continue.|Nothing in these terms limits liability for gross negligence.|Simmer on low heat for forty minutes, stirring now and then.|Click Next to accept the default options.|The test suite passes on all supported platforms.|Tighten the screws evenly in a crosswise pattern.",
  },
  de: {
    items:
      "Gartenschlauch|Wasserkocher aus Edelstahl|Klappstuhl|Schreibtischlampe|Wanderrucksack|Akku-Bohrschrauber|Gymnastikmatte|Brotbackautomat|Regenjacke|Funkmaus|Bücherregal|Winterreifen|Gusseisenpfanne|Luftpumpe|Babyphon|Aktenvernichter|Campingkocher|Wanduhr",
    traits:
      "leicht|spülmaschinenfest|wasserabweisend|wiederaufladbar|kratzfest|einfach zu montieren|energiesparend|für den Außenbereich geeignet|leise|höhenverstellbar|aus recyceltem Kunststoff|auf Langlebigkeit geprüft",
    parts:
      "Tragetasche|zwei Ersatzfiltern|Ladekabel|Befestigungsmaterial|rutschfestem Fuß|ausziehbarem Griff|Sicherheitsverschluss|Messbecher|gedruckter Anleitung|Batterien|drei Jahren Garantie|Schutzhülle",
    frames:
      "{i}, {t} und {t}. Lieferung mit {p}.|Unser Modell {i} ist {t}; es kommt mit {p} und {p}.|Gewicht {n} g, Höhe {n} mm. {i} mit {p}.|Neu im Sortiment: {i} – {t}, {t}, ab {n} EUR.|Wahlweise {n} oder {n} Liter. Der Artikel {i} ist {t}.|Bewertung {n} von 5 bei {n} Käufern: {i}, {t}.",
    lines:
      "Vor der Reinigung den Netzstecker ziehen.|Die Einstellungen konnten nicht gespeichert werden, bitte versuchen Sie es erneut.|Der Vertrag kann von beiden Seiten mit einer Frist von drei Monaten schriftlich gekündigt werden.|Eier mit Zucker schaumig schlagen und das Mehl unterheben.|Nach Änderung der Konfigurationsdatei muss der Dienst neu gestartet werden.|Die Rücksendung ist innerhalb von vierzehn Tagen kostenfrei.|Kühl, trocken und vor Licht geschützt lagern.|Der Zwischenspeicher wird nach jedem erfolgreichen Schreibvorgang geleert.|Ihre Sitzung ist abgelaufen. Bitte melden Sie sich erneut an.|Die Haftung für grobe Fahrlässigkeit bleibt unberührt.|Bei schwacher Hitze vierzig Minuten köcheln lassen.|Klicken Sie auf Weiter, um die Voreinstellungen zu übernehmen.|Alle Prüfungen bestehen auf den unterstützten Plattformen.|Die Schrauben über Kreuz gleichmäßig anziehen.",
  },
  fr: {
    items:
      "Tuyau d'arrosage|Bouilloire en inox|Chaise pliante|Lampe de bureau|Sac de randonnée|Perceuse sans fil|Tapis de gymnastique|Machine à pain|Veste de pluie|Souris sans fil|Étagère|Pneu hiver|Poêle en fonte|Pompe à vélo|Babyphone|Destructeur de papier|Réchaud de camping|Horloge murale",
    traits:
      "léger|compatible lave-vaisselle|déperlant|rechargeable|résistant aux rayures|facile à monter|économe en énergie|adapté à l'extérieur|silencieux|réglable en hauteur|en plastique recyclé|testé pour durer",
    parts:
      "une housse de transport|deux filtres de rechange|un câble de charge|la visserie|une base antidérapante|une poignée télescopique|un verrou de sécurité|un gobelet doseur|une notice imprimée|des piles|une garantie de trois ans|une housse de protection",
    frames:
      "{i}, {t} et {t}. Livré avec {p}.|Notre modèle {i} est {t} ; il comprend {p} et {p}.|Poids {n} g, hauteur {n} mm. {i} avec {p}.|Nouveau en magasin : {i} – {t}, {t}, dès {n} EUR.|Au choix {n} ou {n} litres. Le produit {i} est {t}.|Noté {n} sur 5 par {n} acheteurs : {i}, {t}.",
    lines:
      "Débranchez l'appareil avant de le nettoyer.|Les réglages n'ont pas pu être enregistrés, veuillez réessayer.|Chaque partie peut résilier le contrat par écrit avec un préavis de trois mois.|Fouettez les œufs avec le sucre jusqu'à blanchiment.|Redémarrez le service après avoir modifié le fichier de configuration.|Les retours sont gratuits pendant quatorze jours.|À conserver au frais, au sec et à l'abri de la lumière.|Le cache est vidé après chaque écriture réussie.|Votre session a expiré. Connectez-vous pour continuer.|La responsabilité pour faute lourde demeure inchangée.|Laissez mijoter quarante minutes à feu doux.|Cliquez sur Suivant pour accepter les options par défaut.|La suite de tests passe sur toutes les plateformes prises en charge.|Serrez les vis en croix, sans forcer.",
  },
  es: {
    items:
      "Manguera de jardín|Hervidor de acero inoxidable|Silla plegable|Lámpara de escritorio|Mochila de montaña|Taladro inalámbrico|Esterilla de yoga|Panificadora|Chaqueta impermeable|Ratón inalámbrico|Estantería|Neumático de invierno|Sartén de hierro|Bomba de bicicleta|Vigilabebés|Destructora de papel|Hornillo de camping|Reloj de pared",
    traits:
      "ligero|apto para lavavajillas|repelente al agua|recargable|resistente a los arañazos|fácil de montar|de bajo consumo|apto para exteriores|silencioso|regulable en altura|de plástico reciclado|probado a largo plazo",
    parts:
      "una funda de transporte|dos filtros de repuesto|un cable de carga|los tornillos de montaje|una base antideslizante|un asa extensible|un cierre de seguridad|un vaso medidor|un manual impreso|pilas|tres años de garantía|una cubierta protectora",
    frames:
      "{i}, {t} y {t}. Incluye {p}.|Nuestro modelo {i} es {t}; viene con {p} y {p}.|Peso {n} g, altura {n} mm. {i} con {p}.|Novedad en tienda: {i} – {t}, {t}, desde {n} EUR.|A elegir entre {n} y {n} litros. El producto {i} es {t}.|Valorado con {n} de 5 por {n} compradores: {i}, {t}.",
    lines:
      "Desenchufe el aparato antes de limpiarlo.|No se han podido guardar los ajustes, inténtelo de nuevo.|Cualquiera de las partes podrá resolver el contrato por escrito con un preaviso de treinta días.|Bata los huevos con el azúcar hasta que blanqueen.|Reinicie el servicio después de cambiar el archivo de configuración.|Las devoluciones son gratuitas durante catorce días.|Conservar en lugar fresco y seco, protegido de la luz.|La caché se invalida después de cada escritura.|Su sesión ha caducado. Inicie sesión para continuar.|No se limita la responsabilidad por negligencia grave.|Cueza a fuego lento cuarenta minutos removiendo de vez en cuando.|Pulse Siguiente para aceptar las opciones predeterminadas.|Todas las pruebas pasan en las plataformas compatibles.|Apriete los tornillos en cruz y por igual.",
  },
  it: {
    items:
      "Tubo da giardino|Bollitore in acciaio|Sedia pieghevole|Lampada da scrivania|Zaino da escursione|Trapano a batteria|Tappetino da ginnastica|Macchina per il pane|Giacca impermeabile|Mouse senza fili|Libreria|Pneumatico invernale|Padella in ghisa|Pompa per bicicletta|Interfono per bambini|Distruggidocumenti|Fornello da campeggio|Orologio da parete",
    traits:
      "leggero|lavabile in lavastoviglie|idrorepellente|ricaricabile|antigraffio|facile da montare|a basso consumo|adatto all'esterno|silenzioso|regolabile in altezza|in plastica riciclata|collaudato a lungo",
    parts:
      "una custodia|due filtri di ricambio|un cavo di ricarica|le viti di montaggio|una base antiscivolo|una maniglia estraibile|una chiusura di sicurezza|un misurino|un manuale stampato|le pile|tre anni di garanzia|una copertura protettiva",
    frames:
      "{i}, {t} e {t}. Comprende {p}.|Il nostro modello {i} è {t}; viene fornito con {p} e {p}.|Peso {n} g, altezza {n} mm. {i} con {p}.|Novità in negozio: {i} – {t}, {t}, da {n} EUR.|A scelta {n} o {n} litri. Il prodotto {i} è {t}.|Voto {n} su 5 da {n} acquirenti: {i}, {t}.",
    lines:
      "Staccare la spina prima della pulizia.|Impossibile salvare le impostazioni, riprovare.|Ciascuna parte può recedere per iscritto con un preavviso di tre mesi.|Montate le uova con lo zucchero fino a renderle spumose.|Riavviare il servizio dopo aver modificato il file di configurazione.|Il reso è gratuito entro quattordici giorni.|Conservare in luogo fresco e asciutto, al riparo dalla luce.|La cache viene svuotata dopo ogni scrittura riuscita.|La sessione è scaduta. Accedere di nuovo per continuare.|Resta ferma la responsabilità per colpa grave.|Cuocete a fuoco lento per quaranta minuti.|Fare clic su Avanti per accettare le opzioni predefinite.|Tutti i test passano sulle piattaforme supportate.|Serrare le viti in modo incrociato.",
  },
  nl: {
    items:
      "Tuinslang|Roestvrijstalen waterkoker|Klapstoel|Bureaulamp|Wandelrugzak|Accuboormachine|Yogamat|Broodbakmachine|Regenjas|Draadloze muis|Boekenkast|Winterband|Gietijzeren pan|Fietspomp|Babyfoon|Papierversnipperaar|Campingkooktoestel|Wandklok",
    traits:
      "licht|vaatwasserbestendig|waterafstotend|oplaadbaar|krasvast|makkelijk te monteren|energiezuinig|geschikt voor buiten|stil|in hoogte verstelbaar|van gerecycled kunststof|getest op duurzaamheid",
    parts:
      "een draagtas|twee reservefilters|een laadkabel|bevestigingsmateriaal|een antislipvoet|een uitschuifbare handgreep|een veiligheidsslot|een maatbeker|een gedrukte handleiding|batterijen|drie jaar garantie|een beschermhoes",
    frames:
      "{i}, {t} en {t}. Inclusief {p}.|Ons model {i} is {t}; het wordt geleverd met {p} en {p}.|Gewicht {n} g, hoogte {n} mm. {i} met {p}.|Nieuw in de winkel: {i} – {t}, {t}, vanaf {n} EUR.|Keuze uit {n} en {n} liter. Het artikel {i} is {t}.|Beoordeeld met {n} van 5 door {n} kopers: {i}, {t}.",
    lines:
      "Haal de stekker uit het stopcontact voordat u het apparaat reinigt.|De instellingen konden niet worden opgeslagen, probeer het opnieuw.|Partijen kunnen de overeenkomst schriftelijk opzeggen met een termijn van drie maanden.|Klop de eieren met de suiker schuimig.|Start de dienst opnieuw na het wijzigen van het configuratiebestand.|Retourneren is gratis binnen veertien dagen.|Koel, droog en donker bewaren.|De cache wordt geleegd na elke geslaagde schrijfactie.|Uw sessie is verlopen. Log opnieuw in.|Aansprakelijkheid voor grove nalatigheid blijft bestaan.|Laat veertig minuten zachtjes sudderen.|Klik op Volgende om de standaardopties te accepteren.|Alle tests slagen op de ondersteunde platforms.|Draai de schroeven kruislings aan.",
  },
  pl: {
    items:
      "Wąż ogrodowy|Czajnik ze stali nierdzewnej|Krzesło składane|Lampka biurkowa|Plecak turystyczny|Wiertarka akumulatorowa|Mata do ćwiczeń|Automat do chleba|Kurtka przeciwdeszczowa|Mysz bezprzewodowa|Regał na książki|Opona zimowa|Patelnia żeliwna|Pompka rowerowa|Niania elektroniczna|Niszczarka|Kuchenka turystyczna|Zegar ścienny",
    traits:
      "lekki|nadaje się do zmywarki|wodoodporny|z akumulatorem|odporny na zarysowania|łatwy w montażu|energooszczędny|na zewnątrz|cichy|z regulacją wysokości|z tworzywa z odzysku|sprawdzony w testach",
    parts:
      "pokrowiec|dwa filtry zapasowe|przewód ładujący|elementy montażowe|podstawa antypoślizgowa|wysuwany uchwyt|blokada bezpieczeństwa|miarka|drukowana instrukcja|baterie|trzy lata gwarancji|osłona",
    frames:
      "{i}: {t}, {t}. W zestawie {p}.|Nasz model {i} jest {t}; w komplecie {p} oraz {p}.|Masa {n} g, wysokość {n} mm. {i}, {p}.|Nowość w sklepie: {i} – {t}, {t}, od {n} zł.|Do wyboru {n} lub {n} litrów. Produkt {i} jest {t}.|Ocena {n} na 5 od {n} kupujących: {i}, {t}.",
    lines:
      "Przed czyszczeniem odłącz urządzenie od zasilania.|Nie udało się zapisać ustawień, spróbuj ponownie.|Każda ze stron może wypowiedzieć umowę na piśmie z zachowaniem trzymiesięcznego okresu.|Ubij jajka z cukrem na puszystą masę.|Po zmianie pliku konfiguracyjnego uruchom usługę ponownie.|Zwrot jest bezpłatny w ciągu czternastu dni.|Przechowywać w chłodnym i suchym miejscu.|Pamięć podręczna jest czyszczona po każdym udanym zapisie.|Sesja wygasła. Zaloguj się, aby kontynuować.|Odpowiedzialność za rażące niedbalstwo pozostaje bez zmian.|Gotuj na małym ogniu przez czterdzieści minut.|Kliknij Dalej, aby zaakceptować ustawienia domyślne.|Wszystkie testy przechodzą na obsługiwanych platformach.|Śruby dokręcaj równomiernie na krzyż.",
  },
  pt: {
    items:
      "Mangueira de jardim|Chaleira em aço inoxidável|Cadeira dobrável|Candeeiro de secretária|Mochila de caminhada|Berbequim sem fios|Tapete de ioga|Máquina de pão|Casaco impermeável|Rato sem fios|Estante|Pneu de inverno|Frigideira de ferro|Bomba de bicicleta|Intercomunicador de bebé|Destruidora de papel|Fogão de campismo|Relógio de parede",
    traits:
      "leve|próprio para máquina de lavar loiça|repelente à água|recarregável|resistente a riscos|fácil de montar|de baixo consumo|adequado ao exterior|silencioso|regulável em altura|em plástico reciclado|testado a longo prazo",
    parts:
      "uma bolsa de transporte|dois filtros de reserva|um cabo de carregamento|parafusos de montagem|uma base antiderrapante|uma pega extensível|um fecho de segurança|um copo medidor|um manual impresso|pilhas|três anos de garantia|uma capa protetora",
    frames:
      "{i}, {t} e {t}. Inclui {p}.|O nosso modelo {i} é {t}; vem com {p} e {p}.|Peso {n} g, altura {n} mm. {i} com {p}.|Novidade na loja: {i} – {t}, {t}, desde {n} EUR.|À escolha {n} ou {n} litros. O produto {i} é {t}.|Avaliado com {n} em 5 por {n} compradores: {i}, {t}.",
    lines:
      "Desligue o aparelho da tomada antes de o limpar.|Não foi possível guardar as definições, tente novamente.|Qualquer das partes pode denunciar o contrato por escrito com três meses de antecedência.|Bata os ovos com o açúcar até obter um creme fofo.|Reinicie o serviço depois de alterar o ficheiro de configuração.|As devoluções são gratuitas durante catorze dias.|Conservar em local fresco e seco, ao abrigo da luz.|A cache é limpa após cada escrita bem-sucedida.|A sua sessão expirou. Inicie sessão para continuar.|Mantém-se a responsabilidade por negligência grosseira.|Deixe cozer em lume brando durante quarenta minutos.|Clique em Seguinte para aceitar as opções predefinidas.|Todos os testes passam nas plataformas suportadas.|Aperte os parafusos em cruz.",
  },
  sv: {
    items:
      "Trädgårdsslang|Vattenkokare i rostfritt stål|Fällstol|Skrivbordslampa|Vandringsryggsäck|Skruvdragare|Yogamatta|Bakmaskin|Regnjacka|Trådlös mus|Bokhylla|Vinterdäck|Gjutjärnspanna|Cykelpump|Babyvakt|Dokumentförstörare|Friluftskök|Väggklocka",
    traits:
      "lätt|tål maskindisk|vattenavvisande|laddningsbar|reptålig|enkel att montera|energisnål|lämplig för utomhusbruk|tyst|ställbar i höjd|av återvunnen plast|testad för lång livslängd",
    parts:
      "bärväska|två extrafilter|laddkabel|monteringsmaterial|halkfri fot|utdragbart handtag|säkerhetslås|måttbägare|tryckt bruksanvisning|batterier|tre års garanti|skyddsöverdrag",
    frames:
      "{i}, {t} och {t}. Levereras med {p}.|Vår modell {i} är {t}; den kommer med {p} och {p}.|Vikt {n} g, höjd {n} mm. {i} med {p}.|Nyhet i butiken: {i} – {t}, {t}, från {n} kr.|Välj mellan {n} och {n} liter. Artikeln {i} är {t}.|Betyg {n} av 5 från {n} köpare: {i}, {t}.",
    lines:
      "Dra ur kontakten före rengöring.|Inställningarna kunde inte sparas, försök igen.|Avtalet kan sägas upp skriftligen av båda parter med tre månaders varsel.|Vispa ägg och socker pösigt.|Starta om tjänsten när konfigurationsfilen har ändrats.|Returen är fri inom fjorton dagar.|Förvaras svalt, torrt och mörkt.|Cachen töms efter varje lyckad skrivning.|Sessionen har gått ut. Logga in igen.|Ansvaret för grov vårdslöshet påverkas inte.|Låt sjuda på svag värme i fyrtio minuter.|Klicka på Nästa för att godta standardvalen.|Alla tester går igenom på de plattformar som stöds.|Dra åt skruvarna korsvis.",
  },
  fi: {
    items:
      "Puutarhaletku|Teräksinen vedenkeitin|Taittotuoli|Työpöytävalaisin|Vaellusreppu|Akkuporakone|Joogamatto|Leipäkone|Sadetakki|Langaton hiiri|Kirjahylly|Talvirengas|Valurautapannu|Polkupyörän pumppu|Itkuhälytin|Silppuri|Retkikeitin|Seinäkello",
    traits:
      "kevyt|konepesun kestävä|vettä hylkivä|ladattava|naarmuuntumaton|helppo koota|energiaa säästävä|ulkokäyttöön sopiva|hiljainen|korkeussäädettävä|kierrätysmuovia|kestävyystestattu",
    parts:
      "kantolaukku|kaksi varasuodatinta|latauskaapeli|kiinnitystarvikkeet|liukumaton jalusta|ulosvedettävä kahva|turvalukko|mittakuppi|painettu käyttöohje|paristot|kolmen vuoden takuu|suojus",
    frames:
      "{i}: {t} ja {t}. Mukana {p}.|Mallimme {i} on {t}; pakkauksessa {p} ja {p}.|Paino {n} g, korkeus {n} mm. {i}, {p}.|Uutta kaupassa: {i} – {t}, {t}, alkaen {n} euroa.|Valittavana {n} tai {n} litraa. Tuote {i} on {t}.|Arvosana {n}/5, {n} ostajaa: {i}, {t}.",
    lines:
      "Irrota pistoke ennen puhdistusta.|Asetuksia ei voitu tallentaa, yritä uudelleen.|Kumpikin osapuoli voi irtisanoa sopimuksen kirjallisesti kolmen kuukauden irtisanomisajalla.|Vatkaa munat ja sokeri vaahdoksi.|Käynnistä palvelu uudelleen, kun asetustiedosto on muuttunut.|Palautus on maksuton neljäntoista päivän ajan.|Säilytä viileässä ja kuivassa valolta suojattuna.|Välimuisti tyhjennetään jokaisen onnistuneen kirjoituksen jälkeen.|Istunto on vanhentunut. Kirjaudu uudelleen.|Vastuu törkeästä huolimattomuudesta säilyy.|Anna hautua miedolla lämmöllä neljäkymmentä minuuttia.|Hyväksy oletusasetukset napsauttamalla Seuraava.|Kaikki testit menevät läpi tuetuilla alustoilla.|Kiristä ruuvit ristikkäin.",
  },
  cs: {
    items:
      "Zahradní hadice|Nerezová konvice|Skládací židle|Stolní lampa|Turistický batoh|Akuvrtačka|Podložka na cvičení|Pekárna chleba|Bunda do deště|Bezdrátová myš|Knihovna|Zimní pneumatika|Litinová pánev|Hustilka|Dětská chůvička|Skartovačka|Vařič|Nástěnné hodiny",
    traits:
      "lehký|vhodný do myčky|voděodolný|dobíjecí|odolný proti poškrábání|snadno sestavitelný|úsporný|vhodný ven|tichý|výškově nastavitelný|z recyklovaného plastu|prověřený testy",
    parts:
      "přenosný obal|dva náhradní filtry|nabíjecí kabel|montážní materiál|protiskluzová základna|výsuvná rukojeť|bezpečnostní pojistka|odměrka|tištěný návod|baterie|tříletá záruka|ochranný kryt",
    frames:
      "{i}: {t} a {t}. Součástí je {p}.|Náš model {i} je {t}; v balení je {p} a {p}.|Hmotnost {n} g, výška {n} mm. {i}, {p}.|Novinka v prodejně: {i} – {t}, {t}, od {n} Kč.|Na výběr {n} nebo {n} litrů. Výrobek {i} je {t}.|Hodnocení {n} z 5 od {n} kupujících: {i}, {t}.",
    lines:
      "Před čištěním odpojte přístroj ze sítě.|Nastavení se nepodařilo uložit, zkuste to znovu.|Smlouvu lze písemně vypovědět s tříměsíční lhůtou.|Vejce s cukrem ušlehejte do pěny.|Po změně konfiguračního souboru službu znovu spusťte.|Vrácení je zdarma do čtrnácti dnů.|Skladujte v chladu, suchu a temnu.|Mezipaměť se po každém úspěšném zápisu vyprázdní.|Relace vypršela. Přihlaste se znovu.|Odpovědnost za hrubou nedbalost zůstává nedotčena.|Vařte čtyřicet minut na mírném ohni.|Kliknutím na Další přijmete výchozí volby.|Všechny testy na podporovaných platformách procházejí.|Šrouby utahujte rovnoměrně do kříže.",
  },
  el: {
    items:
      "Λάστιχο κήπου|Βραστήρας από ατσάλι|Πτυσσόμενη καρέκλα|Φωτιστικό γραφείου|Σακίδιο πεζοπορίας|Δράπανο μπαταρίας|Στρώμα γυμναστικής|Αρτοπαρασκευαστής|Αδιάβροχο μπουφάν|Ασύρματο ποντίκι|Βιβλιοθήκη|Χειμερινό ελαστικό|Μαντεμένιο τηγάνι|Τρόμπα ποδηλάτου|Ενδοεπικοινωνία μωρού|Καταστροφέας εγγράφων|Γκαζάκι κατασκήνωσης|Ρολόι τοίχου",
    traits:
      "ελαφρύ|κατάλληλο για πλυντήριο πιάτων|αδιάβροχο|επαναφορτιζόμενο|ανθεκτικό στις γρατζουνιές|εύκολο στη συναρμολόγηση|οικονομικό|κατάλληλο για εξωτερικό χώρο|αθόρυβο|ρυθμιζόμενο|από ανακυκλωμένο πλαστικό|δοκιμασμένο",
    parts:
      "θήκη μεταφοράς|δύο ανταλλακτικά φίλτρα|καλώδιο φόρτισης|υλικά στερέωσης|αντιολισθητική βάση|επεκτεινόμενη λαβή|κλείδωμα ασφαλείας|δοσομετρητή|έντυπες οδηγίες|μπαταρίες|τριετή εγγύηση|προστατευτικό κάλυμμα",
    frames:
      "{i}: {t} και {t}. Περιλαμβάνει {p}.|Το μοντέλο μας {i} είναι {t}· συνοδεύεται από {p} και {p}.|Βάρος {n} g, ύψος {n} mm. {i} με {p}.|Νέο στο κατάστημα: {i} – {t}, {t}, από {n} ευρώ.|Επιλέξτε {n} ή {n} λίτρα. Το προϊόν {i} είναι {t}.|Βαθμολογία {n} στα 5 από {n} αγοραστές: {i}, {t}.",
    lines:
      "Αποσυνδέστε τη συσκευή πριν από τον καθαρισμό.|Οι ρυθμίσεις δεν αποθηκεύτηκαν, δοκιμάστε ξανά.|Κάθε μέρος μπορεί να καταγγείλει εγγράφως τη σύμβαση με τρίμηνη προθεσμία.|Χτυπήστε τα αυγά με τη ζάχαρη μέχρι να αφρατέψουν.|Επανεκκινήστε την υπηρεσία μετά την αλλαγή του αρχείου ρυθμίσεων.|Οι επιστροφές είναι δωρεάν για δεκατέσσερις ημέρες.|Φυλάσσεται σε δροσερό και ξηρό μέρος.|Η κρυφή μνήμη αδειάζει μετά από κάθε επιτυχή εγγραφή.|Η συνεδρία έληξε. Συνδεθείτε ξανά.|Η ευθύνη για βαριά αμέλεια παραμένει.|Σιγοβράστε για σαράντα λεπτά.|Πατήστε Επόμενο για τις προεπιλογές.|Όλοι οι έλεγχοι περνούν στις υποστηριζόμενες πλατφόρμες.|Σφίξτε τις βίδες σταυρωτά.",
  },
};

function sentence(random: Choices, vocabulary: Vocabulary): string {
  if (random.int(0, 2) === 0) return random.pick(vocabulary.lines.split("|"));
  const drawn: Readonly<Record<string, () => string>> = {
    "{i}": () => random.pick(vocabulary.items.split("|")),
    "{t}": () => random.pick(vocabulary.traits.split("|")),
    "{p}": () => random.pick(vocabulary.parts.split("|")),
    "{n}": () => String(random.int(2, 950)),
  };
  return random.pick(vocabulary.frames.split("|")).replaceAll(/\{[itpn]\}/g, (place) => drawn[place]?.() ?? place);
}

/** One paragraph or list in the language, of some hundred characters. */
export function impersonalProse(random: Choices, language: string): string {
  const vocabulary = VOCABULARIES[language];
  if (vocabulary === undefined) throw new RangeError(`no vocabulary of ${language}`);
  const sentences = Array.from({ length: random.int(2, 6) }, () => sentence(random, vocabulary));
  const text = random.pick([" ", " ", "\n", "\n- "]);
  const joined = sentences.join(text);
  return random.int(0, 11) === 0 ? joined.toLocaleUpperCase(language) : joined;
}
