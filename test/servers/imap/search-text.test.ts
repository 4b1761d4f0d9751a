import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  foldText,
  MessageParser,
  readSearchableText,
  type SearchableText,
  TextCollector,
} from "../../../src/core/mime/mime.ts";
import type { ImapClient } from "./imap-client.ts";
import { startImap } from "./imap-fixture.ts";

/** Words that fold, decompose and encode in many ways; what a charset cannot write is not written in it. */
const WORDS = [
  ...["grüße", "STRASSE", "straße", "ﬁn", "ŒUVRE", "naïve", "Ångström", "A\u030angstrom", "x", "a&b", "100%"],
  ...[
    "Ὀδυσσεύς",
    "ΟΔΥΣΣΕΥΣ",
    "привет",
    "МИР",
    "日本語",
    "テキスト",
    "👋🏽 hi",
    "ǅ",
    "İstanbul",
    "ıi",
    "e\u0301e",
  ],
  ...[
    '"quoted"',
    "back\\slash",
    "tab\tbed",
    "two  spaces",
    "=?utf-8?q?no?=",
    "<b>bold</b>",
    "NOT",
    "OR",
    "*",
  ],
] as const;

type Charset = "utf-8" | "iso-8859-1" | "windows-1251" | "iso-8859-7" | "utf-16le" | "shift_jis";
type Encoding = "8bit" | "quoted-printable" | "base64";

/** Octets of a text in a charset; undefined when it has characters that the charset does not. */
function encodeText(text: string, charset: Charset): Buffer | undefined {
  if (charset === "utf-8") return Buffer.from(text, "utf8");
  if (charset === "utf-16le") return Buffer.from(text, "utf16le");
  const decoder = new TextDecoder(charset);
  const octets = new Map<string, number[]>();
  for (let octet = 0; octet < 256; octet++) {
    octets.set(decoder.decode(Uint8Array.of(octet)), [octet]);
    if (charset !== "shift_jis" || octet < 0x81) continue;
    for (let second = 0x40; second < 0xfd; second++) {
      octets.set(decoder.decode(Uint8Array.of(octet, second)), [octet, second]);
    }
  }
  octets.delete("\ufffd");
  const encoded = [...text].map((character) => octets.get(character));
  return encoded.every((pair) => pair !== undefined) ? Buffer.from(encoded.flat()) : undefined;
}

function transferEncode(octets: Buffer, encoding: Encoding): string {
  if (encoding === "8bit") return octets.toString("latin1");
  if (encoding === "base64") return octets.toString("base64").replace(/.{1,20}/g, "$&\r\n");
  const quoted = octets
    .toString("latin1")
    .replace(/[^!-<>-~]/g, (octet) => `=${octet.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`);
  return quoted.replace(/(?:=[0-9A-F]{2}|[^=]){1,20}/g, "$&=\r\n");
}

const text = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(" "));

const textPart = fc
  .record({
    text,
    charset: fc.constantFrom<Charset>(
      "utf-8",
      "iso-8859-1",
      "windows-1251",
      "iso-8859-7",
      "utf-16le",
      "shift_jis",
    ),
    encoding: fc.constantFrom<Encoding>("8bit", "quoted-printable", "base64"),
    subtype: fc.constantFrom("plain", "html"),
    isAttachment: fc.boolean(),
  })
  .map((part) => {
    const own = encodeText(part.text, part.charset);
    const charset = own === undefined ? "utf-8" : part.charset;
    // UTF-16 is no text to whoever looks for line ends.
    const encoding = charset === "utf-16le" ? "base64" : part.encoding;
    const head = [
      `Content-Type: text/${part.subtype}; charset=${charset}`,
      `Content-Transfer-Encoding: ${encoding}`,
      ...(part.isAttachment ? ["Content-Disposition: attachment"] : []),
    ];
    const octets = own ?? Buffer.from(part.text, "utf8");
    return { text: part.text, octets: `${head.join("\r\n")}\r\n\r\n${transferEncode(octets, encoding)}` };
  });

interface MadeMessage {
  readonly octets: string;
  readonly header: readonly string[];
  readonly body: readonly string[];
}

