import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createTransferDecoder,
  decodeCharset,
  findSection,
  foldText,
  fromOctetString,
  makePreview,
  parseMessage,
  readSearchableText,
  type SectionText,
  TextCollector,
  toOctetString,
} from "../../../src/core/mime/mime.ts";

const DECODED: readonly [encoding: string, encoded: string, decoded: string][] = [
  ["7bit", "a\r\nb", "a\r\nb"],
  ["BINARY", "\x00\xff", "\x00\xff"],
  ["base64", "aGFs\r\nbG8=\r\n", "hallo"],
  ["base64", "aGFsbG8", "hallo"],
  ["base64", "a-G(F)sbG8=", "hallo"],
  ["base64", "aGE=bGxv", "hallo"],
  ["base64", "=", ""],
  ["quoted-printable", "a=C3=BCb", "a\xc3\xbcb"],
  ["quoted-printable", "a=c3=bcb", "a\xc3\xbcb"],
  ["quoted-printable", "soft=\r\nbreak", "softbreak"],
  ["quoted-printable", "soft= \t\r\nbreak", "softbreak"],
  ["quoted-printable", "soft=\nbreak", "softbreak"],
  ["quoted-printable", "trailing \t \r\nspace", "trailing\r\nspace"],
  ["quoted-printable", "trailing \nspace", "trailing\nspace"],
  ["quoted-printable", "in ner  space", "in ner  space"],
  ["quoted-printable", "a=zz=4=", "a=zz=4"],
  ["quoted-printable", "a==41", "a=A"],
  ["quoted-printable", "a=4", "a=4"],
  ["quoted-printable", "a= b", "a= b"],
  ["quoted-printable", "bare\rreturn", "bare\rreturn"],
  ["quoted-printable", "end  ", "end  "],
];

for (const [encoding, encoded, decoded] of DECODED) {
  test(`createTransferDecoder undoes ${encoding} of ${JSON.stringify(encoded)} however it is cut`, () => {
    for (const pieces of [[encoded], [...encoded]]) {
      const decoder = createTransferDecoder(encoding);
      assert.ok(decoder !== undefined);
      const read = pieces
        .map((piece) => toOctetString(decoder.push(fromOctetString(piece)).slice()))
        .join("");
      assert.equal(read + toOctetString(decoder.end()), decoded);
    }
  });
}

test("createTransferDecoder knows no other encodings", () => {
  assert.equal(createTransferDecoder("x-uuencode"), undefined);
});

test("decodeCharset falls back to UTF-8 and then to windows-1252", () => {
  assert.equal(decodeCharset(fromOctetString("\xfc"), "iso-8859-15"), "ü");
  assert.equal(decodeCharset(fromOctetString("\xc3\xbc"), "us-ascii"), "ü");
  assert.equal(decodeCharset(fromOctetString("\xc3\xbc"), "no-such"), "ü");
  assert.equal(decodeCharset(fromOctetString("\x80"), "utf-8"), "€");
});

test("foldText finds text whatever its case and composition (RFC 5051)", () => {
  for (const [text, needle] of [
    ["Straße", "STRASSE"],
    ["Caf\u00e9", "cafe\u0301"],
    ["café", "CAFE"],
    ["ΟΔΟΣΑ", "οδος"],
    ["ＡＢＣ", "abc"],
  ] as const) {
    assert.ok(foldText(text).includes(foldText(needle)), `${text} has ${needle}`);
  }
});

const NESTED = fromOctetString(
  "Content-Type: multipart/mixed; boundary=x\r\n\r\n" +
    "--x\r\nA: 1\r\n\r\none\r\n" +
    "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: two\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n" +
    "--y\r\nB: 1\r\n\r\ntwo one\r\n--y--\r\n" +
    "--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: three\r\n\r\nthree text\r\n--x--\r\n",
);

const SECTIONS: readonly [path: number[], text: SectionText | undefined, expected: string | undefined][] = [
  [[1], undefined, "one"],
  [[1], "mime", "A: 1\r\n\r\n"],
  [[1], "header", undefined],
  [[1, 1], undefined, undefined],
  [[2], "mime", "Content-Type: message/rfc822\r\n\r\n"],
  [[2], "header", "Subject: two\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n"],
  [[2], "text", "--y\r\nB: 1\r\n\r\ntwo one\r\n--y--"],
  [[2, 1], undefined, "two one"],
  [[2, 1], "mime", "B: 1\r\n\r\n"],
  [[3], "text", "three text"],
  [[3, 1], undefined, "three text"],
  [[3, 2], undefined, undefined],
  [[4], undefined, undefined],
  [[], "header", "Content-Type: multipart/mixed; boundary=x\r\n\r\n"],
];

for (const [path, text, expected] of SECTIONS) {
  test(`findSection finds [${path.join(".")}${text === undefined ? "" : ` ${text}`}] (RFC 9051 §6.4.5.1)`, () => {
    const range = findSection(parseMessage(NESTED), path, text);
    const found = range && toOctetString(NESTED.subarray(range.start, range.end));
    assert.equal(found, expected);
  });
}

test("findSection takes part 1 of a message without parts for its body", () => {
  const message = parseMessage(fromOctetString("A: 1\r\n\r\nbody"));
  assert.deepEqual(findSection(message, [1]), message.body);
  assert.deepEqual(findSection(message, [1], "mime"), message.header);
  assert.deepEqual(findSection(message, []), { start: 0, end: 12 });
  assert.equal(findSection(message, [2]), undefined);
});

test("readSearchableText decodes headers and text parts, and leaves other parts out", () => {
  const { header, body } = searchable(
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
      "--x\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
      "sch=F6=\r\nn\r\n" +
      '--x\r\nContent-Type: application/pdf; name="=?utf-8?q?Rechnung?="\r\n\r\nhidden\r\n--x--\r\n',
  );
  assert.ok(header.includes(foldText("subject: grüße")));
  assert.ok(body.includes(foldText("schön")));
  assert.ok(body.includes("RECHNUNG"));
  assert.ok(!body.includes("HIDDEN"));
  assert.ok(!body.includes(foldText("grüße")));
});

const PREVIEWS: Readonly<Record<string, readonly [string, string]>> = {
  "the first lines": ["A: 1\r\n\r\nHello,\r\n\r\n  world \r\n", "Hello, world"],
  "no quoted lines": ["A: 1\r\n\r\n> you said\r\nI say\r\n", "I say"],
  "quoted lines alone": ["A: 1\r\n\r\n> you said\r\n", "> you said"],
  "HTML as text": [
    "Content-Type: text/html\r\n\r\n<head><title>no</title></head><style>p{}</style><p>A&amp;B<br>&#8364; &#xe9;&nbsp;</p><!-- x -->",
    "A&B € é",
  ],
  "two hundred characters": [`A: 1\r\n\r\n${"x".repeat(300)}`, "x".repeat(200)],
  "nothing of an attachment": ["Content-Disposition: attachment\r\n\r\nx", ""],
  "nothing of an image": ["Content-Type: image/png\r\n\r\nx", ""],
};

for (const [name, [wire, expected]] of Object.entries(PREVIEWS)) {
  test(`makePreview shows ${name} (RFC 8970)`, () => {
    const texts = new TextCollector();
    parseMessage(fromOctetString(wire), texts);
    assert.equal(makePreview(texts.parts), expected);
  });
}

function searchable(wire: string) {
  const texts = new TextCollector();
  const message = parseMessage(fromOctetString(wire), texts);
  return readSearchableText(message, texts.parts);
}
