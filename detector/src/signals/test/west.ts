/** Sentences in English, German, French, Dutch: `+` holds the signal between « and », `-` none. All invented. */
export const WEST: Readonly<Record<string, string>> = {
  en: `
# health
+ My mother was diagnosed with «multiple sclerosis» last spring.
+ The employee is on «sick leave» until Monday.
+ He has had type 2 «diabetes» since childhood.
- The health ministry published new guidelines on vaccination.
- Funding for cancer research rose by ten percent.
- The patient record system was offline for an hour.
# religion
+ She is a practising «Catholic» and sings in the choir.
+ My colleague fasts during «Ramadan».
+ He told us that he is an «atheist».
- The Catholic church on the square was built in 1420.
- Religion is taught in the second term.
- The halal counter closes at eight.
# politics
+ My neighbour has been a «party member» for years.
+ She says she always «voted for» the same people.
+ The applicant calls himself a «socialist».
- Parliament adopted the budget on Thursday.
- The socialist era left many buildings of concrete.
- Election day is a public holiday.
# union-membership
+ He is a «shop steward» at the plant.
+ I pay my «union dues» every month.
+ She «joined the union» in March.
- The European Union adopted the regulation.
- The union of sets A and B is empty.
- SELECT name FROM a UNION SELECT name FROM b
# ethnicity
+ My grandfather was «Kurdish».
+ The tenant belongs to an «ethnic minority».
+ She told me that her parents are «Native American».
- The train to Roma Termini leaves at nine.
- Black Friday starts at midnight.
- The ethnic food aisle is on the left.
# sexual-orientation
+ My brother is «bisexual».
+ The client says he is «transgender» and asks for another form.
+ She lives with her «same-sex partner».
- The law of Gay-Lussac describes gases.
- The LGBT film festival opens in June.
- A homosexual theme runs through the novel.
# biometric
+ The employee's «fingerprints» are stored on the badge.
+ My «face template» was deleted yesterday.
+ She refused the «iris scan» at the gate.
- The key fingerprint is shown in the log.
- Browser fingerprinting breaks without scripts.
- Facial recognition is regulated by the act.
# genetic
+ My sister carries a «BRCA1» mutation.
+ Her «genetic test» came back on Friday.
+ The patient has «cystic fibrosis».
- A genetic algorithm solved the schedule.
- Genetic engineering changed the cotton market.
- Genome sequencing has become cheap.
`,
  de: `
# health
+ Meine Mutter hat seit Jahren «Diabetes» Typ 2.
+ Der Mitarbeiter ist bis Freitag «krankgeschrieben».
+ Bei der Patientin wurde «Brustkrebs» festgestellt.
- Das Gesundheitsministerium hat neue Regeln für Apotheken erlassen.
- Die Krebsforschung erhält mehr Geld.
- Ein Bipolartransistor verstärkt den Strom.
# religion
+ Mein Kollege ist «Katholik» und geht sonntags zur Messe.
+ Sie ist aus der «Kirche ausgetreten» und «konfessionslos».
+ Unsere Nachbarin trägt ein «Kopftuch».
- Die katholische Kirche am Markt wurde 1420 gebaut.
- Das Fach Religion wird im zweiten Halbjahr unterrichtet.
- Die Moschee wird renoviert.
# politics
+ Mein Nachbar ist «Kommunist» seit seiner Jugend.
+ Die Bewerberin ist «Parteimitglied» und kandidiert.
+ Er ist nach seinen Worten «rechtsextrem» gewesen.
- Der Bundestag hat den Haushalt beschlossen.
- Die sozialistische Architektur prägt das Viertel.
- Die Deutsche Demokratische Republik endete 1990.
# union-membership
+ Der Angestellte ist «Gewerkschaftsmitglied» seit Mai.
+ Meine Frau ist im «Betriebsrat» und kämpft dort.
+ Ich war gestern beim «Warnstreik» dabei.
- Die Vereinigung der Mengen ist leer.
- Der Gewerkschaftsbund fordert höhere Löhne.
- Die Europäische Union beschließt Verordnungen.
# ethnicity
+ Meine Freundin ist «Kurdin».
+ Der Schüler hat einen «Migrationshintergrund».
+ Seine Familie wurde als «Sinti» verfolgt, sagt meine Oma.
- Die AS Roma gewann das Heimspiel.
- Die ethnische Vielfalt der Region ist bekannt.
- Der schwarze Tee zieht fünf Minuten.
# sexual-orientation
+ Mein Bruder ist «schwul».
+ Die Kundin ist «transsexuell» und bittet um neue Unterlagen.
+ Sie hatte letztes Jahr ihr «Coming-out».
- Draußen ist es heute schwül.
- Die gleichgeschlechtliche Ehe wurde 2017 eingeführt.
- Das Festival zeigt queeres Kino aus zehn Ländern.
# biometric
+ Der «Fingerabdruck» meines Mitarbeiters ist im Ausweis gespeichert.
+ Mein «Irisscan» wurde am Flughafen gemacht.
+ Sie verweigerte die «Gesichtserkennung» am Eingang.
- Der Schlüssel-Fingerabdruck steht im Protokoll.
- Gesichtserkennung ist in der Verordnung geregelt.
- Ein biometrischer Reisepass kostet mehr.
# genetic
+ Meine Schwester hat das «Down-Syndrom».
+ Der «Gentest» der Patientin war auffällig.
+ Mein Vater ist «Anlageträger» der Krankheit.
- Ein genetischer Algorithmus berechnet den Plan.
- Die Gentechnik im Maisanbau ist umstritten.
- Die Genomsequenzierung ist billiger geworden.
`,
  fr: `
# health
+ Ma mère souffre de «diabète» depuis dix ans.
+ Le salarié est en «arrêt maladie» jusqu'à lundi.
+ Mon mari est «asthmatique».
- Le ministère de la santé a publié un décret.
- La recherche contre le cancer reçoit des fonds.
- Une dépression atmosphérique arrive par l'ouest.
# religion
+ Mon collègue est «catholique» pratiquant.
+ Elle porte le «foulard islamique» au travail.
+ Ma voisine est «témoin de Jéhovah».
- L'église catholique du village date de 1420.
- La religion est enseignée au second semestre.
- La mosquée de la ville est en travaux.
# politics
+ Mon voisin est «communiste» depuis toujours.
+ Le candidat a sa «carte du parti».
+ Elle est «militante» et colle des affiches.
- L'Assemblée a voté le budget jeudi.
- L'architecture socialiste marque le quartier.
- Le parti politique a tenu un congrès.
# union-membership
+ Mon chef est «syndiqué» depuis mars.
+ La salariée est «déléguée syndicale».
+ Je suis «en grève» demain.
- Le syndicat de copropriété se réunit en mai.
- La chambre syndicale publie des statistiques.
- L'Union européenne adopte le règlement.
# ethnicity
+ Ma femme est «kabyle».
+ Le candidat est d'«origine maghrébine».
+ Ses parents sont «tsiganes».
- Le jazz manouche se joue à la guitare.
- Les chiffres arabes sont au nombre de dix.
- La diversité ethnique de la région est connue.
# sexual-orientation
+ Mon frère est «homosexuel».
+ La cliente est «transgenre» et demande un nouveau dossier.
+ Elle a fait son «coming out» en mai.
- La loi de Gay-Lussac décrit les gaz.
- Le mariage entre personnes de même sexe existe depuis 2013.
- Le festival queer ouvre en juin.
# biometric
+ Les «empreintes digitales» de l'employé sont stockées sur le badge.
+ Mon «gabarit facial» a été effacé hier.
+ Elle refuse la «reconnaissance faciale» à l'entrée.
- Le passeport biométrique coûte plus cher.
- La reconnaissance vocale est décrite au chapitre trois.
- Les capteurs biométriques sont en promotion.
# genetic
+ Ma sœur a une «mutation génétique».
+ Le «test génétique» de la patiente est positif.
+ Son fils est «trisomique».
- Un algorithme génétique calcule le planning.
- Le génie génétique a changé l'agriculture.
- Le séquençage du riz est terminé.
`,
  nl: `
# health
+ Mijn moeder heeft al jaren «diabetes».
+ De medewerker heeft zich «ziekgemeld» op maandag.
+ Bij de patiënt werd «borstkanker» gevonden.
- Het ministerie van Volksgezondheid publiceert cijfers.
- Het kankeronderzoek krijgt meer geld.
- De rolstoelingang is aan de achterkant.
# religion
+ Mijn collega is «katholiek» en gaat elke zondag.
+ Zij is «moslim» en draagt een «hoofddoek».
+ Mijn buurman is «atheïst».
- De katholieke kerk op het plein dateert uit 1420.
- Het vak religie wordt in het voorjaar gegeven.
- De moskee in de straat wordt verbouwd.
# politics
+ Mijn buurman is «communist» sinds zijn jeugd.
+ De sollicitant is «partijlid» en staat op de lijst.
+ Zij «stemt op» dezelfde mensen, zegt mijn moeder.
- De Tweede Kamer heeft de begroting aangenomen.
- De socialistische architectuur is hier te zien.
- Op de dag van de verkiezingen is het druk.
# union-membership
+ De werknemer is «vakbondslid» sinds mei.
+ Mijn vrouw zit in de «ondernemingsraad».
+ Ik doe mee aan de «staking» van vrijdag.
- De Europese Unie neemt de verordening aan.
- De vereniging van twee verzamelingen is leeg.
- De vakbond publiceert een rapport over lonen.
# ethnicity
+ Mijn vriendin is «Koerdisch».
+ De leerling heeft een «migratieachtergrond».
+ Haar ouders zijn «Molukkers».
- AS Roma won de wedstrijd.
- De zwarte doos werd gevonden.
- De etnische diversiteit van de stad is bekend.
# sexual-orientation
+ Mijn broer is «homoseksueel».
+ De klant is «transgender» en wil een nieuw formulier.
+ Zij is «lesbisch» en woont samen.
- Homo sapiens verscheen in Afrika.
- Het homohuwelijk bestaat sinds 2001.
- Het queer filmfestival begint in juni.
# biometric
+ De «vingerafdruk» van mijn collega is opgeslagen.
+ Mijn «irisscan» is op Schiphol gemaakt.
+ Zij weigerde de «gezichtsherkenning» bij de ingang.
- Een biometrisch paspoort kost meer.
- Gezichtsherkenning is in de wet geregeld.
- De vingerafdruklezer is in de aanbieding.
# genetic
+ Mijn zus heeft het «syndroom van Down».
+ De «DNA-test» van de patiënt was positief.
+ Zij is «draagster van het gen».
- Een genetisch algoritme berekent het rooster.
- De genetische manipulatie van maïs is omstreden.
- Het genoom van de tulp is bekend.
`,
};
