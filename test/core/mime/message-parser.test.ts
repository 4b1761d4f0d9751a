import assert from "node:assert/strict";
import { test } from "node:test";
import { fromOctetString, MessageParser, type Part } from "../../../src/core/mime/mime.ts";

/** A part as the tests write it: type, header and body octets, lines, and what is inside. */
interface Shape {
  readonly type: string;
  readonly body: string;
  readonly lines: number;
  readonly parts?: readonly Shape[];
}

const CASES: readonly { name: string; wire: string; expected: Shape }[] = [
  { name: "takes nothing for an empty text", wire: "", expected: { type: "text/plain", body: "", lines: 0 } },
  {
    name: "ends the header at the empty line",
    wire: "Subject: a\r\n\r\nb\r\nc\r\n",
    expected: { type: "text/plain", body: "b\r\nc\r\n", lines: 2 },
  },
  {
    name: "has no body when the empty line is missing",
    wire: "Subject: a\r\nTo: b@example.org",
    expected: { type: "text/plain", body: "", lines: 0 },
  },
  {
    name: "takes lines that end in LF alone",
    wire: "Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n\n--x--\n",
    expected: {
      type: "multipart/mixed",
      body: "--x\n\na\n\n--x--\n",
      lines: 5,
      parts: [{ type: "text/plain", body: "a\n", lines: 1 }],
    },
  },
  {
    name: "leaves the line end before a delimiter to the delimiter (RFC 2046 §5.1.1)",
    wire: "Content-Type: multipart/mixed; boundary=x\r\n\r\npre\r\n--x\r\n\r\na\r\n--x\r\n\r\n--x--\r\nepilogue",
    expected: {
      type: "multipart/mixed",
      body: "pre\r\n--x\r\n\r\na\r\n--x\r\n\r\n--x--\r\nepilogue",
      lines: 7,
      parts: [
        { type: "text/plain", body: "a", lines: 0 },
        { type: "text/plain", body: "", lines: 0 },
      ],
    },
  },
  {
    name: "reads no part after the closing delimiter",
    wire: "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--\r\n--x\r\n\r\nb",
    expected: {
      type: "multipart/mixed",
      body: "--x\r\n\r\na\r\n--x--\r\n--x\r\n\r\nb",
      lines: 6,
      parts: [{ type: "text/plain", body: "a", lines: 0 }],
    },
  },
  {
    name: "lets an outer delimiter end inner parts that were cut short",
    wire:
      "Content-Type: multipart/mixed; boundary=x\r\n\r\n" +
      "--x\r\nContent-Type: multipart/alternative; boundary=xx\r\n\r\n--xx\r\n\r\na\r\n--x\r\n\r\nb\r\n--x--",
    expected: {
      type: "multipart/mixed",
      body: "--x\r\nContent-Type: multipart/alternative; boundary=xx\r\n\r\n--xx\r\n\r\na\r\n--x\r\n\r\nb\r\n--x--",
      lines: 9,
      parts: [
        {
          type: "multipart/alternative",
          body: "--xx\r\n\r\na",
          lines: 2,
          parts: [{ type: "text/plain", body: "a", lines: 0 }],
        },
        { type: "text/plain", body: "b", lines: 0 },
      ],
    },
  },
  {
    name: "descends into a message",
    wire: "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ntext\r\n",
    expected: {
      type: "message/rfc822",
      body: "Subject: inner\r\n\r\ntext\r\n",
      lines: 3,
      parts: [{ type: "text/plain", body: "text\r\n", lines: 1 }],
    },
  },
  {
    name: "takes a digest's parts for messages (RFC 2046 §5.1.5)",
    wire: "Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n\r\nSubject: inner\r\n\r\ntext\r\n--x--\r\n",
    expected: {
      type: "multipart/digest",
      body: "--x\r\n\r\nSubject: inner\r\n\r\ntext\r\n--x--\r\n",
      lines: 6,
      parts: [
        {
          type: "message/rfc822",
          body: "Subject: inner\r\n\r\ntext",
          lines: 2,
          parts: [{ type: "text/plain", body: "text", lines: 0 }],
        },
      ],
    },
  },
  {
    name: "reads a multipart without a boundary as text (RFC 2045 §5.2)",
    wire: "Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\na\r\n",
    expected: { type: "text/plain", body: "--x\r\n\r\na\r\n", lines: 3 },
  },
  {
    name: "reads a multipart whose boundary never comes as text",
    wire: "Content-Type: multipart/mixed; boundary=y\r\n\r\n--x\r\n\r\na\r\n",
    expected: { type: "text/plain", body: "--x\r\n\r\na\r\n", lines: 3 },
  },
  {
    name: "ends a part's header at a delimiter",
    wire: "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n--x\r\n\r\nb\r\n--x--\r\n",
    expected: {
      type: "multipart/mixed",
      body: "--x\r\nContent-Type: text/html\r\n--x\r\n\r\nb\r\n--x--\r\n",
      lines: 6,
      parts: [
        { type: "text/html", body: "", lines: 0 },
        { type: "text/plain", body: "b", lines: 0 },
      ],
    },
  },
  {
    name: "takes text that only begins like a delimiter for text",
    wire: "Content-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\n\r\n--xy\r\n-\r\n--\r\n--xyz--",
    expected: {
      type: "multipart/mixed",
      body: "--xyz\r\n\r\n--xy\r\n-\r\n--\r\n--xyz--",
      lines: 5,
      parts: [{ type: "text/plain", body: "--xy\r\n-\r\n--", lines: 2 }],
    },
  },
];

