import { describe } from "vitest";
import { checkRows } from "../test/rows.ts";

describe("an order number is found behind a word for an order", () => {
  checkRows("ORDER_NUMBER", [
    { text: "Send a refund to john.doe@example.com for order #12345", finds: ["#12345"] },
    { text: "order number 2024-00123.", finds: ["2024-00123"] },
    { text: "Order no. A-10023, order nr: 10024, Order ID 10025", finds: ["A-10023", "10024", "10025"] },
    { text: "my order 1234567 has not arrived", finds: ["1234567"] },
    { text: "Re: Order 1234567, my order is 1234568; re order 1234569", finds: ["1234567", "1234568", "1234569"] },
    {
      text: "η παραγγελία μου είναι 1234567, a rendelésem 1234568, tilauksesi 1234569",
      finds: ["1234567", "1234568", "1234569"],
    },
    { text: "executive order 13526, order of 12345, re-order 1234567, createOrder(12345)", finds: [] },
    { text: "the number of your order is 123456", finds: ["123456"] },
    { text: "orders #101, #102 and #103", finds: ["#101", "#102", "#103"] },
    { text: "ORDER: 303-1234567-1234567", finds: ["303-1234567-1234567"] },
    { text: "Bestellnummer 4711-0815, Bestellung Nr. 123456", finds: ["4711-0815", "123456"] },
    { text: "Ihre Bestellung mit der Nummer 99812 ist da", finds: ["99812"] },
    { text: "commande n° 55123, numéro de commande : FR-8812", finds: ["55123", "FR-8812"] },
    { text: "número de pedido 998877, pedido nº 998878", finds: ["998877", "998878"] },
    { text: "ordine n. 445566, numero d'ordine: 445567", finds: ["445566", "445567"] },
    { text: "bestelnummer 10203, bestelling #10204", finds: ["10203", "#10204"] },
    { text: "numer zamówienia: 12345, zamówienie nr 12346", finds: ["12345", "12346"] },
    { text: "encomenda nº 778899, número da encomenda 778900", finds: ["778899", "778900"] },
    { text: "beställningsnummer 31415, order nr 31416", finds: ["31415", "31416"] },
    { text: "ordrenummer: 27182, bestilling nr. 27183", finds: ["27182", "27183"] },
    { text: '{"orderId": 991823, "order_number": "B-77123"}', finds: ["991823", "B-77123"] },
    { text: "orderNumber=55512, order # 55513, pedido № 55514", finds: ["55512", "55513", "55514"] },
    { text: "NUMÉRO DE COMMANDE: 55124", finds: ["55124"] },
    { text: "nume\u0301ro de commande 55125", finds: ["55125"] },
  ]);
});

describe("customer and account numbers likewise", () => {
  checkRows("CUSTOMER_NUMBER", [
    { text: "Kundennummer: 4711008", finds: ["4711008"] },
    { text: "Kunden-Nr. 88123 / customer no. 88124", finds: ["88123", "88124"] },
    { text: "numéro client 123456, n° client : 123457, code client AB1234", finds: ["123456", "123457", "AB1234"] },
    { text: "número de cliente 5544, codice cliente 778812", finds: ["5544", "778812"] },
    {
      text: "klantnummer 9981, numer klienta 5512, kundnummer 6612, kundenummer 7712",
      finds: ["9981", "5512", "6612", "7712"],
    },
    { text: "Kd.-Nr. 12345, member number 88125", finds: ["12345", "88125"] },
    { text: '"customer_id": 8812', finds: ["8812"] },
    { text: "client_id: 1234567890, clientId=9876543", finds: [] },
    { text: "timeout client 50000", finds: [] },
    { text: "customer since 20190401, 12000 customers", finds: [] },
  ]);
  checkRows("ACCOUNT_NUMBER", [
    { text: "account number 12345678", finds: ["12345678"] },
    { text: "account number 12 3456 7890 at the bank", finds: ["12 3456 7890"] },
    { text: "Kontonummer: 0532013000, BLZ 37040044", finds: ["0532013000"] },
    { text: "compte n° 12345678, numéro de compte 12345679", finds: ["12345678", "12345679"] },
    { text: "número de cuenta 00120345, conto n. 123456", finds: ["00120345", "123456"] },
    {
      text: "rekeningnummer 123456789, numer rachunku 1234567, número da conta 765432",
      finds: ["123456789", "1234567", "765432"],
    },
    { text: "account balance 123456 EUR", finds: [] },
    { text: "account: 5000.00", finds: [] },
  ]);
});

