import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkRows, valuesOf } from "../test/rows.ts";

const ADDRESSES: readonly string[] = [
  // Bitcoin: https://en.bitcoin.it/wiki/Invoice_address, BIP 173 and BIP 350.
  "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
  "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
  "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
  "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
  "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
  "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
  // BIP 32, test vector 1.
  "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
  // Litecoin, Dogecoin, TRON, XRP, Bitcoin Cash.
  "LdP8Qox1VAhCzLJNqrr74YovaWYyNBUWvL",
  "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
  "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
  "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
  "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
  "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
  // Monero: https://www.getmonero.org/get-started/contributing/
  "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
  // https://eips.ethereum.org/EIPS/eip-55
  "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
  "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
  "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
];

describe("an address whose checksum fits is found without any word", () => {
  it.each(ADDRESSES.map((address) => [address]))("%s", (address) => {
    for (const text of [address, `pay (${address}), thanks`, `{"to":"${address}"}`, `寄给${address}。`])
      expect(valuesOf("CRYPTO_WALLET", text)).toEqual([address]);
  });
});

it("no address is found when one character is changed", () => {
  const characters = fc.constantFrom(..."23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ");
  fc.assert(
    fc.property(fc.constantFrom(...ADDRESSES), fc.nat(), characters, (address, place, character) => {
      const from = address.startsWith("bitcoincash:") ? 12 : address.startsWith("0x") ? 2 : 1;
      const at = from + (place % (address.length - from));
      // Upper and lower case of a hexadecimal digit, and of Bech32, are the same number.
      if (address[at]?.toLowerCase() === character.toLowerCase()) return;
      if (address.startsWith("0x") && !/[0-9a-f]/i.test(character)) return;
      expect(valuesOf("CRYPTO_WALLET", `to ${address.slice(0, at)}${character}${address.slice(at + 1)} now`)).toEqual(
        [],
      );
    }),
    { numRuns: 400 },
  );
});

describe("what has no checksum needs a word for a wallet", () => {
  checkRows("CRYPTO_WALLET", [
    {
      text: "ETH wallet: 0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae",
      finds: ["0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae"],
    },
    {
      text: "Solana wallet 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV",
      finds: ["7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"],
    },
    { text: "tree 0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae", finds: [] },
    { text: "key 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV", finds: [] },
  ]);
});

describe("hashes and tokens are no addresses", () => {
  checkRows("CRYPTO_WALLET", [
    { text: "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 1da177e4c3f41524e886b7f1b8a0c1fc", finds: [] },
    { text: "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", finds: [] },
    { text: "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3 bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdx", finds: [] },
    { text: "bc1qAR0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", finds: [] },
    { text: "class Layer1ConvolutionalBackboneBlock3 extends DecoderBlock2WithAttention7", finds: [] },
  ]);
});
