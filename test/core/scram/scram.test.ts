import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deriveScramKeys, parseClientFirst, ScramExchange } from "../../../src/core/scram/scram.ts";

const CLIENT_FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const NONCE = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const CLIENT_FINAL = `c=biws,r=${NONCE},p=${PROOF}`;

function exchange(clientFirst: string, channel = "", password = "pencil"): ScramExchange {
  const first = parseClientFirst(clientFirst);
  assert.ok(first);
  const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
  return new ScramExchange(first, {
    keys: deriveScramKeys(password, { salt, iterations: 4096 }),
    serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    channel: Buffer.from(channel, "latin1"),
  });
}

test("ScramExchange says what RFC 7677 §3 says", () => {
  const scram = exchange(CLIENT_FIRST);
  assert.equal(scram.serverFirst, `r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`);
  assert.deepEqual(scram.checkFinal(CLIENT_FINAL), {
    kind: "right",
    serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
  });
});

test("ScramExchange knows a wrong proof, and a message of another exchange or channel", () => {
  const scram = exchange(CLIENT_FIRST);
  assert.deepEqual(scram.checkFinal(CLIENT_FINAL.replace("p=d", "p=e")), { kind: "wrong" });
  assert.deepEqual(exchange(CLIENT_FIRST, "", "Pencil").checkFinal(CLIENT_FINAL), { kind: "wrong" });
  for (const message of [
    "",
    "*",
    CLIENT_FINAL.replace("c=biws", "c=eSws"),
    CLIENT_FINAL.replace("c=biws", "c="),
    CLIENT_FINAL.replace("$k0,", "$k1,"),
    CLIENT_FINAL.replace(/,p=.*/, ""),
    `${CLIENT_FINAL},x=y`,
    CLIENT_FINAL.replace(",p=", ",m=must,p="),
    CLIENT_FINAL.replace(PROOF, "AAAA"),
  ]) {
    assert.deepEqual(scram.checkFinal(message), { kind: "malformed" }, message);
  }
  assert.deepEqual(exchange(CLIENT_FIRST, "channel").checkFinal(CLIENT_FINAL), { kind: "malformed" });
});

test("ScramExchange signs extensions it does not know", () => {
  assert.equal(exchange(CLIENT_FIRST).checkFinal(CLIENT_FINAL.replace(",p=", ",x=y,p=")).kind, "wrong");
});

test("parseClientFirst reads what stands in the header and the name", () => {
  assert.deepEqual(parseClientFirst("p=tls-exporter,a=b=2Cc,n=\xc3\xa4=3D=2C,r=abc,x=y"), {
    binding: { kind: "bound", type: "tls-exporter" },
    authorizeAs: "b,c",
    user: "ä=,",
    nonce: "abc",
    gs2Header: "p=tls-exporter,a=b=2Cc,",
    bare: "n=\xc3\xa4=3D=2C,r=abc,x=y",
  });
  assert.deepEqual(parseClientFirst("y,,n=a,r=b")?.binding, { kind: "unused" });
  assert.deepEqual(parseClientFirst("n,,n=a,r=b")?.binding, { kind: "unknown" });
});

test("parseClientFirst takes nothing else", () => {
  for (const message of [
    "",
    "n,",
    "n,,",
    "x,,n=a,r=b",
    "p=,,n=a,r=b",
    "n,a=,n=a,r=b",
    "n,b,n=a,r=b",
    "n,,m=must,n=a,r=b",
    "n,,n=,r=b",
    "n,,n=a=2D,r=b",
    "n,,n=a\0,r=b",
    "n,,n=a,r=",
    "n,,n=a,r=b c",
    "n,,n=a",
    "n,,r=b,n=a",
  ]) {
    assert.equal(parseClientFirst(message), undefined, message);
  }
});

test("deriveScramKeys counts with prepared passwords (RFC 4013 §3)", () => {
  const keysOf = (password: string) =>
    deriveScramKeys(password, { salt: new Uint8Array(16), iterations: 1 }).storedKey;
  for (const [written, prepared] of [
    ["I\u00adX", "IX"],
    ["\u00aa", "a"],
    ["\u2168", "IX"],
    ["a\u00a0b", "a b"],
    ["u\u0308", "ü"],
  ] as const) {
    assert.deepEqual(keysOf(written), keysOf(prepared), prepared);
  }
  assert.notDeepEqual(keysOf("USER"), keysOf("user"));
});

test("no message of a client makes SCRAM throw, and no damaged one is right", () => {
  const octet = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const damage = fc.record({
    at: fc.nat(120),
    length: fc.nat(3),
    text: fc.string({ unit: octet, maxLength: 3 }),
  });
  const apply = (message: string, { at, length, text }: { at: number; length: number; text: string }) =>
    message.slice(0, at) + text + message.slice(at + length);
  fc.assert(
    fc.property(damage, damage, (first, final) => {
      parseClientFirst(apply(CLIENT_FIRST, first));
      const damaged = apply(CLIENT_FINAL, final);
      assert.equal(SCRAM.checkFinal(damaged).kind === "right", damaged === CLIENT_FINAL);
    }),
    { numRuns: 2000 },
  );
});

const SCRAM = exchange(CLIENT_FIRST);
