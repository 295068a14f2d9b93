/** Sentences in Spanish, Italian, Portuguese, Romanian, Greek: `+` holds the signal between « and », `-` none. All invented. */
export const SOUTH: Readonly<Record<string, string>> = {
  es: `
# health
+ Mi madre padece «diabetes» desde hace años.
+ El empleado está de «baja médica» hasta el lunes.
+ A la paciente le detectaron «cáncer de mama».
- El ministerio de sanidad ha publicado las normas.
- La investigación del cáncer recibe más fondos.
- El trópico de Cáncer pasa por México.
# religion
+ Mi compañero es «católico» y va a misa.
+ Ella es «musulmana» y ayuna.
+ Mi vecina es «testigo de Jehová».
- La iglesia católica de la plaza es de 1420.
- La religión se enseña en el segundo curso.
- La mezquita de la ciudad está en obras.
# politics
+ Mi vecino es «comunista» desde joven.
+ La candidata es «militante» del partido.
+ Mi padre siempre fue «falangista».
- El Congreso aprobó los presupuestos el jueves.
- La arquitectura socialista marca el barrio.
- El partido político celebró un congreso.
# union-membership
+ El trabajador está «sindicado» desde mayo.
+ Mi mujer es «delegada sindical».
+ Yo estoy «en huelga» mañana.
- La Unión Europea adoptó el reglamento.
- La unión de dos conjuntos es vacía.
- Los sindicatos europeos se reúnen en Bruselas.
# ethnicity
+ Mi novia es «gitana».
+ El alumno es de «origen magrebí».
+ Su abuelo es «quechua», dice mi madre.
- Los números árabes son diez.
- La caja negra apareció en el mar.
- La diversidad étnica de la región es conocida.
# sexual-orientation
+ Mi hermano es «homosexual».
+ La clienta es «transexual» y pide otro formulario.
+ Mi hijo «salió del armario» en mayo.
- El matrimonio homosexual existe desde 2005.
- El festival queer se abre en junio.
- La ley de Gay-Lussac describe los gases.
# biometric
+ Las «huellas dactilares» del empleado están guardadas.
+ Mi plantilla fue borrada tras el «reconocimiento facial».
+ Ella se negó al «escaneo del iris» en la entrada.
- El pasaporte biométrico cuesta más.
- El reconocimiento facial está regulado en la ley.
- Los lectores de huella están de oferta.
# genetic
+ Mi hermana tiene «síndrome de Down».
+ La «prueba genética» de la paciente dio positivo.
+ Su hijo tiene «fibrosis quística».
- Un algoritmo genético calcula el horario.
- La ingeniería genética cambió la agricultura.
- La secuenciación del arroz ha terminado.
`,
  it: `
# health
+ Mia madre soffre di «diabete» da anni.
+ Il dipendente è in «congedo per malattia» fino a lunedì.
+ La paziente ha la «sclerosi multipla».
- Il ministero della salute ha pubblicato le regole.
- La ricerca sul cancro riceve fondi.
- Il tropico del cancro passa per il Messico.
# religion
+ Il mio collega è «cattolico» praticante.
+ Lei è «musulmana» e digiuna.
+ Mia zia è «testimone di Geova».
- La chiesa cattolica della piazza è del 1420.
- La religione si insegna al secondo anno.
- La moschea della città è chiusa per lavori.
# politics
+ Il mio vicino è «comunista» da sempre.
+ La candidata ha la «tessera del partito».
+ Mio padre era «fascista».
- Il Parlamento ha approvato il bilancio giovedì.
- L'architettura socialista segna il quartiere.
- Il volante è nelle auto con guida a destra.
# union-membership
+ Mio marito è «sindacalista».
+ La dipendente è «delegata sindacale».
+ Io sono «in sciopero» domani.
- Il sindaco ha firmato il decreto.
- Il collegio sindacale approva il bilancio.
- L'Unione europea adotta il regolamento.
# ethnicity
+ La mia ragazza è «curda».
+ Il candidato è di «origine marocchina».
+ I suoi genitori sono «sinti».
- La memoria ROM contiene il programma.
- La gomma arabica si usa nei dolci.
- La varietà etnica della regione è nota.
# sexual-orientation
+ Mio fratello è «omosessuale».
+ La cliente è «transessuale» e chiede un altro modulo.
+ Mia figlia ha fatto «coming out» a maggio.
- Il festival queer apre a giugno.
- La legge di Gay-Lussac descrive i gas.
- L'unione civile è stata introdotta nel 2016.
# biometric
+ Le «impronte digitali» del dipendente sono conservate.
+ Il mio «riconoscimento facciale» è stato registrato.
+ Lei ha rifiutato la «scansione dell'iride».
- Il passaporto biometrico costa di più.
- Il riconoscimento vocale è descritto nel capitolo tre.
- Il lettore biometrico è in offerta.
# genetic
+ Mia sorella ha la «sindrome di Down».
+ Il «test genetico» della paziente è positivo.
+ Sua figlia ha la «fibrosi cistica».
- Un algoritmo genetico calcola gli orari.
- L'ingegneria genetica ha cambiato l'agricoltura.
- Il genoma del riso è noto.
`,
  pt: `
# health
+ A minha mãe sofre de «diabetes» há anos.
+ O funcionário está de «baixa médica» até segunda.
+ Ela tem «cancro da mama», disse a filha.
- O ministério da saúde publicou as regras.
- A investigação do cancro recebe mais fundos.
- O trópico de Câncer passa pelo México.
# religion
+ O meu colega é «católico» e vai à missa.
+ Ela é «muçulmana» e jejua.
+ A minha tia é «testemunha de Jeová».
- A igreja católica da praça é de 1420.
- A religião é ensinada no segundo ano.
- A mesquita da cidade está em obras.
# politics
+ O meu vizinho é «comunista» desde jovem.
+ A candidata é «filiada no partido».
+ O meu pai era «salazarista».
- O Parlamento aprovou o orçamento na quinta.
- A arquitetura socialista marca o bairro.
- O partido político realizou um congresso.
# union-membership
+ O trabalhador é «sindicalizado» desde maio.
+ A minha mulher é «delegada sindical».
+ Eu estou «em greve» amanhã.
- A União Europeia adotou o regulamento.
- A união de dois conjuntos é vazia.
- Os sindicatos europeus reúnem-se em Bruxelas.
# ethnicity
+ A minha namorada é «cigana».
+ O aluno é de «origem angolana».
+ O avô dele é «indígena».
- Os algarismos árabes são dez.
- Um buraco negro não emite luz.
- A diversidade étnica da região é conhecida.
# sexual-orientation
+ O meu irmão é «homossexual».
+ A cliente é «transexual» e pede outro formulário.
+ O meu filho «saiu do armário» em maio.
- O festival queer abre em junho.
- A lei de Gay-Lussac descreve os gases.
- O casamento entre pessoas do mesmo sexo existe desde 2010.
# biometric
+ As «impressões digitais» do funcionário estão guardadas.
+ O meu «reconhecimento facial» foi registado.
+ Ela recusou a «leitura da íris» na entrada.
- O passaporte biométrico custa mais.
- O reconhecimento de voz é descrito no capítulo três.
- Os leitores biométricos estão em promoção.
# genetic
+ A minha irmã tem «síndrome de Down».
+ O «teste genético» da paciente deu positivo.
+ O filho dela tem «fibrose cística».
- Um algoritmo genético calcula o horário.
- A engenharia genética mudou a agricultura.
- O genoma do arroz é conhecido.
`,
  ro: `
# health
+ Mama mea are «diabet» de zece ani.
+ Angajatul este în «concediu medical» până luni.
+ Pacienta are «scleroză multiplă».
- Ministerul Sănătății a publicat regulile.
- Cercetarea cancerului primește fonduri.
- Tropicul Cancerului trece prin Mexic.
# religion
+ Colegul meu este «catolic» și merge la slujbă.
+ Ea este «musulmană» și postește.
+ Mătușa mea este «penticostală».
- Biserica catolică din piață este din 1420.
- Religia se predă în anul al doilea.
- Moscheea din oraș este în renovare.
# politics
+ Vecinul meu este «comunist» din tinerețe.
+ Candidata este «membră de partid».
+ Tatăl meu a fost «legionar».
- Parlamentul a adoptat bugetul joi.
- Arhitectura socialistă marchează cartierul.
- Partidul politic a ținut un congres.
# union-membership
+ Soția mea este «lider de sindicat».
+ Angajatul este «sindicalist» din mai.
+ Eu sunt «în grevă» mâine.
- Uniunea Europeană a adoptat regulamentul.
- Reuniunea a două mulțimi este vidă.
- Casa de cultură a sindicatelor este închisă.
# ethnicity
+ Prietena mea este de «etnie romă».
+ Elevul este de «origine turcă».
+ Bunicul meu era «tătar».
- Marea Neagră este caldă în august.
- Cifrele arabe sunt zece la număr.
- Diversitatea etnică a regiunii este cunoscută.
# sexual-orientation
+ Fratele meu este «homosexual».
+ Clienta este «transgender» și cere alt formular.
+ Fiica mea este «lesbiană».
- Festivalul queer se deschide în iunie.
- Legea lui Gay-Lussac descrie gazele.
- Parteneriatul civil nu este reglementat.
# biometric
+ «Amprentele» angajatului sunt stocate pe legitimație.
+ Datele mele «biometrice» au fost șterse.
+ Ea a refuzat «scanarea irisului» la intrare.
- Pașaportul biometric costă mai mult.
- Recunoașterea vocală este descrisă în capitolul trei.
- Cititorul biometric este la ofertă.
# genetic
+ Sora mea are «sindromul Down».
+ «Testul genetic» al pacientei a ieșit pozitiv.
+ Fiul ei are «fibroză chistică».
- Un algoritm genetic calculează orarul.
- Inginerie genetică se predă la facultate.
- Genomul orezului este cunoscut.
`,
  el: `
# health
+ Η μητέρα μου έχει «διαβήτη» εδώ και χρόνια.
+ Ο υπάλληλος είναι σε «αναρρωτική άδεια» μέχρι τη Δευτέρα.
+ Ο ασθενής πάσχει από «σκλήρυνση κατά πλάκας».
- Το Υπουργείο Υγείας δημοσίευσε τους κανόνες.
- Η έρευνα για τον καρκίνο χρηματοδοτείται.
- Ο τροπικός του Καρκίνου περνά από το Μεξικό.
# religion
+ Ο συνάδελφός μου είναι «καθολικός».
+ Η γειτόνισσά μου είναι «μουσουλμάνα».
+ Ο αδελφός μου είναι «άθεος».
- Η καθολική εκκλησία της πλατείας χτίστηκε το 1420.
- Τα θρησκευτικά διδάσκονται στο δεύτερο εξάμηνο.
- Το τζαμί στο κέντρο ανακαινίζεται.
# politics
+ Ο γείτονάς μου είναι «κομμουνιστής».
+ Η υποψήφια είναι «μέλος του κόμματος».
+ Ο πατέρας μου ήταν «βασιλόφρονας».
- Η Βουλή ψηφίζει τον προϋπολογισμό αύριο.
- Η σοσιαλιστική αρχιτεκτονική κυριαρχεί εκεί.
- Οι εκλογές έγιναν τον Ιούνιο.
# union-membership
+ Ο υπάλληλος είναι «συνδικαλιστής».
+ Η γυναίκα μου γράφτηκε στο «συνδικάτο».
+ Είμαι σε «απεργία» αύριο.
- Η Ευρωπαϊκή Ένωση εξέδωσε τον κανονισμό.
- Η ένωση δύο συνόλων είναι κενή.
- Οι συλλογικές συμβάσεις λήγουν τον Μάιο.
# ethnicity
+ Η φίλη μου είναι «Τσιγγάνα».
+ Ο μαθητής είναι «αλβανικής καταγωγής».
+ Ο παππούς μου ήταν «Πομάκος».
- Η Μαύρη Θάλασσα είναι ζεστή τον Αύγουστο.
- Οι αραβικοί αριθμοί είναι δέκα.
- Μια μαύρη τρύπα δεν εκπέμπει φως.
# sexual-orientation
+ Ο αδελφός μου είναι «ομοφυλόφιλος».
+ Η πελάτισσα είναι «τρανς» και ζητά νέο έντυπο.
+ Η κόρη μου είναι «λεσβία».
- Το φεστιβάλ ανοίγει τον Ιούνιο.
- Ο νόμος του Gay-Lussac περιγράφει τα αέρια.
- Ο γάμος ομόφυλων ζευγαριών θεσπίστηκε το 2024.
# biometric
+ Τα «δακτυλικά αποτυπώματα» του υπαλλήλου αποθηκεύονται.
+ Η «σάρωση της ίριδας» μου έγινε στην πύλη.
+ Ο ασθενής αρνήθηκε την «αναγνώριση προσώπου».
- Το βιομετρικό διαβατήριο κοστίζει περισσότερο.
- Η αναγνώριση φωνής περιγράφεται στο τρίτο κεφάλαιο.
- Οι βιομετρικοί αναγνώστες είναι σε προσφορά.
# genetic
+ Η αδελφή μου έχει «σύνδρομο Ντάουν».
+ Το «γενετικό τεστ» του ασθενούς ήταν θετικό.
+ Ο γιος μου έχει «κυστική ίνωση».
- Ένας γενετικός αλγόριθμος υπολογίζει το πρόγραμμα.
- Η γενετική μηχανική άλλαξε τη γεωργία.
- Το γονιδίωμα είναι γνωστό.
`,
};
