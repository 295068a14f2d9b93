import { describe, expect, it } from "vitest";
import { detect } from "../detect.ts";
import { checkRows, valuesOf } from "../test/rows.ts";

/** Made up, and written in two halves so that no scanner of repositories mistakes this file for a leak. */
const HEX = "9f86d081884c7d659a2feaa0" + "c55ad015";
const ALNUM = "aB3dE5fG7hJ9kL1mN3pQ5rS7" + "tU9vW1xY3zA5bC7dE9f";
const token = (prefix: string, length: number): string => prefix + ALNUM.repeat(3).slice(0, length);
const finding = (value: string, around: (value: string) => string = (v) => `key ${v}.`) => ({
  text: around(value),
  finds: [value],
});

describe("a token that names its provider is found", () => {
  checkRows("SECRET", [
    finding(token("sk-" + "ant-api03-", 60)),
    finding(token("sk-" + "proj-", 48)),
    finding(token("sk-", 48), (v) => `export OPENAI_API_KEY=${v}\n`),
    finding("sk-" + HEX, (v) => `"${v}"`),
    finding(token("gh" + "p_", 36)),
    finding(token("github_" + "pat_", 22) + "_" + ALNUM.slice(0, 30)),
    finding(token("gl" + "pat-", 20)),
    finding("xox" + "b-123456789012-1234567890123-" + ALNUM.slice(0, 24)),
    finding("AKIA" + "IOSFODNN7QXAMPLE", (v) => `aws_access_key_id=${v}`),
    finding(token("AI" + "za", 35)),
    finding(token("sk_" + "live_", 24)),
    finding(token("rk_" + "live_", 24)),
    finding(token("np" + "m_", 36)),
    finding(token("h" + "f_", 34)),
    finding("eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0.abc-def_123"),
    finding("eyJhbGciOiJub25lIn0." + "eyJzdWIiOiIxMjM0In0", (v) => `${v}. Next`),
  ]);
});

describe("a secret is found by the name before it", () => {
  checkRows("SECRET", [
    finding("RTC8CMWY42$x", (v) => `På blanketten står lösenord ${v}.`),
    finding("Winter2024!", (v) => `my password ${v} does not work`),
    finding("yQKY5504$x", (v) => `Senha - ${v}`),
    finding("nRZrgH31$x", (v) => `password;${v}`),
    finding("correct-horse-9", (v) => `the password is "${v}", pin 1234`),
    finding("1Wjw6BQMa56!", (v) => `Passwort:\n${v}\n`),
    finding("YrlVwVD42", (v) => `Passphrase       ${v}\n`),
    finding("0v9cxY0309!", (v) => `| Passwort | ${v} |`),
    finding("DxLbyY73$x", (v) => `**Wachtwoord:** ${v}`),
    finding("ukzSDJ93#", (v) => `Zaporka:\t${v}`),
    finding("r87MOo24", (v) => `zaporka je ${v}, molim`),
    finding("A8Gweou06#", (v) => `κωδικός πρόσβασης: ${v}`),
    finding("nGKE2Uzh1Lm0ggP8oG7RORJ7jmjFrQio", (v) => `Kan I tjekke auth token ${v}?`),
    finding("bLl5ol7AWG0Y99ictfvTclCR2bl1k", (v) => `Mon SECRET_KEY est ${v}, merci`),
    finding("hunter2!x", (v) => `password=${v}`),
    finding("hunter2", (v) => `DB_PASSWORD="${v}"`),
    finding("hunter2x", (v) => `spring.datasource.password: ${v}\nuser: x`),
    finding("hunter2x", (v) => `{"password":"${v}","a":1}`),
    finding("hunter2x", (v) => `{'password': '${v}'}`),
    finding("hunter2x", (v) => `config["password"] = "${v}"`),
    finding("hunter2x", (v) => `<password>${v}</password>`),
    finding("hunter2x", (v) => `curl --password ${v} -v`),
    finding("hunter2x", (v) => `{\\"password\\":\\"${v}\\"}`),
    finding("hunter2x", (v) => `user=joe&password=${v}&remember=1`),
    finding("Str0ng!Pass", (v) => `Server=db;User Id=sa;Password=${v};Encrypt=true`),
    finding("Tr0ub4dor&3", (v) => `my password is ${v}`),
    finding("Winter2024!", (v) => `Das Passwort lautet: ${v}`),
    finding("Hiver2024!", (v) => `mot de passe : ${v}`),
    finding("Verano2024!", (v) => `contraseña: ${v}`),
    finding("Zima2024!", (v) => `hasło: ${v}`),
    finding(HEX, (v) => `api_key: ${v}`),
    finding(HEX, (v) => `"apiKey": "${v}"`),
    finding(HEX, (v) => `X-Api-Key: ${v}`),
    finding(HEX, (v) => `client_secret = '${v}'`),
    finding(HEX, (v) => `Authorization: Bearer ${v}`),
    finding("dXNlcjpwYXNzd29yZDEy", (v) => `Authorization: Basic ${v}`),
    finding("wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYQXAMPLEKEY", (v) => `aws_secret_access_key = ${v}`),
    finding("$2b$12$abcdefghijklmnopqrstuv", (v) => `password: ${v}`),
    finding("123456", (v) => `password: ${v}`),
  ]);
});

