import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

type Tree =
  | { readonly key: "BODY" | "TEXT"; readonly needle: string }
  | { readonly key: "NOT"; readonly operand: Tree }
  | { readonly key: "OR" | "AND"; readonly operands: readonly [Tree, Tree] };

/** What means something to a pattern, an index or a protocol, is in no message or in all, or ends lines. */
const HOSTILE = [
  ...[
    "",
    " ",
    "\r\n",
    "\r\nSubject",
    "subject:",
    "From: Ann <ann@example.org>\r\nSubject:",
    "--cut",
    "\\",
    '"',
  ],
  ...[
    "* OR NOT",
    "%",
    "[a-z]",
    "$&",
    "\u0301",
    "\ufffd",
    "\ud83d\udc4b",
    "e",
    "ß",
    "SS",
    "x".repeat(5000),
    "aab".repeat(1000),
  ],
] as const;

const leaf = fc.record({
  key: fc.constantFrom("BODY", "TEXT"),
  needle: fc.oneof(fc.constantFrom(...HOSTILE), fc.constantFrom(...WORDS)),
});

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({ key: fc.constant("NOT"), operand: tie("tree") }),
    fc.record({ key: fc.constantFrom("OR", "AND"), operands: fc.tuple(tie("tree"), tie("tree")) }),
  ),
}));

function formatTree(node: Tree): string {
  if ("needle" in node) {
    const octets = Buffer.from(node.needle, "utf8");
    return `${node.key} {${octets.length}+}\r\n${octets.toString("latin1")}`;
  }
  if ("operand" in node) return `NOT ${formatTree(node.operand)}`;
  const [first, second] = node.operands.map(formatTree);
  return node.key === "OR" ? `OR ${first} ${second}` : `(${first} ${second})`;
}

function holds(node: Tree, text: SearchableText): boolean {
  if ("needle" in node) {
    const folded = foldText(node.needle);
    return text.body.includes(folded) || (node.key === "TEXT" && text.header.includes(folded));
  }
  if ("operand" in node) return !holds(node.operand, text);
  const [first, second] = node.operands;
  return node.key === "OR"
    ? holds(first, text) || holds(second, text)
    : holds(first, text) && holds(second, text);
}

test("SEARCH finds the same with hostile texts, OR and NOT, in messages of any size, indexed or not", async (t) => {
  const seed = Number(process.env.SEED ?? 1);
  t.diagnostic(`SEED=${seed}`);
  const imap = await startImap(t);
  const client = await imap.login();
  // So many at once are not indexed before somebody searches.
  const messages = fc.sample(message, { numRuns: 120, seed }).map(({ octets }, nth) => ({
    octets: nth % 9 === 0 ? `X-Filler: ${"filler ".repeat(8000)}\r\n${octets}` : octets,
    path: join(imap.folder, "cur", `${1_700_000_000 + nth}.M1P1.host:2,`),
  }));
  for (const { octets, path } of messages) writeFileSync(path, octets, "latin1");
  await client.ok("SELECT INBOX");
  const [gone = 0, ...left] = messages.keys();
  rmSync(messages[gone]?.path ?? "");
  const texts = messages.map(({ octets }) => readText(octets));
  for (const node of fc.sample(tree, { numRuns: 60, seed })) {
    const keys = formatTree(node);
    const [found = ""] = await client.ok(`UID SEARCH CHARSET utf-8 ${keys}`);
    const uids = (found.match(/\d+/g) ?? []).map(Number).filter((uid) => uid !== gone + 1);
    const expected = left.filter((nth) => holds(node, texts[nth] as SearchableText)).map((nth) => nth + 1);
    assert.deepEqual(uids, expected, keys.slice(0, 300));
  }
});
