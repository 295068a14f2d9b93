/** Spanish. How it is written: ../language.ts. */
import type { SignalLanguage } from "../language.ts";

export const es: SignalLanguage = {
  code: "es",
  common: `el, la, los, las, de, y, que, en, un, una, es, por, con, para, del, se, no, al, lo, como, más, fue, ha, está, desde, su, le, este, esta, son, pero, era, tras`,
  person: `yo, mi, mis, me, conmigo, ella, ellas, su, sus, soy, tengo, alguien, paciente*, cliente, clienta, emplead*, trabajador*, compañer*, candidat*, alumn*, estudiante*,
    profesor*, jefe, jefa, vecin*, amig*, novi*, pareja, marido, esposa, esposo, mujer, madre, padre, mamá, papá, padres, hermano*, hermana*, hijo*, hija*, niño*, niña*, bebé,
    tío, tía, primo, prima, abuel*, sobrin*, señor, señora, sr, sra, don, doña, sufre, sufro, padece, padezco, afiliad*, asegurad*, inquilin*, testigo*, acusad*, detenid*, miembro, años, nacido, nacida`,
  medical: `diagnosti*, tratamiento*, tratad*, terapia*, paciente*, sufre, sufro, padece, padezco, síntoma*, hospital*, clínica*, médic*, doctor*, enferm*, operad*, operar*, crónic*, recet*, medica*, tumor*, análisis,
    resultado*, muestra*, ingresad*, guarda*, registr*, almacen*`,
  belonging: `miembro*, afili*, unió, vota, voto, votó, votante*, cree, creyente*, convirti*, convertid*, bautiz*, criad*, practica*, milit*, activista*, simpatiz*, partido, origen, orígenes, descendient*, raíces, pertenec*, comunidad*, candidat*, elegid*`,
  keys: {
    health: `?diagnóstico, antecedentes, antecedentes médicos, antecedentes personales, enfermedad, enfermedades, alergias, ?alergia, discapacidad, grupo sanguíneo, medicación, medicamentos,
      estado de salud, motivo de la baja, motivo de ingreso, patologías`,
    religion: "religión, confesión, creencia, creencias religiosas",
    politics:
      "partido político, ideología, ideología política, afiliación política, opinión política, opiniones políticas",
    "union-membership": "sindicato, afiliación sindical, afiliado a sindicato",
    ethnicity: "etnia, origen étnico, origen racial, raza, grupo étnico",
    "sexual-orientation": "orientación sexual, sexualidad, identidad de género",
    biometric: "plantilla biométrica, plantilla facial, huella biométrica",
    genetic: "genotipo, cariotipo, prueba genética, perfil genético, perfil de adn",
  },
  terms: {
    health: `asma*, asmátic*, diabet*, epilep*, epilép*, !seropositiv*, !vih positiv*, vih, ?sida, hepatitis, tuberculosis, leucemia*, linfoma*, melanoma*, carcinoma*, ?cáncer, cáncer de mama, cáncer de pulmón, cáncer de próstata,
      cáncer de colon, tumor*, metástasis, quimioterap*, radioterap*, diálisis, insulin*, depresi*, antidepresiv*, ansiolític*, ansiedad, ataque de pánico, ataques de pánico, bipolar*, esquizofr*, psicosis, psicoterap*, psiquiatr*, psiquiátr*, autis*, asperger, tdah,
      anorexi*, bulimi*, trastorno alimentario, demencia, alzheimer, párkinson, parkinson, esclerosis múltiple, distrofia muscular, migraña*, infarto*, ictus, insuficiencia cardíaca, insuficiencia cardiaca, arritmia*, hipertensi*, hipertens*, artritis, artrosis, reuma*, reumát*,
      osteoporosis, hernia discal, endometriosis, aborto*, abortó, !embaraz*, fecundación in vitro, infertil*, esteril*, menopausia, sífilis, gonorrea, herpes, clamidia*, epoc, bronquitis, neumonía*, covid*, enfermedad de crohn, colitis, celíac*, celiac*, anemia*, tiroides,
      hipotiroid*, insuficiencia renal, cirrosis, trasplant*, silla de ruedas, !discapacitad*, discapacidad*, minusval*, sord*, cieg*, ceguera, alcohólic*, alcoholismo, drogadic*, drogodepend*, toxicóman*, sobredosis, desintoxicación, burnout, insomnio, baja médica, baja laboral, baja por
      enfermedad, dolor crónico, enfermedad crónica, alergi*, alérgic*, antibiótic*, opioide*, metadona, betabloque*, anticoagulant*, suicid*, autolesion*, amput*, prótesis, hospitalizad*, ?operación, ?infección*, ?parálisis, -ministerio de sanidad, -investigación del cáncer, -investigación contra el cáncer,
      -trópico de cáncer, -gran depresión, -depresión económica, -signo cáncer`,
    religion: `!católicos, católic*, !protestantes, protestante*, evangélic*, evangelista*, ortodox*, cristian*, !musulm*, islam*, suní*, chií*, !judío, !judía, judí*, judaísmo, hindú*, hinduis*, budis*, sij, mormon*, mormón, testigo de jehová, testigos de jehová, ateo, atea, ateos, ateísmo, agnóstic*, bautizad*,
      ?bautizo, primera comunión, velo islámico, hiyab, kosher, halal, ramadán, mezquita*, sinagoga*, ?creyente*, ?practicante*, ?sacerdote, parroquia*, cienciología, apostat*, opus dei, -iglesia católica, -estado islámico, -reyes católicos, -cristiano ronaldo, -cristianismo`,
    politics: `socialista*, comunista*, socialdemócrata*, extrema derecha, extrema izquierda, ultraderech*, anarquista*, fascista*, falangista*, franquista*, nacionalista*, monárquic*, republican*, marxista*, independentista*, separatista*, ?conservador*, ?liberal*, de izquierdas, de derechas, votante de, votantes de, militante*,
      partido socialista, partido popular, partido comunista, ideología política, opinión política, opiniones políticas, afiliado al partido, afiliada al partido, ?psoe, ?vox, ?podemos, carné del partido, activista político, activista política, ecologista*, feminista*, antifascist*, -república socialista, -feria nacionalista`,
    "union-membership": `!sindicalista*, !sindicad*, sindicat*, sindical*, delegado sindical, delegada sindical, comité de empresa, cuota sindical, comisiones obreras, ?ccoo, ?ugt, huelguista*, en huelga, hizo huelga, piquete*, enlace sindical, liberado sindical, liberada sindical, sección sindical, afiliación sindical, caja de resistencia, elecciones sindicales, -sindicatos europeos`,
    ethnicity: `origen étnico, etnia*, étnic*, raza negra, raza blanca, origen africano, origen árabe, origen magrebí, origen marroquí, origen latino, origen asiático, ascendencia*, ?árabe*, ?negro, ?negra, mulat*, mestiz*, !gitan*, ?romaní, kurd*, bereber*, magrebí*, afrodescendiente*, afroamerican*, indígena*, color de piel, piel oscura, 
      quechua*, aimara*, mapuche*, sefard*, subsaharian*, -goma arábiga, -lista negra, -caja negra, -números árabes`,
    "sexual-orientation": `!homosexual*, !lesbiana*, ?gay, ?gais, !bisexual*, heterosexual*, asexual*, pansexual*, queer, transgénero, transexual*, mujer trans, hombre trans, no binari*, intersex*, lgtb*, lgbt*, mismo sexo, orientación sexual, cambio de sexo, reasignación de sexo, salió del armario, salir del armario, identidad de género, vida sexual,
      disforia de género, matrimonio homosexual, ?trans, ?hetero, condición sexual`,
    biometric: `huella dactilar, huellas dactilares, huella digital, huellas digitales, reconocimiento facial, reconocimiento de voz, reconocimiento del iris, escáner facial, escáner de iris, escaneo facial, escaneo del iris, escaneo de retina, biométric*, biometría, huella vocal, huella palmar, geometría de la mano, venas de la mano, patrón de voz, rasgos faciales, touch id, face id, dinámica de tecleo, -pasaporte biométrico`,
    genetic: `prueba genética, pruebas genéticas, test genético, enfermedad genética, mutación genética, mutación del gen, predisposición genética, trastorno genético, análisis genético, datos genéticos, alteración genética, brca*, enfermedad hereditaria, cáncer hereditario, huntington, fibrosis quística, drepanocit*, anemia falciforme, hemofili*, hemofíli*,
      síndrome de down, trisomía*, prueba de adn, análisis de adn, perfil de adn, muestra de adn, genoma, secuenciación, cariotip*, genotip*, talasemia*, portador del gen, portadora del gen, prueba de paternidad, síndrome de lynch, -algoritmo genético, -algoritmos genéticos, -ingeniería genética`,
  },
};
