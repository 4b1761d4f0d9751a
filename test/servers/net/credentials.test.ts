import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type Account, createLoginCheck, parsePasswordHash } from "../../../src/servers/net/net.ts";

/** "secret", at the lowest cost there is. */
const HASH = "$scrypt$ln=1,r=1,p=1$c29tZXNhbHQ$KsZ3SwFtOuOWIinffpNskbDb2gNDGMxuYaB/JFhHGn0";

function createCheck(secret: Account["secret"], now = () => new Date(0)) {
  return createLoginCheck({ user: "anna", domain: "example.test", secret }, { now, random: randomBytes });
}

test("createLoginCheck knows the user with and without the domain, in any letter case", async () => {
  const check = createCheck({ kind: "password", password: "pässword" });
  for (const user of ["anna", "Anna", "anna@example.test", "ANNA@Example.TEST"]) {
    assert.equal(await check(user, "pässword"), true, user);
  }
  for (const user of [
    "",
    "ann",
    "anna@",
    "anna@example.org",
    "anna@example.test@example.test",
    "@example.test",
  ]) {
    assert.equal(await check(user, "pässword"), false, user);
  }
});

test("createLoginCheck compares passwords as written, after composing characters (RFC 8265 §4.2)", async () => {
  const check = createCheck({ kind: "password", password: "pa\u0308ssword" });
  assert.equal(await check("anna", "p\u00e4ssword"), true);
  for (const password of ["", "P\u00e4ssword", "passwörd", "p\u00e4ssword ", "p\u00e4sswor"]) {
    assert.equal(await check("anna", password), false, password);
  }
});

test("createLoginCheck knows a domain in both of its spellings", async () => {
  const secret = { kind: "password", password: "x" } as const;
  const check = createLoginCheck(
    { user: "anna", domain: "bücher.example", secret },
    { now: () => new Date(0), random: randomBytes },
  );
  assert.equal(await check("anna@xn--bcher-kva.example", "x"), true);
  assert.equal(await check("anna@BÜCHER.example", "x"), true);
});

test("createLoginCheck checks hashes, remembering the good password only", async () => {
  const hash = parsePasswordHash(HASH);
  assert.ok(hash);
  let now = 0;
  const check = createCheck({ kind: "hash", hash }, () => new Date(now));
  for (const minutes of [0, 1, 11, 12]) {
    now = minutes * 60_000;
    assert.equal(await check("anna", "secret"), true);
    assert.equal(await check("anna", "Secret"), false);
    assert.equal(await check("bert", "secret"), false);
  }
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, n) => check("anna", n % 2 ? "secret" : "wrong")),
  );
  assert.deepEqual(
    many,
    Array.from({ length: 20 }, (_, n) => n % 2 === 1),
  );
});
