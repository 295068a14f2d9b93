/**
 * Hand-made pools of common names and places, one row a language: what a stand-in for a person or an address is made of.
 * Common on purpose: a name that thousands bear points to nobody. `surnames` that differ by sex are written `Novák/Nováková`.
 * `address`: S street, N number, P postcode, C city; `postcode`: # a digit, ? a letter. Places are real, their combination is
 * not looked up anywhere.
 */

export interface Pool {
  readonly female: readonly string[];
  readonly male: readonly string[];
  /** [of a man, of a woman]; the same twice where the language does not tell them apart. */
  readonly surnames: readonly (readonly [string, string])[];
  readonly cities: readonly string[];
  readonly streets: readonly string[];
  readonly address: string;
  readonly postcode: string;
  /** Legal form of a company. */
  readonly company: string;
  /** ISO 3166-1 alpha-2: whose telephone numbers, when nothing better is known. */
  readonly region: string;
}

type Row = Readonly<
  Record<"female" | "male" | "surnames" | "cities" | "streets" | "address" | "postcode" | "company" | "region", string>
>;

const ROWS: Readonly<Record<string, Row>> = {
  en: {
    female:
      "Alice Emma Olivia Eleanor Sophie Chloe Hannah Lucy Charlotte Amelia Megan Rebecca Laura Sarah Emily Jessica Rachel Catherine Natalie Helen",
    male: "James Oliver Harry Thomas William Daniel Samuel Joseph Matthew Andrew Benjamin Luke Adam Robert Edward Michael Peter Henry George Christopher",
    surnames:
      "Smith Jones Taylor Williams Wilson Johnson Davies Robinson Thompson Evans Roberts Jackson Harris Lewis Morris Hughes Edwards Bennett Griffiths Phillips Richardson Anderson Mitchell Campbell Simpson Harrison Gibson Davidson Collins Murphy",
    cities: "London|Manchester|Bristol|Leeds|Norwich|York|Sheffield|Nottingham",
    streets: "Station Road|Church Lane|Victoria Road|Mill Lane|Park Avenue|Queen Street|School Lane|Green Lane",
    address: "N S, C P",
    postcode: "ZZ## #??",
    company: "Ltd",
    region: "GB",
  },
  de: {
    female:
      "Anna Julia Katharina Lena Laura Sabine Petra Claudia Susanne Monika Birgit Nicole Stefanie Christina Franziska Johanna Charlotte Marie Sophie Ursula",
    male: "Michael Thomas Andreas Stefan Christian Markus Matthias Jan Lukas Felix Jonas Paul Tobias Sebastian Florian Martin Peter Wolfgang Jürgen Klaus",
    surnames:
      "Müller Schmidt Meyer Becker Schulz Hoffmann Schröder Neumann Hartmann Krüger Hofmann Werner Krause Lehmann Köhler Maier Schmitz Scholz Möller Friedrich Günther Winkler Lorenz Baumann Franke Albrecht Böhm Seidel Brandt Dietrich",
    cities: "Berlin|Hamburg|München|Köln|Leipzig|Dresden|Hannover|Nürnberg",
    streets: "Hauptstraße|Bahnhofstraße|Gartenstraße|Schulstraße|Lindenstraße|Bergstraße|Ringstraße|Waldweg",
    address: "S N, P C",
    postcode: "#####",
    company: "GmbH",
    region: "DE",
  },
  fr: {
    female:
      "Marie Camille Léa Manon Chloé Julie Sophie Nathalie Isabelle Catherine Aurélie Pauline Céline Élodie Charlotte Juliette Louise Alice Sandrine Valérie",
    male: "Benoît Jean Nicolas Thomas Antoine Julien Alexandre Guillaume François Philippe Laurent Damien Mathieu Louis Hugo Lucas Paul Étienne Vincent Sébastien",
    surnames:
      "Martin Bernard Dubois Thomas Robert Richard Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia David Bertrand Vincent Morel Girard André Dupont Lambert Martinez Guérin Perrin Gauthier Dumont Lefèvre Chevallier Renaud",
    cities: "Paris|Lyon|Marseille|Toulouse|Nantes|Lille|Rennes|Bordeaux",
    streets:
      "rue de la République|rue Victor Hugo|avenue de la Gare|rue des Écoles|place de l'Église|rue du Moulin|rue Pasteur|chemin des Vignes",
    address: "N S, P C",
    postcode: "#####",
    company: "SARL",
    region: "FR",
  },
  es: {
    female:
      "María Carmen Ana Isabel Laura Cristina Marta Lucía Elena Paula Sara Raquel Lorena Nuria Teresa Beatriz Silvia Patricia Alicia Irene",
    male: "Antonio José Manuel Francisco David Juan Javier Daniel Carlos Miguel Alejandro Rafael Pedro Pablo Óscar Sergio Fernando Luis Jorge Alberto",
    surnames:
      "García González Rodríguez Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández Díaz Delgado Muñoz Álvarez Iglesias Alonso Gutiérrez Navarro Castro Domínguez Vázquez Suárez Gil Ramírez Serrano Ortega Molina",
    cities: "Madrid|Barcelona|Valencia|Sevilla|Zaragoza|Málaga|Bilbao|Valladolid",
    streets:
      "Calle Mayor|Calle Real|Avenida de la Constitución|Calle del Sol|Plaza de España|Calle Nueva|Calle San Juan|Paseo del Parque",
    address: "S N, P C",
    postcode: "#####",
    company: "S.L.",
    region: "ES",
  },
  it: {
    female:
      "Giulia Francesca Chiara Sara Martina Anna Elena Laura Valentina Alessia Paola Silvia Federica Elisa Roberta Claudia Monica Simona Lucia Giorgia",
    male: "Marco Andrea Luca Matteo Alessandro Francesco Giuseppe Antonio Giovanni Roberto Stefano Davide Paolo Federico Simone Riccardo Lorenzo Filippo Mario Giacomo",
    surnames:
      "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Mancini Giordano Rizzo Lombardi Moretti Barbieri Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Bellini Martinelli Bernardi Pellegrini Caputo Sorrentino Giuliani Gentili",
    cities: "Roma|Milano|Torino|Bologna|Firenze|Genova|Verona|Padova",
    streets: "Via Roma|Via Garibaldi|Corso Italia|Via Dante|Via Mazzini|Viale Europa|Via Verdi|Piazza Matteotti",
    address: "S N, P C",
    postcode: "#####",
    company: "S.r.l.",
    region: "IT",
  },
  nl: {
    female:
      "Emma Sophie Julia Anna Lisa Eva Sanne Lotte Femke Maria Johanna Petra Ingrid Marieke Anouk Fleur Marloes Esther Monique Linda",
    male: "Daan Sem Lucas Thomas Jan Pieter Johan Hendrik Willem Kees Joost Jeroen Niels Tim Ruben Sander Maarten Erik Bram Gijs",
    surnames:
      "Jansen Meijer Peters Hendriks Dijkstra Smits Jacobs Vermeulen Schouten Willems Hoekstra Huisman Peeters Kuipers Verhoeven Postma Martens Janssen Gerritsen Timmermans Hermans Evers Wiersma Veenstra Claassen Driessen Teunissen Roelofs Adriaansen Dijkman",
    cities: "Amsterdam|Rotterdam|Utrecht|Eindhoven|Groningen|Haarlem|Arnhem|Zwolle",
    streets: "Dorpsstraat|Kerkstraat|Schoolstraat|Molenweg|Stationsweg|Julianastraat|Beukenlaan|Nieuwstraat",
    address: "S N, P C",
    postcode: "#### ??",
    company: "B.V.",
    region: "NL",
  },
  pl: {
    female:
      "Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Magdalena Joanna Aleksandra Monika Natalia Karolina Marta Zofia Julia Beata Dorota Paulina Alicja",
    male: "Piotr Krzysztof Andrzej Tomasz Paweł Michał Marcin Jakub Adam Marek Łukasz Grzegorz Mateusz Wojciech Mariusz Dariusz Rafał Kamil Jacek Maciej",
    surnames:
      "Nowak Kowalski/Kowalska Wiśniewski/Wiśniewska Wójcik Kowalczyk Kamiński/Kamińska Lewandowski/Lewandowska Zieliński/Zielińska Szymański/Szymańska Woźniak Dąbrowski/Dąbrowska Kozłowski/Kozłowska Jankowski/Jankowska Mazur Kwiatkowski/Kwiatkowska Krawczyk Piotrowski/Piotrowska Grabowski/Grabowska Nowakowski/Nowakowska Pawłowski/Pawłowska Michalski/Michalska Nowicki/Nowicka Adamczyk Dudek Sobczak Pietrzak Jabłoński/Jabłońska Kaczmarek Majewski/Majewska Olszewski/Olszewska",
    cities: "Warszawa|Kraków|Wrocław|Poznań|Gdańsk|Łódź|Lublin|Szczecin",
    streets: "ul. Polna|ul. Leśna|ul. Słoneczna|ul. Krótka|ul. Szkolna|ul. Ogrodowa|ul. Lipowa|ul. Kościuszki",
    address: "S N, P C",
    postcode: "##-###",
    company: "sp. z o.o.",
    region: "PL",
  },
  pt: {
    female:
      "Maria Ana Joana Sofia Beatriz Mariana Inês Catarina Carolina Rita Marta Sara Cristina Teresa Isabel Helena Patrícia Sandra Paula Leonor",
    male: "João José Pedro Miguel Tiago Rui Nuno Ricardo Luís Paulo Carlos Francisco Diogo André Gonçalo Manuel António Bruno Filipe Duarte",
    surnames:
      "Silva Ferreira Pereira Oliveira Rodrigues Martins Sousa Fernandes Gonçalves Gomes Lopes Marques Alves Almeida Teixeira Moreira Correia Mendes Nunes Soares Vieira Monteiro Cardoso Henriques Antunes Esteves Azevedo Tavares Simões Magalhães",
    cities: "Lisboa|Porto|Braga|Coimbra|Aveiro|Évora|Faro|Setúbal",
    streets:
      "Rua da Igreja|Rua do Sol|Avenida da Liberdade|Rua Direita|Rua da Escola|Rua das Flores|Travessa do Carmo|Rua Nova",
    address: "S N, P C",
    postcode: "####-###",
    company: "Lda.",
    region: "PT",
  },
  sv: {
    female:
      "Anna Eva Maria Karin Sara Emma Lena Kristina Ingrid Malin Johanna Linda Elin Annika Hanna Ida Sofia Julia Elsa Birgitta",
    male: "Lars Anders Mikael Johan Bertil Erik Karl Nils Peter Jan Fredrik Daniel Mattias Magnus Gustav Oskar Viktor Henrik Rolf Stefan",
    surnames:
      "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson Jansson Hansson Bengtsson Lindberg Lindström Lindqvist Lindgren Axelsson Bergström Lundberg Lundgren Mattsson Lindholm Fredriksson Sandberg Henriksson Forsberg Sjöberg",
    cities: "Stockholm|Göteborg|Malmö|Uppsala|Västerås|Örebro|Linköping|Umeå",
    streets: "Storgatan|Skolgatan|Kyrkogatan|Björkvägen|Skogsvägen|Ringvägen|Parkgatan|Tallvägen",
    address: "S N, P C",
    postcode: "### ##",
    company: "AB",
    region: "SE",
  },
  da: {
    female:
      "Anne Mette Kirsten Hanne Maria Sofie Ida Emma Louise Camilla Lone Susanne Charlotte Karen Helle Marianne Julie Katrine Cecilie Inger",
    male: "Peter Jens Lars Michael Henrik Thomas Søren Christian Martin Jan Anders Morten Niels Torben Rasmus Mads Jesper Kasper Frederik Ole",
    surnames:
      "Nielsen Jensen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen Petersen Madsen Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen Knudsen Jakobsen Mikkelsen Frederiksen Laursen Bertelsen Mathiesen Schmidt Eriksen Kristiansen",
    cities: "København|Aarhus|Odense|Aalborg|Esbjerg|Randers|Kolding|Horsens",
    streets: "Hovedgaden|Skolevej|Kirkevej|Møllevej|Strandvejen|Birkevej|Nørregade|Parkvej",
    address: "S N, P C",
    postcode: "####",
    company: "ApS",
    region: "DK",
  },
  nb: {
    female:
      "Anne Inger Kari Marit Ingrid Berit Eva Maria Nora Emma Ida Hanne Silje Marianne Heidi Camilla Kristin Astrid Sigrid Solveig",
    male: "Jan Harald Sverre Ole Lars Kjell Knut Svein Thomas Arne Geir Morten Terje Trond Andreas Magnus Henrik Jonas Eirik Sindre",
    surnames:
      "Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Johnsen Pettersen Eriksen Simonsen Martinsen Fredriksen Johannessen Andreassen Jacobsen Amundsen Jørgensen Halvorsen Henriksen Evensen Sørensen Jakobsen Rasmussen Gundersen Iversen Knutsen",
    cities: "Oslo|Bergen|Trondheim|Stavanger|Tromsø|Drammen|Kristiansand|Ålesund",
    streets: "Storgata|Kirkeveien|Skoleveien|Bjørkeveien|Strandgata|Parkveien|Fjellveien|Granveien",
    address: "S N, P C",
    postcode: "####",
    company: "AS",
    region: "NO",
  },
  fi: {
    female:
      "Maria Anna Helena Johanna Kaarina Liisa Heidi Päivi Tiina Minna Laura Sanna Emilia Aino Eeva Katja Hanna Riikka Outi Noora",
    male: "Juhani Mikko Matti Timo Jari Antti Ville Janne Pekka Kari Markku Heikki Petri Tuomas Lauri Eero Olli Sami Jukka Aleksi",
    surnames:
      "Korhonen Virtanen Mäkinen Nieminen Mäkelä Hämäläinen Leppänen Heikkinen Koskinen Järvinen Lehtonen Lehtinen Saarinen Salminen Heinonen Peltonen Heikkilä Salonen Kinnunen Turunen Miettinen Laitinen Tuominen Rantanen Karjalainen Jokinen Mattila Savolainen Lahtinen Ahonen",
    cities: "Helsinki|Tampere|Turku|Oulu|Jyväskylä|Lahti|Kuopio|Pori",
    streets: "Koulukatu|Kirkkokatu|Rantatie|Metsätie|Koivutie|Puistokatu|Asematie|Kauppakatu",
    address: "S N, P C",
    postcode: "#####",
    company: "Oy",
    region: "FI",
  },
  cs: {
    female:
      "Jana Marie Eva Hana Anna Lenka Kateřina Věra Lucie Alena Petra Veronika Martina Jitka Tereza Zuzana Michaela Barbora Monika Klára",
    male: "Jiří Jan Petr Josef Pavel Martin Tomáš Jaroslav Miroslav Zdeněk Václav Michal František Jakub Milan Karel Lukáš David Vladimír Ondřej",
    surnames:
      "Novák/Nováková Havlíček/Havlíčková Ševčík/Ševčíková Dvořák/Dvořáková Bartoš/Bartošová Procházka/Procházková Kučera/Kučerová Šimek/Šimková Horák/Horáková Soukup/Soukupová Pokorný/Pokorná Marek/Marková Pospíšil/Pospíšilová Hájek/Hájková Jelínek/Jelínková Staněk/Staňková Vávra/Vávrová Beneš/Benešová Fiala/Fialová Sedláček/Sedláčková Doležal/Doležalová Zeman/Zemanová Kolář/Kolářová Navrátil/Navrátilová Čermák/Čermáková Vaněk/Vaňková Urban/Urbanová Matoušek/Matoušková Blažek/Blažková Kopecký/Kopecká",
    cities: "Praha|Brno|Ostrava|Plzeň|Olomouc|Liberec|Pardubice|Zlín",
    streets: "Školní|Zahradní|Nádražní|Polní|Lipová|Krátká|Husova|Komenského",
    address: "S N, P C",
    postcode: "### ##",
    company: "s.r.o.",
    region: "CZ",
  },
  sk: {
    female:
      "Mária Anna Zuzana Katarína Eva Jana Helena Monika Lucia Martina Veronika Andrea Michaela Ivana Daniela Lenka Viera Simona Barbora Kristína",
    male: "Jozef Ján Peter Martin Michal Milan Štefan Tomáš Ľubomír Miroslav Marek Juraj Lukáš Pavol Andrej Vladimír Dušan Matej Igor Roman",
    surnames:
      "Horváth/Horváthová Kováč/Kováčová Varga/Vargová Tóth/Tóthová Nagy/Nagyová Baláž/Balážová Molnár/Molnárová Szabó/Szabóová Balog/Balogová Rusnák/Rusnáková Novák/Nováková Kovačík/Kovačíková Oravec/Oravcová Hudák/Hudáková Gajdoš/Gajdošová Kučera/Kučerová Takáč/Takáčová Kollár/Kollárová Lukáč/Lukáčová Bartoš/Bartošová Mihálik/Miháliková Urban/Urbanová Kubík/Kubíková Benko/Benková Hanák/Hanáková Pavlík/Pavlíková Krajčír/Krajčírová Ďurica/Ďuricová Šimko/Šimková Blaško/Blašková",
    cities: "Bratislava|Košice|Prešov|Žilina|Nitra|Trnava|Martin|Trenčín",
    streets: "Školská|Záhradná|Hlavná|Lipová|Poľná|Krátka|Štúrova|Mierová",
    address: "S N, P C",
    postcode: "### ##",
    company: "s.r.o.",
    region: "SK",
  },
  hu: {
    female:
      "Mária Erzsébet Katalin Ilona Éva Anna Zsuzsanna Ágnes Judit Andrea Krisztina Eszter Nóra Réka Dóra Tímea Vivien Gabriella Szilvia Petra",
    male: "László István József János Zoltán Sándor Gábor Ferenc Attila Péter Tamás András Balázs Dániel Ádám Bence Máté Gergő Norbert Csaba",
    surnames:
      "Kovács Tóth Szabó Horváth Varga Molnár Németh Balogh Papp Lakatos Takács Juhász Mészáros Rácz Szilágyi Balázs Gál Kocsis Pintér Fodor Szalai Bognár Vincze Hegedűs Bodnár Lukács Illés Kelemen Somogyi Vass",
    cities: "Budapest|Debrecen|Szeged|Pécs|Győr|Miskolc|Eger|Sopron",
    streets:
      "Kossuth Lajos utca|Petőfi utca|Rákóczi út|Ady Endre utca|Fő utca|Dózsa György út|Széchenyi utca|Arany János utca",
    address: "P C, S N.",
    postcode: "####",
    company: "Kft.",
    region: "HU",
  },
  ro: {
    female:
      "Maria Elena Ioana Andreea Ana Mihaela Cristina Alexandra Daniela Gabriela Alina Simona Raluca Monica Oana Roxana Laura Diana Carmen Anca",
    male: "Andrei Alexandru Ion Gheorghe Mihai Adrian Cristian Florin Marius Bogdan Ionuț Daniel Vasile Ștefan Radu Vlad Dan Sorin Răzvan Lucian",
    surnames:
      "Popescu Ionescu Popa Radu Dumitru Stan Stoica Gheorghe Matei Ciobanu Rusu Munteanu Marin Constantin Lazăr Florea Dinu Moldovan Toma Manole Ene Tudor Nistor Barbu Dobre Cristea Sandu Neagu Preda Voicu",
    cities: "București|Cluj-Napoca|Timișoara|Iași|Brașov|Constanța|Sibiu|Oradea",
    streets:
      "Strada Florilor|Strada Libertății|Strada Unirii|Bulevardul Independenței|Strada Școlii|Strada Mihai Viteazu|Strada Morii|Strada Teilor",
    address: "S nr. N, P C",
    postcode: "######",
    company: "S.R.L.",
    region: "RO",
  },
  hr: {
    female:
      "Ana Marija Ivana Petra Katarina Marina Martina Nikolina Iva Lucija Maja Sanja Jelena Tea Dora Mirjana Vesna Snježana Lana Nina",
    male: "Ivan Marko Josip Ante Domagoj Tomislav Petar Mario Stjepan Filip Matej Nikola Karlo Hrvoje Davor Goran Zoran Damir Dario Krešimir",
    surnames:
      "Horvat Kovačević Babić Marić Jurić Novak Kovačić Knežević Vuković Marković Petrović Matić Tomić Pavlović Klarić Lončar Blažević Grgić Pavić Radić Perić Filipović Šarić Lovrić Vidović Perković Popović Bošnjak Jukić Barišić",
    cities: "Zagreb|Split|Rijeka|Osijek|Zadar|Pula|Varaždin|Karlovac",
    streets:
      "Školska ulica|Vukovarska ulica|Ulica kralja Tomislava|Vinogradska ulica|Ulica Ivana Gundulića|Kolodvorska ulica|Cvjetna ulica|Trg slobode",
    address: "S N, P C",
    postcode: "#####",
    company: "d.o.o.",
    region: "HR",
  },
  sl: {
    female:
      "Marija Ana Maja Irena Mojca Nina Mateja Nataša Andreja Barbara Petra Katja Jožica Eva Sonja Tanja Urška Špela Tina Alenka",
    male: "Franc Marko Janez Andrej Ivan Simon Anton Peter Matej Tomaž Miran Jože Žiga Bojan Blaž Gregor Miha Matjaž Jure Aleš",
    surnames:
      "Novak Horvat Kovačič Krajnc Zupančič Potočnik Mlakar Vidmar Bizjak Hribar Kotnik Kavčič Rozman Kastelic Košir Hočevar Klemenčič Pirc Kolar Zupanc Lesjak Debeljak Jerman Kobal Majcen Rupnik Jenko Štrukelj Jamnik Hrovat",
    cities: "Ljubljana|Maribor|Celje|Kranj|Koper|Velenje|Ptuj|Novo mesto",
    streets:
      "Šolska ulica|Cankarjeva ulica|Prešernova cesta|Trubarjeva ulica|Vrtna ulica|Gregorčičeva ulica|Kolodvorska ulica|Gozdna pot",
    address: "S N, P C",
    postcode: "####",
    company: "d.o.o.",
    region: "SI",
  },
  el: {
    female:
      "Μαρία Ελένη Αικατερίνη Βασιλική Σοφία Αγγελική Γεωργία Δήμητρα Ειρήνη Παναγιώτα Αναστασία Χριστίνα Ευαγγελία Φωτεινή Ιωάννα Άννα Κωνσταντίνα Νίκη Αθηνά Ευτυχία",
    male: "Γεώργιος Ιωάννης Κωνσταντίνος Δημήτριος Νικόλαος Παναγιώτης Χρήστος Βασίλειος Αθανάσιος Μιχαήλ Ευάγγελος Σπυρίδων Ανδρέας Θεόδωρος Αντώνιος Στέφανος Αλέξανδρος Ηλίας Πέτρος Σταύρος",
    surnames:
      "Παπαδόπουλος/Παπαδοπούλου Βλάχος/Βλάχου Αγγελόπουλος/Αγγελοπούλου Νικολαΐδης/Νικολαΐδου Γεωργίου Πέτρου Βασιλείου Αθανασίου Ιωάννου Αντωνίου Παππάς/Παππά Οικονόμου Δημητρίου Καραγιάννης/Καραγιάννη Μακρής/Μακρή Αλεξίου Κωνσταντίνου Σταθόπουλος/Σταθοπούλου Λάμπρου Μιχαηλίδης/Μιχαηλίδου",
    cities: "Αθήνα|Θεσσαλονίκη|Πάτρα|Ηράκλειο|Λάρισα|Βόλος|Ιωάννινα|Χανιά",
    streets:
      "Λεωφόρος Αθηνών|Ερμού|Σταδίου|Ελευθερίου Βενιζέλου|Κολοκοτρώνη|Αγίου Νικολάου|Παπάγου|Εθνικής Αντιστάσεως",
    address: "S N, P C",
    postcode: "### ##",
    company: "Α.Ε.",
    region: "GR",
  },
  bg: {
    female:
      "Мария Елена Иванка Виктория Габриела Десислава Анна Радка Надежда Цветелина Милена Силвия Теодора Даниела Петя Снежана Росица Галина Стефка Невена",
    male: "Иван Георги Димитър Николай Петър Христо Александър Тодор Стефан Васил Йордан Пламен Мартин Атанас Красимир Стоян Калоян Борис Емил Владимир",
    surnames:
      "Иванов/Иванова Георгиев/Георгиева Димитров/Димитрова Петров/Петрова Николов/Николова Христов/Христова Стоянов/Стоянова Тодоров/Тодорова Илиев/Илиева Ангелов/Ангелова Василев/Василева Атанасов/Атанасова Петков/Петкова Йорданов/Йорданова Колев/Колева Маринов/Маринова Стефанов/Стефанова Попов/Попова Костов/Костова Александров/Александрова",
    cities: "София|Пловдив|Варна|Бургас|Русе|Стара Загора|Плевен|Велико Търново",
    streets:
      "ул. Васил Левски|ул. Христо Ботев|бул. България|ул. Иван Вазов|ул. Шипка|ул. Роза|ул. Опълченска|бул. Дунав",
    address: "S N, P C",
    postcode: "####",
    company: "ООД",
    region: "BG",
  },
  et: {
    female:
      "Anna Maria Sirje Tiina Anne Kristina Katrin Piret Kadri Liis Laura Triin Merike Ene Helena Kristi Marika Eve Kaja Pille",
    male: "Andres Toomas Margus Jaan Rein Ants Peeter Martin Tõnu Priit Jüri Urmas Kristjan Mati Aivar Indrek Raivo Meelis Siim Karl",
    surnames:
      "Jürgenson Peterson Johanson Jakobson Mihkelson Raudsepp Lepik Kaasik Vaher Kuusik Anderson Martinson Tomson Reimann Jaanson Adamson Lindmaa Laanemets Kivimägi Veskimets Simson Hinrikus Koppelmaa Aavik Kallaste Nurmela Tammsaar Toomsalu Leppik Saarmann",
    cities: "Tallinn|Tartu|Pärnu|Narva|Viljandi|Rakvere|Kuressaare|Võru",
    streets: "Kooli tänav|Aia tänav|Pargi tänav|Metsa tänav|Kase tee|Järve tänav|Pikk tänav|Tartu maantee",
    address: "S N, P C",
    postcode: "#####",
    company: "OÜ",
    region: "EE",
  },
  lv: {
    female:
      "Anna Kristīne Inese Ilze Inga Anita Sandra Daiga Ieva Līga Laura Zane Dace Agnese Elīna Vita Baiba Aija Iveta Gunta",
    male: "Jānis Andris Juris Aivars Māris Edgars Mārtiņš Kaspars Artūrs Guntis Pēteris Aleksandrs Raivis Roberts Normunds Ivars Uldis Valdis Toms Aigars",
    surnames:
      "Bērziņš/Bērziņa Kalniņš/Kalniņa Ozoliņš/Ozoliņa Jansons/Jansone Liepiņš/Liepiņa Krūmiņš/Krūmiņa Eglītis/Eglīte Zariņš/Zariņa Pētersons/Pētersone Kļaviņš/Kļaviņa Kārkliņš/Kārkliņa Siliņš/Siliņa Rozītis/Rozīte Andersons/Andersone Auniņš/Auniņa Jēkabsons/Jēkabsone Freimanis/Freimane Grīnbergs/Grīnberga Dreimanis/Dreimane Lapiņš/Lapiņa",
    cities: "Rīga|Daugavpils|Liepāja|Jelgava|Jūrmala|Ventspils|Valmiera|Cēsis",
    streets: "Brīvības iela|Skolas iela|Dārza iela|Meža iela|Parka iela|Lielā iela|Rīgas iela|Saules iela",
    address: "S N, C, P",
    postcode: "LV-####",
    company: "SIA",
    region: "LV",
  },
  lt: {
    female:
      "Ona Irena Rasa Daiva Jūratė Aušra Inga Kristina Rūta Laima Vilma Živilė Eglė Jurgita Lina Ieva Gabija Asta Renata Edita",
    male: "Jonas Vytautas Tomas Mantas Darius Andrius Marius Saulius Rimantas Algirdas Gintaras Kęstutis Arūnas Paulius Lukas Petras Antanas Linas Justinas Giedrius",
    surnames:
      "Kazlauskas/Kazlauskienė Jankauskas/Jankauskienė Petrauskas/Petrauskienė Stankevičius/Stankevičienė Vasiliauskas/Vasiliauskienė Žukauskas/Žukauskienė Butkus/Butkienė Paulauskas/Paulauskienė Urbonas/Urbonienė Kavaliauskas/Kavaliauskienė Ramanauskas/Ramanauskienė Balčiūnas/Balčiūnienė Sakalauskas/Sakalauskienė Šimkus/Šimkienė Pocius/Pocienė Mažeika/Mažeikienė Norkus/Norkienė Adomaitis/Adomaitienė Rimkus/Rimkienė Navickas/Navickienė",
    cities: "Vilnius|Kaunas|Klaipėda|Šiauliai|Panevėžys|Alytus|Marijampolė|Utena",
    streets: "Vytauto g.|Mokyklos g.|Sodų g.|Laisvės al.|Liepų g.|Miško g.|Basanavičiaus g.|Parko g.",
    address: "S N, P C",
    postcode: "LT-#####",
    company: "UAB",
    region: "LT",
  },
};

