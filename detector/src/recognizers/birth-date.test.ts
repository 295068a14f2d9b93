import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("a date of birth is found in 24 languages", () => {
  checkRows("DATE_OF_BIRTH", [
    { text: "born on 12 March 1990", finds: ["12 March 1990"] },
    { text: "Born: March 12th, 1990", finds: ["March 12th, 1990"] },
    { text: "DOB 03/12/1990", finds: ["03/12/1990"] },
    { text: "Date of birth: 1990-03-12", finds: ["1990-03-12"] },
    { text: "geboren am 12. März 1990", finds: ["12. März 1990"] },
    { text: "Geburtsdatum: 12.03.90", finds: ["12.03.90"] },
    { text: "geb. 12.3.1990", finds: ["12.3.1990"] },
    { text: "Anna Muster (* 12. März 1990 in Berlin)", finds: ["12. März 1990"] },
    { text: "né le 1er mars 1990 et née le 12/03/1991", finds: ["1er mars 1990", "12/03/1991"] },
    { text: "né(e) le : 12 mars 1990", finds: ["12 mars 1990"] },
    { text: "date de naissance 12 mars 1990", finds: ["12 mars 1990"] },
    { text: "fecha de nacimiento: 12 de marzo de 1990", finds: ["12 de marzo de 1990"] },
    { text: "nacida el 12/03/1990", finds: ["12/03/1990"] },
    { text: "data di nascita 12 marzo 1990, nato a Roma il 12/03/1990", finds: ["12 marzo 1990", "12/03/1990"] },
    { text: "geboortedatum: 12 maart 1990; geboren op 12-03-1990", finds: ["12 maart 1990", "12-03-1990"] },
    { text: "urodzony 12 marca 1990 r., data urodzenia: 12.03.1990", finds: ["12 marca 1990", "12.03.1990"] },
    { text: "data de nascimento: 12 de março de 1990", finds: ["12 de março de 1990"] },
    { text: "född den 12 mars 1990, födelsedatum 1990-03-12", finds: ["12 mars 1990", "1990-03-12"] },
    { text: "født den 12. marts 1990, fødselsdato: 12.03.1990", finds: ["12. marts 1990", "12.03.1990"] },
    { text: "syntynyt 12. maaliskuuta 1990, syntymäaika 12.3.1990", finds: ["12. maaliskuuta 1990", "12.3.1990"] },
    { text: "datum narození: 12. března 1990, narozena 12. 3. 1990", finds: ["12. března 1990", "12. 3. 1990"] },
    { text: "dátum narodenia: 12. marca 1990", finds: ["12. marca 1990"] },
    { text: "született: 1990. március 12., születési idő: 1990.03.12.", finds: ["1990. március 12.", "1990.03.12."] },
    { text: "data nașterii: 12 martie 1990", finds: ["12 martie 1990"] },
    {
      text: "datum rođenja: 12. ožujka 1990., datum rojstva: 12. marec 1990",
      finds: ["12. ožujka 1990", "12. marec 1990"],
    },
    { text: "дата на раждане: 12 март 1990 г.", finds: ["12 март 1990"] },
    { text: "ημερομηνία γέννησης: 12 Μαρτίου 1990", finds: ["12 Μαρτίου 1990"] },
    { text: "sünniaeg: 12. märts 1990", finds: ["12. märts 1990"] },
    { text: "dzimšanas datums: 1990. gada 12. marts", finds: ["1990. gada 12. marts"] },
    { text: "gimimo data: 1990 m. kovo 12 d.", finds: ["1990 m. kovo 12"] },
    { text: "data tat-twelid: 12 ta' Marzu 1990", finds: ["12 ta' Marzu 1990"] },
    { text: "dáta breithe: 12 Márta 1990", finds: ["12 Márta 1990"] },
  ]);
});

describe("a date of birth is found in records", () => {
  checkRows("DATE_OF_BIRTH", [
    { text: '{"birthDate":"1990-03-12","date_of_birth": "1990-03-13T00:00:00Z"}', finds: ["1990-03-12", "1990-03-13"] },
    { text: "geburtsdatum=12.03.1990&x=1", finds: ["12.03.1990"] },
    { text: "dob: 19900312", finds: ["19900312"] },
    { text: "Date of birth\n12 May 1990", finds: ["12 May 1990"] },
    { text: "d.o.b. 12-Mar-1990", finds: ["12-Mar-1990"] },
    { text: "was born in London on 12 May 1990", finds: ["12 May 1990"] },
    { text: "dob;21.4.1964", finds: ["21.4.1964"] },
    {
      text: "urodziłam się 12 marca 1990, nací el 12 de marzo de 1990",
      finds: ["12 marca 1990", "12 de marzo de 1990"],
    },
    {
      text: "Narodil som sa 12. marca 1990; Γεννήθηκα στις 12 Μαρτίου 1990",
      finds: ["12. marca 1990", "12 Μαρτίου 1990"],
    },
    {
      text: "narozen 28. listopadu 1958, rođ. 20. studenoga 1958.",
      finds: ["28. listopadu 1958", "20. studenoga 1958"],
    },
    { text: "Aino Virtanen (s. 19.1.1986), s.: 19. tammikuuta 1986", finds: ["19.1.1986", "19. tammikuuta 1986"] },
  ]);
});

describe("other dates, and days that the calendar has not, are left alone", () => {
  checkRows("DATE_OF_BIRTH", [
    { text: "meeting on 12 March 1990, 2024-05-01 14:30, 01.05.2024", finds: [] },
    { text: "DOB: 31.02.1990, born 1990, born on 45.13.1990, DOB 1990-13-12", finds: [] },
    { text: "born in Berlin. The contract of 12.03.2020 ended", finds: [] },
    { text: "stillborn 12.03.1990, newborn care 12.03.1990 unborn 12.03.1990", finds: [] },
    { text: "vgl. S. 12.5.2020, (s. 12.05.2020), s. 12.5.2020, S. 3: 12.05.2020", finds: [] },
    { text: "today's 12.05.2020, §§ 3 s. 12.05.2020, Anna's 1.2.2020", finds: [] },
    { text: "DOB: unknown\nadmitted 12.03.2020", finds: [] },
    { text: "version 12.03.1990 of the birth register", finds: [] },
    { text: "SKU AB-12-CD, build 7f3a9c2, 2026-11-21T10:00:00Z", finds: [] },
  ]);
});
