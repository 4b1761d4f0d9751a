import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AddressEntry,
  decodeHeaderText,
  encodeUtf8,
  fromOctetString,
  parseAddressList,
  parseHeader,
  parseMessage,
  parseMessageDate,
  readEnvelope,
  selectHeaderFields,
} from "../../../src/core/mime/mime.ts";

/** Addresses as `name|route|mailbox|host`; `group:` and `;` mark a group. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "ann@example.org": ["||ann|example.org"],
  "Ann <ann@example.org>": ["Ann||ann|example.org"],
  '"Ann \\"A\\" B" <ann@example.org>': ['Ann "A" B||ann|example.org'],
  "John Q. Public <jqp@example.org>": ["John Q. Public||jqp|example.org"],
  "ann@example.org (Ann B)": ["Ann B||ann|example.org"],
  "<ann@example.org> (Ann B)": ["Ann B||ann|example.org"],
  "A (c) B <ann@example.org>": ["A B||ann|example.org"],
  '"a b"@example.org': ["||a b|example.org"],
  "ann @ example . org": ["||ann|example.org"],
  "<ann (a)@ (b) (c) example.org> (Ann B)": ["Ann B||ann|example.org"],
  "ann@[192.0.2.1]": ["||ann|[192.0.2.1]"],
  "<@a.example,@b.example:ann@example.org>": ["|@a.example,@b.example|ann|example.org"],
  "a@example.org, ,b@example.org,": ["||a|example.org", "||b|example.org"],
  "Team: a@example.org, B <b@example.org>;, c@example.org": [
    "Team:",
    "||a|example.org",
    "B||b|example.org",
    ";",
    "||c|example.org",
  ],
  "undisclosed-recipients:;": ["undisclosed-recipients:", ";"],
  "open: a@example.org": ["open:", "||a|example.org", ";"],
  "A: B: c@example.org;;": ["A:", "||c|example.org", ";"],
  someone: ["||someone|"],
  "some one": ["some one|||"],
  "<>": ["|||"],
  "=?utf-8?q?a=2C?= <ann@example.org>": ["=?utf-8?q?a=2C?=||ann|example.org"],
  "ann@example.org junk <x@y>, b@example.org": ["||ann|example.org", "||b|example.org"],
  "(only a comment)": [],
  "": [],
  '"never ends': ["||never ends|"],
  "<ann@example.org": ["||ann|example.org"],
};

for (const [value, expected] of Object.entries(ADDRESSES)) {
  test(`parseAddressList reads ${JSON.stringify(value)}`, () => {
    assert.deepEqual(parseAddressList(value).map(showEntry), expected);
  });
}

/** Values made of what matters in addresses and parameters, in any order. */
function valuesOf(...pieces: readonly string[]) {
  return fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((chosen) => chosen.join(""));
}

const PIECES = [
  ...'<>[]:;@,"()\\ \t=*0.aZ',
  "\xe4",
  "ann",
  "example.org",
  "Ann B",
  "a@b",
  "<a@b>",
  '"A, B" ',
];

test("parseAddressList reads what is plainly written as it reads everything else", () => {
  fc.assert(
    fc.property(valuesOf(...PIECES), (value) => {
      // An empty element gives nothing, but it is nothing that is plainly written.
      assert.deepEqual(parseAddressList(value), parseAddressList(`,${value}`));
      assert.deepEqual(parseAddressList(value, 1)[0], parseAddressList(value)[0]);
    }),
    { numRuns: 20_000 },
  );
});

test("parameters and encodings that are plainly written are read as all others are", () => {
  const pieces = [...PIECES, "; charset=utf-8", '; name="a;b"', ";b=c", "*1*=", "x-token", "; a = b"];
  fc.assert(
    fc.property(valuesOf(...pieces), (value) => {
      // A comment means nothing, but it is nothing that is plainly written.
      const [plain, other] = ["", "()"].map((comment) =>
        parseMessage(
          fromOctetString(
            `Content-Type: a/b${comment}${value}\r\nContent-Transfer-Encoding: ${comment}${value}\r\n\r\n`,
          ),
        ),
      );
      const hasType = plain?.contentType.type === "a" && plain.contentType.subtype === "b";
      if (hasType) assert.deepEqual(plain?.contentType, other?.contentType);
      assert.equal(plain?.encoding, other?.encoding);
    }),
    { numRuns: 20_000 },
  );
});

test("parseHeader unfolds as RFC 5322 §2.2.3 says, on however many lines a value stands", () => {
  fc.assert(
    fc.property(valuesOf(" ", "\t", "\r", "\r\n ", "\n\t", "a", "b c", ":"), (value) => {
      const unfolded = value.replace(/\r?\n/g, "").replace(/^[ \t]+|[ \t\r]+$/g, "");
      assert.deepEqual(fieldsOf(`X:${value}\r\nY: z\n`), [
        { name: "X", value: unfolded },
        { name: "Y", value: "z" },
      ]);
    }),
    { numRuns: 5000 },
  );
});

function fieldsOf(header: string) {
  return parseHeader(header).map(({ name, value }) => ({ name, value }));
}

function showEntry(entry: AddressEntry): string {
  if (entry.kind === "group-end") return ";";
  if (entry.kind === "group-start") return `${entry.name}:`;
  return [entry.name ?? "", entry.route ?? "", entry.mailbox, entry.host].join("|");
}

test("parseHeader unfolds, keeps order and passes over lines that are no field", () => {
  const header =
    "From bob Mon\r\nA: 1\r\n  2\r\nno field\r\n more\r\nB :\t3 \r\n:x\r\n\r\nC: in the body\r\n";
  assert.deepEqual(fieldsOf(header), [
    { name: "A", value: "1  2" },
    { name: "B", value: "3" },
  ]);
});