export const LANGUAGES: readonly string[] = Object.keys(ROWS);

function read({ female, male, surnames, cities, streets, ...rest }: Row): Pool {
  return {
    ...rest,
    female: female.split(" "),
    male: male.split(" "),
    surnames: surnames.split(" ").map((entry) => {
      const [man = "", woman = man] = entry.split("/");
      return [man, woman] as const;
    }),
    cities: cities.split("|"),
    streets: streets.split("|"),
  };
}

/** Read when first asked for: most callers need one or two. */
const pools = new Map<string, Pool>();

export function poolOf(language: string): Pool {
  let pool = pools.get(language);
  if (pool === undefined) {
    const row = Object.hasOwn(ROWS, language) ? ROWS[language] : ROWS["en"];
    pool = read(row as Row);
    pools.set(language, pool);
  }
  return pool;
}

export type Sex = "female" | "male";

export interface KnownName {
  readonly language: string;
  /** Absent for surnames. */
  readonly sex?: Sex;
}

let index: ReadonlyMap<string, readonly KnownName[]> | undefined;

/** Where in the pools a word stands; in any case. */
export function knownName(word: string): readonly KnownName[] {
  index ??= indexed();
  return index.get(word.normalize("NFC").toLowerCase()) ?? [];
}

export function knownFirstName(word: string): readonly Required<KnownName>[] {
  return knownName(word).filter((place): place is Required<KnownName> => place.sex !== undefined);
}

function indexed(): ReadonlyMap<string, readonly KnownName[]> {
  const places = new Map<string, KnownName[]>();
  const enter = (name: string, place: KnownName): void => {
    const key = name.toLowerCase();
    const known = places.get(key);
    if (known === undefined) places.set(key, [place]);
    else known.push(place);
  };
  for (const language of LANGUAGES) {
    const { female, male, surnames } = poolOf(language);
    for (const name of female) enter(name, { language, sex: "female" });
    for (const name of male) enter(name, { language, sex: "male" });
    for (const forms of surnames) for (const name of new Set(forms)) enter(name, { language });
  }
  return places;
}