describe("other numbers near such words are left alone", () => {
  checkRows("ORDER_NUMBER", [
    { text: "reorder 123456, re-order 123456, preordered 123456", finds: [] },
    { text: "the public 1234567, borderline 12345, disorder 12345", finds: [] },
    { text: "order 3 pizzas for 20 people in order to eat", finds: [] },
    { text: "order on 2024-05-01 or 12.05.2024, order date: 20240501", finds: [] },
    { text: "order total: 15000, order total 15000 EUR, order 12,500 units, order 120.50", finds: [] },
    { text: "I cancelled my order. 12345 people did too.", finds: [] },
    { text: "my order is late\n12345 is a number", finds: [] },
    { text: "Executive Order 13011", finds: [] },
    { text: "order $12345, order €12345, order 12345%", finds: [] },
    { text: "* fix export map order ([#74](https://github.com/x/y/issues/74))", finds: [] },
    { text: "{ body: 'Order' }, response: { 200: 1 }", finds: [] },
    { text: "order [ORDER_NUMBER_12] and order number [ORDER_NUMBER_123]", finds: [] },
    { text: "issue #12345, chapter #12", finds: [] },
    { text: '{"id": 12345678, "user_id": 87654321, "created": 1700000000}', finds: [] },
  ]);
});

/** Language → what forms, shops and people in a hurry write before an order, a customer's number, an account. */
const IN_OTHER_LANGUAGES: Readonly<Record<string, readonly [order: string, customer: string, account: string]>> = {
  bg: ["номер на поръчка|поръчка №", "клиентски номер|номер на клиент", "номер на сметка|сметка №"],
  cs: ["číslo objednávky|objednávka č.|cislo_objednavky", "číslo zákazníka|zákaznické číslo", "číslo účtu|účet č."],
  da: ["ordrenr.|bestilling nr.", "kundenr.|kundenummer", "kontonr.|konto nr."],
  el: ["αριθμός παραγγελίας|ΑΡΙΘΜΟΣ ΠΑΡΑΓΓΕΛΙΑΣ|αρ. παραγγελίας", "κωδικός πελάτη", "αρ. λογαριασμού"],
  et: ["tellimuse number|tellimus nr", "kliendinumber|kliendi number", "kontonumber|konto nr"],
  fi: ["tilausnumero|tilauksen numero|tilausnro", "asiakasnumero|asiakasnro.", "tilinumero|tilin numero"],
  ga: ["uimhir ordaithe", "uimhir chustaiméara", "uimhir chuntais"],
  hr: ["broj narudžbe|narudžba br.", "broj kupca|korisnički broj|šifra kupca", "broj tekućeg računa|žiro račun br."],
  hu: ["rendelésszám|rendelés száma|megrendelés száma", "ügyfélszám|vevőkód", "számlaszám|bankszámlaszám"],
  is: ["pöntunarnúmer|pöntun nr.", "viðskiptanúmer", "reikningsnúmer"],
  lb: ["Bestellnummer|Bestellung Nr.", "Client Nr.", "Kontonummer|Kont Nr."],
  lt: ["užsakymo numeris|užsakymas Nr.|UŽSAKYMO NR.", "kliento numeris|kliento kodas", "sąskaitos numeris"],
  lv: ["pasūtījuma numurs|pasūtījums Nr.", "klienta numurs|klienta kods", "konta numurs|konts Nr."],
  mt: ["numru tal-ordni", "numru tal-klijent", "numru tal-kont"],
  nb: ["ordrenummer|ordrenr.|bestillingsnr.", "kundenummer|kundenr.", "kontonummer|kontonr."],
  ro: ["număr comandă|comanda nr.|nr. comenzii", "cod client|nr. client", "număr de cont|cont nr."],
  sk: ["číslo objednávky|objednávka č.", "zákaznícke číslo|číslo zákazníka", "číslo účtu|č. účtu"],
  sl: ["številka naročila|naročilo št.|št. naročila", "številka stranke|št. kupca", "transakcijski račun št.|TRR št."],
  sv: ["ordernr.|beställningsnr", "kundnr.|kundnummer", "kontonr.|bankgiro nr"],
};