/** Base64, for which a word may be cut anywhere but within a character. */
function encodedWord(words: string): string {
  return `=?utf-8?b?${Buffer.from(words, "utf8").toString("base64")}?=`;
}

const message = fc
  .record({
    subject: text,
    parts: fc.array(textPart, { minLength: 1, maxLength: 3 }),
    nested: fc.option(text),
    file: fc.boolean(),
  })
  .map(({ subject, parts, nested, file }): MadeMessage => {
    const inner = [
      ...parts.map(({ octets }) => octets),
      ...(nested === null
        ? []
        : [`Content-Type: message/rfc822\r\n\r\nSubject: ${encodedWord(nested)}\r\n\r\ninner`]),
      ...(file ? ["Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nSEVMTE8="] : []),
    ];
    const [only] = inner;
    const header = `From: Ann <ann@example.org>\r\nSubject: ${encodedWord(subject)}`;
    const body = [...parts.map((part) => part.text), ...(nested === null ? [] : [nested])];
    if (only !== undefined && inner.length === 1)
      return { octets: `${header}\r\n${only}`, header: [subject], body };
    const multipart = inner.map((part) => `--cut\r\n${part}\r\n`).join("");
    return {
      octets: `${header}\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n${multipart}--cut--\r\n`,
      header: [subject],
      body,
    };
  });

/** A piece of a text, in other letters perhaps, or composed in another way. */
function needleOf(words: string, cut: Cut): string {
  const characters = [...words];
  const from = cut.from % characters.length;
  const piece = characters.slice(from, from + 1 + cut.length).join("");
  return { asIs: piece, lower: piece.toLowerCase(), composed: piece.normalize("NFC") }[cut.form];
}

type Cut = { readonly from: number; readonly length: number; readonly form: "asIs" | "lower" | "composed" };

const cut = fc.record({
  from: fc.nat(60),
  length: fc.nat(12),
  form: fc.constantFrom("asIs", "lower", "composed"),
});

async function search(client: ImapClient, key: string, needle: string): Promise<number[]> {
  const octets = Buffer.from(needle, "utf8");
  const [found = ""] = await client.ok(
    `SEARCH CHARSET utf-8 ${key} {${octets.length}+}\r\n${octets.toString("latin1")}`,
  );
  return (found.match(/\d+/g) ?? []).map(Number);
}

/** What reading the message says. */
function readText(octets: string): SearchableText {
  const texts = new TextCollector();
  const parser = new MessageParser(texts);
  parser.push(Buffer.from(octets, "latin1"));
  return readSearchableText(parser.end(), texts.parts);
}

test("SEARCH BODY and TEXT find what reading every message finds, and all that was written", async (t) => {
  const seed = Number(process.env.SEED ?? 1);
  t.diagnostic(`SEED=${seed}`);
  const imap = await startImap(t);
  const client = await imap.login();
  const messages = fc.sample(message, { numRuns: 40, seed });
  for (const { octets } of messages) await client.append("INBOX", octets);
  await client.ok("SELECT INBOX");
  const texts = messages.map(({ octets }) => readText(octets));
  const cuts = fc.sample(cut, { numRuns: 80, seed });
  for (const [nth, chosen] of cuts.entries()) {
    const { header, body } = messages[nth % messages.length] as MadeMessage;
    const written = [...body, ...header];
    const at = chosen.from % written.length;
    const needle = needleOf(written[at] ?? "", chosen);
    const folded = foldText(needle);
    const inBody = texts.flatMap((found, index) => (found.body.includes(folded) ? [index + 1] : []));
    const inText = texts.flatMap(({ header, body }, index) =>
      header.includes(folded) || body.includes(folded) ? [index + 1] : [],
    );
    const name = JSON.stringify(needle);
    assert.deepEqual(await search(client, "BODY", needle), inBody, `BODY ${name}`);
    assert.deepEqual(await search(client, "TEXT", needle), inText, `TEXT ${name}`);
    assert.deepEqual(
      await search(client, "NOT TEXT", needle),
      not(inText, messages.length),
      `NOT TEXT ${name}`,
    );
    const origin = (nth % messages.length) + 1;
    assert.ok((at < body.length ? inBody : inText).includes(origin), `${name} was written in ${origin}`);
  }
});

function not(numbers: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1).filter((number) => !numbers.includes(number));
}