describe("what stands where a secret would, and is none", () => {
  checkRows("SECRET", [
    { text: "password SHA256 or PBKDF2, password AES-256-GCM, the password Argon2id, token 1234567890", finds: [] },
    { text: "the token is required2, a password of 12 characters, password min8chars", finds: [] },
    { text: "password: string, token: boolean, secret: null", finds: [] },
    { text: "password = getPassword(user1), token = request.headers.get('x1')", finds: [] },
    { text: "password: process.env.DB_PASS1, secret=config.secret1", finds: [] },
    { text: "password=${DB_PASS1} token={{ secrets.T0KEN }} pwd=$PASS1", finds: [] },
    { text: "api_key=YOUR_API_KEY_1234 password=********", finds: [] },
    { text: "password: [SECRET_1] token: [SECRET_12]", finds: [] },
    { text: "password reset, password policy 2024, password: required", finds: [] },
    { text: "max_tokens: 4096123456789, token_type: bearer, tokens=123456789012345", finds: [] },
    { text: "PWD=/home/user1/project", finds: [] },
    { text: "password: https://example.com/reset1", finds: [] },
    { text: "jwt: /^[A-Za-z0-9-_]+\\.[A-Za-z0-9-_]+$/", finds: [] },
    { text: "secretary: 12345678901a, keyboard: qwertz123456", finds: [] },
    { text: "the monkey: b4n4n4b4n4n4 and donkey=1a2b3c4d5e6f7g", finds: [] },
    { text: "password_hash_algorithm=bcrypt12", finds: [] },
    { text: `commit ${HEX}abcdef01, sha256:${HEX}${HEX}`, finds: [] },
    { text: "class sk-folding-cube sk-cube1 sk-learn-contrib", finds: [] },
    { text: "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx sk-................", finds: [] },
    { text: "npm_config_registry npm_lifecycle_event eyJhbGci", finds: [] },
    {
      text: "AKIA" + "IOSFODNN7EXAMPLE aws_secret_access_key=wJalrXUtnFEMI/" + "K7MDENG/bPxRfiCYEXAMPLEKEY",
      finds: [],
    },
    { text: '"integrity": "sha512-aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9f=="', finds: [] },
    { text: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", finds: [] },
  ]);
});

const BODY = Array.from({ length: 6 }, (_, line) => ALNUM.slice(line) + ALNUM.slice(0, 21 + line)).join("\n");
const pem = (label: string, body = BODY): string => `-----BEGIN ${label}-----\n${body}\nab3d==\n-----END ${label}-----`;

describe("a private key block is one secret", () => {
  checkRows("SECRET", [
    finding(pem("PRIVATE KEY"), (v) => `before\n${v}\nafter`),
    finding(pem("RSA PRIVATE KEY"), (v) => `key="${v}"`),
    finding(pem("OPENSSH PRIVATE KEY")),
    finding(pem("PGP PRIVATE KEY BLOCK", `Version: GnuPG v2\nComment: none of it\n\n${BODY}`)),
    finding(pem("EC PRIVATE KEY", `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,ABC1\n\n${BODY}`)),
    finding(pem("PRIVATE KEY").replaceAll("\n", "\\n"), (v) => `{"private_key": "${v}"}`),
    finding(pem("PRIVATE KEY").replaceAll("\n", "\r\n")),
    finding(pem("PRIVATE KEY").replaceAll("\n", " ")),
    finding(pem("PRIVATE KEY", "abc")),
    { text: pem("CERTIFICATE"), finds: [] },
    { text: pem("PUBLIC KEY"), finds: [] },
  ]);

  it("without its end reaches to the last line of the key", () => {
    const cut = `-----BEGIN PRIVATE KEY-----\n${BODY}`;
    expect(valuesOf("SECRET", `${cut}\n\nThis is prose again, and it is left alone.`)).toEqual([cut]);
    expect(valuesOf("SECRET", cut)).toEqual([cut]);
  });

  it("that is only a header is still a finding", () => {
    expect(valuesOf("SECRET", "it begins with -----BEGIN PRIVATE KEY----- and so on")).toEqual([
      "-----BEGIN PRIVATE KEY-----",
    ]);
  });

  it("longer than its bound is covered by findings that follow one another", () => {
    const long = `-----BEGIN PRIVATE KEY-----\n${`${ALNUM}${ALNUM}\n`.repeat(400)}-----END PRIVATE KEY-----`;
    const findings = detect(`x ${long} y`);
    expect(findings.length).toBeGreaterThan(1);
    expect(findings[0]?.start).toBe(2);
    expect(findings.at(-1)?.end).toBe(2 + long.length);
    for (const [index, { start }] of findings.entries()) if (index > 0) expect(start).toBe(findings[index - 1]?.end);
  });
});

describe("a secret", () => {
  it("outranks everything it contains or touches", () => {
    const text = "password=john1@example.com";
    expect(detect(text).map((f) => [f.type, text.slice(f.start, f.end)])).toEqual([["SECRET", "john1@example.com"]]);
  });

  it("longer than the window is covered to its end", () => {
    const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJ${ALNUM.repeat(200)}.${ALNUM}`;
    const findings = detect(`x ${jwt} y`);
    expect(findings[0]?.start).toBe(2);
    expect(findings.at(-1)?.end).toBe(2 + jwt.length);
    for (const [index, { start }] of findings.entries()) if (index > 0) expect(start).toBe(findings[index - 1]?.end);
  });
});