describe.each(Object.entries(IN_OTHER_LANGUAGES))("labels in %s", (_, labels) => {
  for (const [index, type] of (["ORDER_NUMBER", "CUSTOMER_NUMBER", "ACCOUNT_NUMBER"] as const).entries()) {
    checkRows(
      type,
      (labels[index] ?? "").split("|").flatMap((label) => [
        { text: `${label} 4711082`, finds: ["4711082"] },
        { text: `${label}: 4711082.`, finds: ["4711082"] },
      ]),
    );
  }
});

describe("account numbers are found as each country writes them", () => {
  checkRows("ACCOUNT_NUMBER", [
    { text: "číslo účtu: 19-2000145399/0800", finds: ["19-2000145399/0800"] },
    { text: "nr konta 73 1381 3282 8354 6978 5443 2320.", finds: ["73 1381 3282 8354 6978 5443 2320"] },
    { text: "számlaszám: 11773016-11111018-00000000", finds: ["11773016-11111018-00000000"] },
    { text: "kontonr. 1234.56.78901 i banken", finds: ["1234.56.78901"] },
    { text: "rekeningnummer 12.34.56.789", finds: ["12.34.56.789"] },
    { text: "plusgiro 12 34 56-7, kontonr 123 456 789-0", finds: ["12 34 56-7", "123 456 789-0"] },
    { text: "reikningsnúmer 0101-26-012345", finds: ["0101-26-012345"] },
    { text: "konto 1.234.567,89 EUR; konto 12.05.2024; account 10.0.0.17; account version 12.34.56", finds: [] },
    { text: "order number 1234.56.78901", finds: [] },
  ]);
});

describe("a number stands in the cell or the field behind its label", () => {
  checkRows("ORDER_NUMBER", [
    { text: "orderNo;4711082", finds: ["4711082"] },
    { text: 'orderNo;"A-471108"', finds: ["A-471108"] },
    { text: "orderNo\t4711082", finds: ["4711082"] },
    { text: "<orderNo>4711082</orderNo>", finds: ["4711082"] },
    { text: "we took the order; 4711082 is something else", finds: [] },
    { text: "Order number\n4711082\n", finds: ["4711082"] },
    { text: "Číslo objednávky:\r\n  A-471108", finds: ["A-471108"] },
    { text: "<tr><td>Order id</td><td>A-808006</td></tr>", finds: ["A-808006"] },
    { text: "<dt>Номер на поръчка</dt>\n  <dd>49241731</dd>", finds: ["49241731"] },
    { text: "| Bestelnummer | 4711082 |", finds: ["4711082"] },
    { text: "Bestellnummer        4711082      12.05.2025", finds: ["4711082"] },
    { text: "we look at every order\n1718350246 connected\n20240115 order", finds: [] },
    { text: "Order numbers\n4711082 of them\n", finds: [] },
    { text: "invoice no. 4711082, faktura č. 4711082, sąskaita faktūra Nr. 4711082", finds: [] },
  ]);
});

describe("invoices of Croatia and Slovenia are called as accounts are, and are none", () => {
  checkRows("ACCOUNT_NUMBER", [
    { text: "Račun br. 125/1/1, broj računa 4711082, številka računa 2024-00123", finds: [] },
  ]);
});