/** Whole; octet by octet; in two, cut at every place. */
const CUTS: Readonly<Record<string, (wire: string) => string[][]>> = {
  whole: (wire) => [[wire]],
  "octet by octet": (wire) => [[...wire]],
  "in two": (wire) => [...wire].map((_, at) => [wire.slice(0, at), wire.slice(at)]),
};

for (const { name, wire, expected } of CASES) {
  for (const [cut, split] of Object.entries(CUTS)) {
    test(`MessageParser ${name} [${cut}]`, () => {
      for (const pieces of split(wire)) assert.deepEqual(shapeOf(parse(pieces), wire), expected);
    });
  }
}

test("MessageParser gives the octets of text leaves to their readers, however they are cut", () => {
  const long = `${"-".repeat(3000)}\r\n${"a".repeat(5000)}`;
  const wire = `Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n${long}\r\n--x\r\n\r\nb\r\n--x--\r\n`;
  for (const size of [1, 2, 7, 999, 1000, 1001, wire.length]) {
    const read: string[] = [];
    const parser = new MessageParser({
      openLeaf: () => {
        const at = read.push("") - 1;
        return {
          push: (octets) => {
            read[at] += octets;
          },
          end: () => {},
        };
      },
    });
    for (let at = 0; at < wire.length; at += size) parser.push(fromOctetString(wire.slice(at, at + size)));
    parser.end();
    assert.deepEqual(read, [`${long}\r\n`, "b\r\n"], `chunks of ${size}`);
  }
});

test("MessageParser looks no deeper than fifty levels and calls what is there unknown", () => {
  let wire = "";
  for (let depth = 0; depth < 100; depth++) {
    wire += `Content-Type: multipart/mixed; boundary=b${depth}\r\n\r\n--b${depth}\r\n`;
  }
  let part: Part | undefined = parse([wire]);
  let depth = 1;
  for (; part?.parts[0] !== undefined; part = part.parts[0]) depth++;
  assert.equal(depth, 50);
  assert.equal(`${part?.contentType.type}/${part?.contentType.subtype}`, "application/octet-stream");
});

test("MessageParser lets the last of ten thousand parts hold the rest", () => {
  const wire = `Content-Type: multipart/mixed; boundary=x\r\n\r\n${"--x\r\n\r\n".repeat(10_050)}`;
  const message = parse([wire]);
  assert.equal(message.parts.length, 9_999);
  assert.equal(message.parts.at(-1)?.body.end, wire.length);
});

test("MessageParser takes time linear in the octets, whatever they are", () => {
  const hostile = [
    "a".repeat(4_000_000),
    "a\n".repeat(2_000_000),
    "-\n".repeat(2_000_000),
    "--\n".repeat(1_300_000),
    `From: ${"(".repeat(1_000_000)}\n\n`,
    `From: ${"a,".repeat(1_000_000)}\n\n`,
    `Content-Type: text/plain${";a*0=b".repeat(300_000)}\n\n`,
    `Content-Type: text/plain;a="${"\\".repeat(2_000_000)}\n\n`,
    `Subject:${" ".repeat(2_000_000)}x\n\n`,
    `Subject:${"\r".repeat(2_000_000)}x\n\n`,
    `Content-Type: multipart/digest; boundary=x\n\n${"--x\n\n".repeat(500_000)}`,
  ];
  for (const wire of hostile) {
    for (const pieces of [[wire], inPieces(wire)]) {
      const begun = process.cpuUsage();
      parse(pieces);
      const { user } = process.cpuUsage(begun);
      assert.ok(user < 2_000_000, `${wire.slice(0, 40)}… in ${pieces.length} took ${user} µs`);
    }
  }
});

/** As a large message is read. */
function inPieces(wire: string): string[] {
  const octets = 64 * 1024;
  return Array.from({ length: Math.ceil(wire.length / octets) }, (_, nth) =>
    wire.slice(nth * octets, (nth + 1) * octets),
  );
}

function parse(pieces: readonly string[]): Part {
  const parser = new MessageParser();
  for (const piece of pieces) parser.push(fromOctetString(piece));
  return parser.end();
}

function shapeOf(part: Part, wire: string): Shape {
  const parts = part.parts.map((child) => shapeOf(child, wire));
  return {
    type: `${part.contentType.type}/${part.contentType.subtype}`,
    body: wire.slice(part.body.start, part.body.end),
    lines: part.bodyLines,
    ...(parts.length > 0 && { parts }),
  };
}
