import assert from "node:assert/strict";
import { test } from "node:test";
import { decompressRtf } from "../../../src/core/tnef/compressed-rtf.ts";
import { readRtf } from "../../../src/core/tnef/rtf-text.ts";
import { ascii, concat, hex, uint32 } from "./tnef-writer.ts";

const MAX = 1024 * 1024;
const HELLO = hex(
  "2D0000002B0000004C5A4675F1C5C7A703000A007263706731323542320AF32068656C090020627705B06C647D0A800FA0",
);
const OVERLAP = hex("1A0000001C0000004C5A4675E2D44B51410004205758595A0D6E7D010EB0");

function text(octets: Uint8Array | undefined): string | undefined {
  return octets === undefined ? undefined : Buffer.from(octets).toString("latin1");
}

test("decompressRtf reads references into what the ring holds at the start ([MS-OXRTFCP] 4.1)", () => {
  assert.equal(text(decompressRtf(HELLO, MAX)), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
});

test("decompressRtf reads a reference that overlaps what it writes ([MS-OXRTFCP] 4.2)", () => {
  assert.equal(text(decompressRtf(OVERLAP, MAX)), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
});

test("decompressRtf reads what was not compressed", () => {
  const rtf = ascii("{\\rtf1 plain}");
  const stored = concat(uint32(rtf.length + 12), uint32(rtf.length), ascii("MELA"), uint32(0), rtf);
  assert.equal(text(decompressRtf(stored, MAX)), "{\\rtf1 plain}");
  assert.equal(text(decompressRtf(stored, 5)), "{\\rtf");
});

test("decompressRtf gives what there is when the octets end early, and no more than it may", () => {
  for (let length = 0; length < HELLO.length; length++) {
    const part = text(decompressRtf(HELLO.subarray(0, length), MAX));
    assert.equal(part === undefined, length < 16, `${length}`);
    assert.ok(
      "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n".startsWith(part ?? ""),
      `${length}: ${part}`,
    );
  }
  assert.equal(text(decompressRtf(HELLO, 6)), "{\\rtf1");
});

test("decompressRtf allocates by what is there, not by what is claimed", () => {
  const claims = concat(uint32(0xffffffff), uint32(0xffffffff), ascii("LZFu"), uint32(0), hex("0041"));
  assert.equal(decompressRtf(claims, 0xffffffff)?.buffer.byteLength, 18);
});

test("decompressRtf reads nothing that is not its format", () => {
  assert.equal(decompressRtf(concat(new Uint8Array(8), ascii("GZIP"), uint32(0), hex("00")), MAX), undefined);
});

const RTF: readonly { name: string; rtf: string; text: string }[] = [
  { name: "text", rtf: "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", text: "hello world" },
  { name: "paragraphs, lines and tabs", rtf: "{\\rtf1 a\\par b\\line c\\tab d}", text: "a\nb\nc\td" },
  { name: "line ends of the file, which mean nothing", rtf: "{\\rtf1 a\r\nb\nc}", text: "abc" },
  { name: "escaped braces and backslashes", rtf: "{\\rtf1 \\{a\\}\\\\b}", text: "{a}\\b" },
  { name: "octets of the document's code page", rtf: "{\\rtf1\\ansicpg1251 \\'cf\\'f0\\'e8}", text: "При" },
  {
    name: "octets of the font's code page",
    rtf: "{\\rtf1\\ansicpg1252{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset204 Arial Cyr;}}\\f1\\'cf\\f0\\'fc}",
    text: "Пü",
  },
  { name: "characters of two octets", rtf: "{\\rtf1\\ansicpg932 \\'93\\'fa\\'96\\'7b}", text: "日本" },
  { name: "a second octet that is a letter", rtf: "{\\rtf1\\ansicpg932 \\'83A}", text: "ア" },
  {
    name: "Unicode and what stands in for it",
    rtf: "{\\rtf1\\uc1 \\u8364?x\\u-10179?\\u-8704?}",
    text: "€x😀",
  },
  { name: "no stand-in", rtf: "{\\rtf1\\uc0\\u8364 x}", text: "€x" },
  { name: "two octets that stand in", rtf: "{\\rtf1\\uc2\\u8364\\'80\\'80x}", text: "€x" },
  {
    name: "fonts, colours, styles and information",
    rtf: "{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\colortbl;\\red0;}{\\stylesheet{s;}}{\\info{\\title t}}a}",
    text: "a",
  },
  {
    name: "groups that may be left out",
    rtf: "{\\rtf1{\\*\\generator Outlook;}a{\\*\\unknown{b}c}d}",
    text: "ad",
  },
  { name: "symbols", rtf: "{\\rtf1 a\\~b\\_c\\lquote d\\rquote\\emdash e}", text: "a\u00a0b-c‘d’—e" },
  {
    name: "words that end at a digit, a blank or another word",
    rtf: "{\\rtf1\\b1a\\b0 b\\i\\b c}",
    text: "abc",
  },
  { name: "data that \\bin announces", rtf: "{\\rtf1 a\\bin3 }}}b}", text: "ab" },
  { name: "groups that are not closed", rtf: "{\\rtf1 a{\\b b", text: "ab" },
  { name: "groups that were not opened", rtf: "{\\rtf1 a}}}b", text: "ab" },
  { name: "a backslash at the end", rtf: "{\\rtf1 a\\", text: "a" },
  { name: "half of an octet", rtf: "{\\rtf1 a\\'4", text: "a?" },
  { name: "words of every object", rtf: "{\\rtf1 a\\constructor b\\toString c}", text: "abc" },
  { name: "markup that only HTML has", rtf: "{\\rtf1 a{\\*\\htmltag64 <p>}b}", text: "ab" },
];

for (const { name, rtf, text: expected } of RTF) {
  test(`readRtf reads ${name}`, () => {
    assert.deepEqual(readRtf(ascii(rtf)), { kind: "text", text: expected });
  });
}

test("readRtf gives back the HTML that the RTF was made from ([MS-OXRTFEX] 2.1.3)", () => {
  const rtf =
    "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0\\fswiss Arial;}}" +
    "{\\*\\htmltag18 <html>}{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Caf\\'e9 {\\*\\htmltag84 &amp;}" +
    "\\htmlrtf &\\htmlrtf0  tea\\htmlrtf\\par}\\htmlrtf0{\\*\\htmltag72 </p>}{\\*\\mhtmltag64 <q>}{\\*\\htmltag27 </html>}}";
  assert.deepEqual(readRtf(ascii(rtf)), { kind: "html", text: "<html><p>Café &amp; tea</p></html>" });
});

test("readRtf reads a million octets of groups and of words in linear time", () => {
  for (const piece of ["{", "}", "\\b", "\\'", "\\u1", "{\\*", "\\fonttbl{\\f1\\fcharset204 ", "\\par\n"]) {
    const octets = ascii(piece.repeat(1_000_000 / piece.length));
    const started = performance.now();
    readRtf(octets);
    assert.ok(performance.now() - started < 60_000, piece);
  }
});
