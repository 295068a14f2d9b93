/** Italian. How it is written: ../language.ts. */
import type { SignalLanguage } from "../language.ts";

export const it: SignalLanguage = {
  code: "it",
  common: `il, la, gli, di, e, che, un, una, è, per, con, non, del, della, dei, delle, nel, nella, al, alla, da, dal, si, lo, le, come, ha, più, dopo, anche, questo, questa, stato, stata, i`,
  person: `io, mio, mia, miei, mie, mi, lui, lei, suo, sua, suoi, sue, sono, qualcun*, paziente*, pazienti, cliente, dipendent*, impiegat*, collega, colleghi, collegh*, candidat*, alunn*, student*, professor*, insegnante, capo,
    vicin*, amico, amica, amici, fidanzat*, compagn*, partner, marito, moglie, madre, padre, mamma, papà, genitori, fratell*, sorell*, figlio, figlia, figli, bambin*, neonat*, zio, zia, cugin*, nonn*, nipote, signor*, sig, soffr*, affett*, anni, assicurat*,
    inquilin*, testimone, detenut*, imputat*, iscritt*, membro, nato, nata`,
  medical: `diagnos*, curat*, cure, terapia*, terapi*, trattament*, pazient*, soffr*, affett*, sintom*, ospedal*, ricover*, clinic*, medic*, dottor*, malat*, malatti*, operat*, cronic*, prescri*, farmac*, tumor*, analisi, esame, esami, risultat*, campion*, registrat*, conserv*, memorizz*`,
  belonging: `membro, iscri*, aderi*, adesione, vota, voto, votato, elettor*, crede*, convertit*, battezzat*, cresciut*, pratic*, milit*, attivist*, simpatizzant*, partito, origin*, discend*, radici, apparten*, comunit*, candidat*, elett*, tessera*`,
  keys: {
    health: `?diagnosi, anamnesi, patologia, patologie, malattia, malattie, allergie, ?allergia, disabilità, gruppo sanguigno, farmaci assunti, terapia in corso, stato di salute, motivo del ricovero`,
    religion: "religione, confessione religiosa, fede religiosa, credo religioso, appartenenza religiosa",
    politics:
      "partito politico, orientamento politico, opinioni politiche, appartenenza politica, affiliazione politica",
    "union-membership":
      "sindacato, appartenenza sindacale, iscrizione sindacale, adesione sindacale, tessera sindacale",
    ethnicity: "etnia, origine etnica, origine razziale, gruppo etnico, ?razza",
    "sexual-orientation": "orientamento sessuale, sessualità, identità di genere",
    biometric: "modello biometrico, impronta biometrica, template biometrico",
    genetic: "genotipo, cariotipo, test genetico, profilo genetico, profilo del dna",
  },
  terms: {
    health: `asma*, asmatic*, diabet*, epiless*, epilettic*, !sieropositiv*, !hiv positiv*, hiv, aids, epatite*, tubercolosi, leucemi*, linfom*, melanom*, carcinom*, ?cancro, tumore al seno, tumore al polmone, tumor*, metastas*, chemioterap*, radioterap*, dialisi, insulin*, depressione, depress*, antidepressiv*, ansiolitic*, disturbo d ansia,
      attacco di panico, attacchi di panico, bipolar*, schizofren*, psicosi, psicoterap*, psichiatr*, autis*, asperger, adhd, anoressi*, bulimi*, disturbo alimentare, demenza, alzheimer, parkinson, sclerosi multipla, distrofia muscolare, emicrani*, infart*, ictus, scompenso cardiaco, cardiopat*, aritmi*, ipertensione, ipertes*, artrite, artrosi, reumat*,
      osteoporosi, ernia del disco, endometriosi, aborto*, abortito, !incinta, gravidanza, fecondazione assistita, infertil*, steril*, menopausa, sifilide, gonorrea, herpes, clamidia, bpco, bronchite, polmonite, covid*, morbo di crohn, colite, celiac*, anemi*, tiroid*, insufficienza renale, cirrosi, trapiant*, sedia a rotelle, !disabile, disabilità, invalidità, invalido,
      !sordomut*, sord*, cieco, cieca, cecità, ipovedent*, alcolist*, alcolismo, tossicodipend*, overdose, disintossic*, burnout, insonni*, malattia cronica, dolore cronico, congedo per malattia, in malattia, allergi*, antibiotic*, oppioid*, metadone, betabloccant*, anticoagulant*, suicid*, autolesion*, amput*, protesi, ricoverat*, ?operazione, ?infezion*, ?paralisi,
      -ministero della salute, -ricerca sul cancro, -tropico del cancro, -depressione economica, -grande depressione`,
    religion: `!cattolici, cattolic*, !protestanti, protestant*, evangelic*, luteran*, valdes*, ortodoss*, cristian*, !musulman*, islam*, sunnit*, sciit*, !ebreo, !ebrea, ebrei, ebraic*, ebraismo, indù, induis*, buddis*, sikh, mormon*, testimone di geova, testimoni di geova, ateo, atea, atei, ateismo, agnostic*, battezzat*, ?battesimo, prima comunione, cresima, velo islamico,
      hijab, kosher, halal, ramadan, moschea*, moschee, sinagog*, ?credente, ?praticante, ?prete, parrocchia*, sbattezz*, scientolog*, -chiesa cattolica, -stato islamico, -cristiano ronaldo, -museo ebraico`,
    politics: `socialist*, comunist*, socialdemocratic*, democristian*, estrema destra, estrema sinistra, di sinistra, di destra, anarchic*, fascist*, neofascist*, nazionalist*, monarchic*, leghist*, grillin*, marxist*, repubblican*, ?conservat*, ?liberale, ?liberali, attivista politic*, militante, militanti, tessera del partito, iscritto al partito, iscritta al partito, partito democratico,
      fratelli d italia, opinioni politiche, orientamento politico, idee politiche, antifascist*, ambientalist*, femminist*, indipendentist*, separatist*, ?pd, ?lega, vota lega, elettore di, elettrice di, -repubblica socialista, -guida a destra, -mano destra`,
    "union-membership": `!sindacalist*, sindacat*, sindacal*, !sindacalizzat*, delegato sindacale, delegata sindacale, ?cgil, ?cisl, ?uil, tessera sindacale, quota sindacale, rsu, rappresentante sindacale, scioper*, in sciopero, picchetto, iscritto al sindacato, iscritta al sindacato, trattenuta sindacale, permesso sindacale, permessi sindacali, camera del lavoro, -sindaco, -collegio sindacale, -sindacato di blocco`,
    ethnicity: `origine etnica, etnia, etnic*, origine africana, origini africane, origine araba, origini arabe, origini marocchine, origine marocchina, origini senegalesi, origini albanesi, ?arabo, ?araba, ?nero, ?nera, persona di colore, uomo di colore, donna di colore, ragazzo di colore, ragazza di colore, mulatt*, meticc*, ?rom, sinti, zingar*, nomadi, curd*, berber*, magrebin*, maghrebin*, afroamerican*, afroitalian*, afrodiscendent*, indigen*, colore della pelle, pelle scura,
      aborigen*, sefardit*, aschenazit*, latinoamerican*, -cd rom, -rom di avvio, -memoria rom, -gomma arabica`,
    "sexual-orientation": `!omosessual*, !lesbic*, ?gay, !bisessual*, eterosessual*, asessual*, pansessual*, queer, transgender, transessual*, donna trans, uomo trans, non binari*, intersess*, intersex, lgbt*, stesso sesso, orientamento sessuale, cambio di sesso, riassegnazione di genere, coming out, identità di genere, disforia di genere, vita sessuale, unione civile, ?trans, ?etero, preferenze sessuali, omogenitorial*`,
    biometric: `impronta digitale, impronte digitali, riconoscimento facciale, riconoscimento vocale, riconoscimento dell iride, scansione dell iride, scansione del volto, scansione della retina, biometri*, impronta vocale, geometria della mano, impronta palmare, vene della mano, dati facciali, tratti del volto, touch id, face id, timbro vocale, dinamica di battitura, -passaporto biometrico`,
    genetic: `test genetico, test genetici, malattia genetica, malattie genetiche, mutazione genetica, mutazione del gene, predisposizione genetica, anomalia genetica, analisi genetica, dati genetici, brca*, malattia ereditaria, tumore ereditario, huntington, fibrosi cistica, anemia falciforme, emofili*, sindrome di down, trisomia*, test del dna, analisi del dna, profilo del dna, campione di dna, genoma,
      sequenziament*, cariotip*, genotip*, talassemi*, portatore sano, portatrice sana, portatore del gene, test di paternità, sindrome di lynch, -algoritmo genetico, -algoritmi genetici, -ingegneria genetica`,
  },
};