test("selectHeaderFields gives fields as written and an empty line (RFC 9051 §6.4.5)", () => {
  const header = "Subject: a\r\n b\r\nX: 1\r\nsubject:c\r\n\r\n";
  assert.equal(
    selectHeaderFields(header, new Set(["subject"]), "named"),
    "Subject: a\r\n b\r\nsubject:c\r\n\r\n",
  );
  assert.equal(selectHeaderFields(header, new Set(["subject"]), "others"), "X: 1\r\n\r\n");
  assert.equal(selectHeaderFields(header, new Set(["y"]), "named"), "\r\n");
  assert.equal(selectHeaderFields("X: 1", new Set(["x"]), "named"), "X: 1\r\n\r\n");
});

test("readEnvelope takes From for a missing Sender and Reply-To (RFC 9051 §7.5.2)", () => {
  const envelope = readEnvelope(parseHeader("From: a@example.org\r\nReply-To: ,\r\nTo: b@example.org\r\n"));
  assert.deepEqual(envelope.sender, envelope.from);
  assert.deepEqual(envelope.replyTo, envelope.from);
  assert.equal(envelope.subject, undefined);
});

const PARAMETERS: Readonly<Record<string, readonly [string, string][]>> = {
  "a=b": [["a", "b"]],
  'a="b c"; d=e': [
    ["a", "b c"],
    ["d", "e"],
  ],
  'a="b;\\"c"': [["a", 'b;"c']],
  "a=us-ascii (Plain text)": [["a", "us-ascii"]],
  "name=two words.pdf ; x=1": [
    ["name", "two words.pdf"],
    ["x", "1"],
  ],
  "; a=b;; stray; c=d;": [
    ["a", "b"],
    ["c", "d"],
  ],
  "x*0=ab; x*1=cd": [["x", "abcd"]],
  "x*1=cd; y=1; x*0=ab": [
    ["x", "abcd"],
    ["y", "1"],
  ],
  "x*0*=utf-8''%c3%bc; x*1=a%b; x*2*=%20": [["x*", "utf-8''%c3%bca%25b%20"]],
  "x*0=a; x*2=c": [["x", "a"]],
  "x*=utf-8''%e2%82%ac": [["x*", "utf-8''%e2%82%ac"]],
};

for (const [text, expected] of Object.entries(PARAMETERS)) {
  test(`parameters of ${JSON.stringify(text)} (RFC 2045 §5.1, RFC 2231)`, () => {
    const message = parseMessage(fromOctetString(`Content-Type: application/x; ${text}\r\n\r\n`));
    assert.deepEqual(
      message.contentType.parameters.map(({ name, value }) => [name, value]),
      expected,
    );
  });
}

const HEADER_TEXTS: Readonly<Record<string, string>> = {
  "plain text": "plain text",
  "=?utf-8?q?a=C3=BC_b?=": "aü b",
  "=?UTF-8?B?w7w=?= und =?iso-8859-1?Q?=FC?=": "ü und ü",
  "=?utf-8?q?a?= \t =?utf-8?q?b?=": "ab",
  "=?utf-8?q?a?= b": "a b",
  "=?utf-8?b?ww==?= =?utf-8?b?vA==?=": "ü",
  "=?utf-8*de?q?=C3=BC?=": "ü",
  "=?no-such-charset?q?=C3=BC?=": "ü",
  "=?utf-8?x?abc?=": "=?utf-8?x?abc?=",
  "=?utf-8?q?never ends": "=?utf-8?q?never ends",
  "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=": "日本",
  [encodeUtf8("roh ü")]: "roh ü",
  "latin \xfc": "latin ü",
};

for (const [value, expected] of Object.entries(HEADER_TEXTS)) {
  test(`decodeHeaderText reads ${JSON.stringify(value)} (RFC 2047)`, () => {
    assert.equal(decodeHeaderText(value), expected);
  });
}

const DATES: Readonly<Record<string, readonly [string, string] | undefined>> = {
  "Mon, 6 Jun 2005 22:21:22 +0200": ["2005-06-06T20:21:22Z", "2005-06-06"],
  "6 Jun 2005 22:21 -0330": ["2005-06-07T01:51:00Z", "2005-06-06"],
  "Fri, 07 Oct 94 16:15:05 PDT": ["1994-10-07T23:15:05Z", "1994-10-07"],
  "Thu, 1 Jan 49 00:00:00 GMT": ["2049-01-01T00:00:00Z", "2049-01-01"],
  "Tue, 23 Feb 2010 22:16:14 -0800 (PST)": ["2010-02-24T06:16:14Z", "2010-02-23"],
  "Sun, 12 (day) Aug 2012 12 : 34 : 56 Z": ["2012-08-12T12:34:56Z", "2012-08-12"],
  "12-Aug-2012 12:34:56 +0000": ["2012-08-12T12:34:56Z", "2012-08-12"],
  "12 August 2012": ["2012-08-12T00:00:00Z", "2012-08-12"],
  yesterday: undefined,
  "12 Foo 2012 00:00:00 +0000": undefined,
  "": undefined,
};

for (const [value, expected] of Object.entries(DATES)) {
  test(`parseMessageDate reads ${JSON.stringify(value)} (RFC 5322 §3.3, §4.3)`, () => {
    const date = parseMessageDate(value);
    if (expected === undefined) return assert.equal(date, undefined);
    assert.equal(date?.at, Date.parse(expected[0]));
    assert.equal(date?.day, Date.parse(expected[1]) / 86_400_000);
  });
}
