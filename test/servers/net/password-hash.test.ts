import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePasswordHash, verifyPassword } from "../../../src/servers/net/password-hash.ts";

const base64 = (octets: Uint8Array) => Buffer.from(octets).toString("base64").replace(/=+$/, "");

/** RFC 7914 §12. */
const SCRYPT = {
  password: "pleaseletmein",
  hash: `$scrypt$ln=14,r=8,p=1$${base64(Buffer.from("SodiumChloride"))}$${base64(
    Buffer.from(
      "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2" +
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
      "hex",
    ),
  )}`,
};
/** A test vector of the reference implementation of Argon2. */
const ARGON2ID = {
  password: "password",
  hash: "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
};

for (const { password, hash } of [SCRYPT, ARGON2ID]) {
  test(`verifyPassword ${hash.slice(0, 16)}`, async () => {
    const parsed = parsePasswordHash(hash);
    assert.ok(parsed);
    assert.equal(await verifyPassword(parsed, password), true);
    assert.equal(await verifyPassword(parsed, `${password} `), false);
  });
}

const REFUSED = [
  { name: "a password", text: "secret" },
  { name: "another algorithm", text: ARGON2ID.hash.replace("argon2id", "argon2i") },
  { name: "an old version of Argon2", text: ARGON2ID.hash.replace("v=19", "v=16") },
  { name: "what needs gigabytes", text: SCRYPT.hash.replace("ln=14", "ln=24") },
  { name: "what needs gigabytes with Argon2", text: ARGON2ID.hash.replace("m=65536", "m=9999999") },
  { name: "no cost", text: SCRYPT.hash.replace("ln=14", "ln=0") },
  { name: "less memory than Argon2 works with", text: ARGON2ID.hash.replace("m=65536", "m=7") },
  { name: "a digest anyone can guess", text: SCRYPT.hash.replace(/[^$]+$/, "aaaa") },
  { name: "a salt too short", text: ARGON2ID.hash.replace("c29tZXNhbHQ", "c29t") },
  { name: "white space at the end", text: `${SCRYPT.hash}\n` },
];

for (const { name, text } of REFUSED) {
  test(`parsePasswordHash refuses ${name}`, () => assert.equal(parsePasswordHash(text), undefined));
}
