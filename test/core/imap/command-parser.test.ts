import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type NameForm,
  parseAppendNext,
  parseAppendStart,
  parseCommand,
} from "../../../src/core/imap/imap.ts";
import { encodeUtf8 } from "../../../src/core/mime/mime.ts";

const ranges = (...list: [number, number][]) => ({ kind: "ranges", ranges: list });
const STAR = Number.POSITIVE_INFINITY;
const NO_FLAGS = { system: [], keywords: [] };

/** Commands without their tag, and what is understood. */
const UNDERSTOOD: Readonly<Record<string, object>> = {
  noop: { name: "NOOP" },
  CAPABILITY: { name: "CAPABILITY" },
  'LOGIN ann "p\\"w\\\\"': { name: "LOGIN", user: "ann", password: 'p"w\\' },
  "LOGIN {3}\r\na\r\n {2+}\r\n\xffx": { name: "LOGIN", user: "a\r\n", password: "\xffx" },
  "LOGIN a]b c": { name: "LOGIN", user: "a]b", password: "c" },
  "AUTHENTICATE plain": { name: "AUTHENTICATE", mechanism: "PLAIN", initial: undefined },
  "AUTHENTICATE PLAIN AGEAYg==": { name: "AUTHENTICATE", mechanism: "PLAIN", initial: "AGEAYg==" },
  "AUTHENTICATE EXTERNAL =": { name: "AUTHENTICATE", mechanism: "EXTERNAL", initial: "=" },
  'ID ("name" "x" "version" NIL)': {
    name: "ID",
    parameters: [
      ["name", "x"],
      ["version", ""],
    ],
  },
  "ID NIL": { name: "ID", parameters: [] },
  "ENABLE condstore X": { name: "ENABLE", capabilities: ["CONDSTORE", "X"] },
  "COMPRESS deflate": { name: "COMPRESS", algorithm: "DEFLATE" },
  "SELECT inbox": { name: "SELECT", mailbox: "INBOX", isCondstore: false, resync: undefined },
  "EXAMINE box (CONDSTORE)": { name: "EXAMINE", mailbox: "box", isCondstore: true, resync: undefined },
  "SELECT box (QRESYNC (67890007 20050715194045000 41:211 (1,5 41,44)))": {
    name: "SELECT",
    mailbox: "box",
    isCondstore: false,
    resync: {
      uidValidity: 67890007,
      modSeq: Number.MAX_SAFE_INTEGER,
      knownUids: ranges([41, 211]),
      match: { sequence: ranges([1, 1], [5, 5]), uids: ranges([41, 41], [44, 44]) },
    },
  },
  "SELECT box (QRESYNC (1 2))": {
    name: "SELECT",
    mailbox: "box",
    isCondstore: false,
    resync: { uidValidity: 1, modSeq: 2, knownUids: undefined, match: undefined },
  },
  "CREATE Entw&APw-rfe (USE (\\Drafts))": {
    name: "CREATE",
    mailbox: "Entw&APw-rfe",
    specialUses: ["\\Drafts"],
  },
  'RENAME "a b" c': { name: "RENAME", mailbox: "a b", newName: "c" },
  'LIST "" %': {
    name: "LIST",
    reference: "",
    patterns: ["%"],
    select: [],
    returned: [],
    status: [],
    isExtended: false,
  },
  'LIST (SUBSCRIBED RECURSIVEMATCH) "" (a* "b%") RETURN (CHILDREN STATUS (UNSEEN MESSAGES))': {
    name: "LIST",
    reference: "",
    patterns: ["a*", "b%"],
    select: ["SUBSCRIBED", "RECURSIVEMATCH"],
    returned: ["CHILDREN"],
    status: ["MESSAGES", "UNSEEN"],
    isExtended: true,
  },
  'LSUB "" *': { name: "LSUB", reference: "", pattern: "*" },
  "STATUS box (SIZE UIDNEXT)": { name: "STATUS", mailbox: "box", items: ["UIDNEXT", "SIZE"] },
  "UID EXPUNGE 3:*": { name: "EXPUNGE", uids: ranges([3, STAR]) },
  "FETCH 1 FAST": {
    name: "FETCH",
    isUid: false,
    set: ranges([1, 1]),
    items: ["FLAGS", "INTERNALDATE", "RFC822.SIZE"].map((name) => ({ kind: "attribute", name })),
    changedSince: undefined,
    isVanished: false,
    window: undefined,
  },
  "UID FETCH $ (FLAGS) (CHANGEDSINCE 5 VANISHED PARTIAL -1:-30)": {
    name: "FETCH",
    isUid: true,
    set: { kind: "saved" },
    items: [{ kind: "attribute", name: "FLAGS" }],
    changedSince: 5,
    isVanished: true,
    window: { from: -1, to: -30 },
  },
  "STORE 2:4 +flags.silent (\\deleted $Junk $junk)": {
    name: "STORE",
    isUid: false,
    set: ranges([2, 4]),
    mode: "add",
    isSilent: true,
    flags: { system: ["\\Deleted"], keywords: ["$Junk"] },
    unchangedSince: undefined,
  },
  "UID STORE 1 (UNCHANGEDSINCE 9) FLAGS \\Seen \\Recent": {
    name: "STORE",
    isUid: true,
    set: ranges([1, 1]),
    mode: "replace",
    isSilent: false,
    flags: { system: ["\\Seen"], keywords: [] },
    unchangedSince: 9,
  },
  "STORE 1 -FLAGS ()": {
    name: "STORE",
    isUid: false,
    set: ranges([1, 1]),
    mode: "remove",
    isSilent: false,
    flags: NO_FLAGS,
    unchangedSince: undefined,
  },
  "UID MOVE 1,3 box": { name: "MOVE", isUid: true, set: ranges([1, 1], [3, 3]), mailbox: "box" },
  "SORT (REVERSE DATE SUBJECT) utf-8 ALL": {
    name: "SORT",
    isUid: false,
    criteria: [
      { key: "DATE", isReverse: true },
      { key: "SUBJECT", isReverse: false },
    ],
    keys: { key: "all" },
    hasUnknownCharset: false,
  },
  "UID THREAD REFERENCES us-ascii SEEN": {
    name: "THREAD",
    isUid: true,
    algorithm: "REFERENCES",
    keys: { key: "flag", flag: "\\Seen" },
    hasUnknownCharset: false,
  },
};

for (const [text, expected] of Object.entries(UNDERSTOOD)) {
  test(`parseCommand understands ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseCommand(`a1 ${text}`, "utf-7"), { ok: true, tag: "a1", command: expected });
  });
}

/** FETCH items as `label path text fields partial peek`. */
const ITEMS: Readonly<Record<string, readonly string[]>> = {
  "(UID rfc822.size)": ["UID", "RFC822.SIZE"],
  "BODY[]": ["BODY[] /"],
  "BODY[1.2.MIME]": ["BODY[1.2.MIME] 1.2/mime"],
  "BODY.PEEK[TEXT]<0.10>": ["BODY[TEXT] /text <0.10> peek"],
  "BODY[3.HEADER.FIELDS (From x-Y)]": ["BODY[3.HEADER.FIELDS (From x-Y)] 3/header named From,x-Y"],
  'BODY[HEADER.FIELDS.NOT ("To")]': ["BODY[HEADER.FIELDS.NOT (To)] /header others To"],
  "BINARY.PEEK[1]<5.6>": ["binary 1 <5.6> peek"],
  "BINARY[]": ["binary "],
  "BINARY.SIZE[2]": ["size 2"],
  "(RFC822 RFC822.HEADER RFC822.TEXT)": ["RFC822 /", "RFC822.HEADER /header peek", "RFC822.TEXT /text"],
  "(PREVIEW (LAZY) BODY BODYSTRUCTURE)": ["PREVIEW", "BODY", "BODYSTRUCTURE"],
};

for (const [text, expected] of Object.entries(ITEMS)) {
  test(`parseCommand understands FETCH of ${text}`, () => {
    const parsed = parseCommand(`a FETCH 1 ${text}`, "utf-7");
    assert.ok(parsed.ok && parsed.command.name === "FETCH");
    assert.deepEqual(
      parsed.command.items.map((item) => {
        if (item.kind === "attribute") return item.name;
        if (item.kind === "binary-size") return `size ${item.path.join(".")}`;
        const partial = item.partial && `<${item.partial.offset}.${item.partial.length}>`;
        const peek = item.isPeek ? "peek" : undefined;
        if (item.kind === "binary")
          return ["binary", item.path.join("."), partial, peek].filter((x) => x !== undefined).join(" ");
        const { path, text: of, fields } = item.section;
        const names = fields && `${fields.keep} ${fields.names}`;
        return [item.label, `${path.join(".")}/${of ?? ""}`, names, partial, peek].filter(Boolean).join(" ");
      }),
      expected,
    );
  });
}

/** Search programs as nested lists. */
const SEARCHES: Readonly<Record<string, unknown>> = {
  ALL: ["all"],
  "1:3": ["sequence"],
  UNSEEN: ["not", ["flag", "\\Seen"]],
  "UNKEYWORD $Junk": ["not", ["flag", "$Junk"]],
  "SEEN DELETED": ["and", ["flag", "\\Seen"], ["flag", "\\Deleted"]],
  "(SEEN)": ["flag", "\\Seen"],
  "OR SEEN (NOT DRAFT NEW)": [
    "or",
    ["flag", "\\Seen"],
    ["and", ["not", ["flag", "\\Draft"]], ["and", ["recent"], ["not", ["flag", "\\Seen"]]]],
  ],
  OLD: ["not", ["recent"]],
  "SINCE 1-Feb-1994": ["date", "internal", "since", 8797],
  'SENTON "01-feb-1994"': ["date", "sent", "on", 8797],
  "SAVEDBEFORE 2-Jan-1970": ["date", "saved", "before", 1],
  "YOUNGER 60": ["age", "younger", 60],
  "LARGER 5": ["size", "larger", 5],
  "MODSEQ 7": ["mod-seq", 7],
  'MODSEQ "/flags/\\\\draft" all 7': ["mod-seq", 7],
  "HEADER Message-ID <a@b>": ["header", "message-id", "<a@b>"],
  'FROM "ann"': ["addresses", "from", "ann"],
  "SUBJECT ann": ["header", "subject", "ann"],
  "CHARSET iso-8859-1 TEXT {1}\r\n\xfc": ["text", "ü"],
  "CHARSET UTF-8 BODY {2}\r\n\xc3\xbc": ["body", "ü"],
  "EMAILID Mabc": ["email-id", "Mabc"],
  SAVEDATESUPPORTED: ["save-date-supported"],
};

for (const [text, expected] of Object.entries(SEARCHES)) {
  test(`parseCommand understands SEARCH ${JSON.stringify(text)}`, () => {
    const parsed = parseCommand(`a SEARCH ${text}`, "utf-7");
    assert.ok(parsed.ok && parsed.command.name === "SEARCH", JSON.stringify(parsed));
    assert.deepEqual(showKey(parsed.command.keys), expected);
  });
}

function showKey(key: object): unknown {
  return Object.values(key)
    .filter((value) => value?.kind === undefined)
    .flatMap((value): unknown[] => {
      if (Array.isArray(value)) return value.map(showKey);
      return [typeof value === "object" ? showKey(value) : value];
    });
}

test("parseCommand tells a charset that nobody knows", () => {
  const parsed = parseCommand("a SEARCH CHARSET x-none TEXT a", "utf-7");
  assert.ok(parsed.ok && parsed.command.name === "SEARCH" && parsed.command.hasUnknownCharset);
});

/** What is wrong, with the offset at which it is noticed. */
const REFUSED: Readonly<Record<string, number>> = {
  "": 0,
  " NOOP": 0,
  "+ NOOP": 0,
  a: 1,
  "a ": 2,
  "a FOO": 5,
  "a NOOP x": 6,
  "a LOGIN x": 9,
  'a LOGIN "x y': 8,
  'a LOGIN "\xfc" y': 11,
  "a LOGIN {9}\r\nx": 13,
  "a LOGIN {1}\r\n\0 y": 14,
  "a APPEND INBOX x": 8,
  "a UID NOOP": 10,
  "a UID FETCHES 1": 13,
  "a SEARCH ANSEEN": 15,
  "a SEARCH ()": 11,
  "a SELECT &-&-&": 14,
  "a SELECT &AGE-": 14,
  "a FETCH 0 FLAGS": 9,
  "a FETCH 4294967296 FLAGS": 18,
  "a FETCH 1, FLAGS": 10,
  "a FETCH 1 ()": 12,
  "a FETCH 1 BODY[MIME]": 20,
  "a FETCH 1 BODY[1.0]": 18,
  "a FETCH 1 BODY[HEADER.FIELDS ()]": 31,
  "a FETCH 1 BODY[]<0.0>": 20,
  "a FETCH 1 FLAGS (VANISHED)": 26,
  "a STORE 1 FLAGS (\\Foo)": 21,
  "a STORE 1 FLAGS (\\*)": 18,
  "a SEARCH": 8,
  "a SEARCH SINCE 31-Feb-2020": 26,
  "a SEARCH FOO": 12,
  'a LIST (RECURSIVEMATCH) "" *': 28,
  "a STATUS x ()": 13,
};

for (const [text, offset] of Object.entries(REFUSED)) {
  test(`parseCommand refuses ${JSON.stringify(text)}`, () => {
    const parsed = parseCommand(text, "utf-7");
    assert.ok(!parsed.ok);
    assert.equal(parsed.problem.offset, offset, parsed.problem.message);
  });
}

test("parseCommand bounds what can be nested and listed", () => {
  for (const text of [
    `SEARCH ${"(".repeat(60)}ALL${")".repeat(60)}`,
    `SEARCH ${"NOT ".repeat(60)}ALL`,
    `SEARCH ${"ALL ".repeat(1001)}ALL`,
    `FETCH 1 (${"UID ".repeat(201)}UID)`,
    `STORE 1 FLAGS (${"x ".repeat(201)}x)`,
    `STORE 1 FLAGS (${"x".repeat(101)})`,
    `LIST "" (${"x ".repeat(101)}x)`,
    `LIST "" ${"x".repeat(1001)}`,
    `LIST "" (${"x".repeat(500)} ${"y".repeat(501)})`,
    `LIST ${"x".repeat(1000)} *`,
    `LSUB ${"x".repeat(1000)} *`,
    `ID (${'"a" NIL '.repeat(31)}"a" NIL)`,
    `FETCH 1 BODY[${"1.".repeat(101)}1]`,
  ]) {
    assert.ok(!parseCommand(`a ${text}`, "utf-7").ok, text.slice(0, 30));
  }
});

test("parseCommand survives any nesting without running out of stack", () => {
  assert.ok(!parseCommand(`a SEARCH ${"(".repeat(50_000)}`, "utf-7").ok);
  assert.ok(!parseCommand(`a SEARCH ${"OR ".repeat(20_000)}`, "utf-7").ok);
});

test("parseCommand takes UTF-8 names from a client that enabled it (RFC 9051 §5.1)", () => {
  const mailboxOf = (text: string, form: NameForm) => {
    const parsed = parseCommand(text, form);
    return parsed.ok && parsed.command.name === "DELETE" ? parsed.command.mailbox : undefined;
  };
  assert.equal(mailboxOf(encodeUtf8('a DELETE "Entwürfe"'), "utf-8"), "Entw&APw-rfe");
  assert.equal(mailboxOf(encodeUtf8('a DELETE "Entwu\u0308rfe"'), "utf-8"), "Entwu&Awg-rfe");
  assert.equal(mailboxOf('a DELETE "A&B"', "utf-8"), "A&-B");
  assert.equal(mailboxOf('a DELETE "\xff"', "utf-8"), undefined);
  assert.equal(mailboxOf("a DELETE Entw&APw-rfe", "utf-7"), "Entw&APw-rfe");
});

test("parseAppendStart reads what stands before a message", () => {
  assert.deepEqual(parseAppendStart('box (\\Seen $X) " 1-Jan-1970 01:00:00 +0100" {10}', "utf-7"), {
    ok: true,
    value: {
      mailbox: "box",
      message: { flags: { system: ["\\Seen"], keywords: ["$X"] }, internalDate: 0, isUtf8: false },
    },
  });
  assert.deepEqual(parseAppendStart("{3}\r\nbox UTF8 (~{10+}", "utf-7"), {
    ok: true,
    value: { mailbox: "box", message: { flags: NO_FLAGS, internalDate: undefined, isUtf8: true } },
  });
  assert.ok(!parseAppendStart("box", "utf-7").ok);
  assert.ok(!parseAppendStart("box (\\Seen {3}", "utf-7").ok);
});

test("parseAppendNext reads what stands between two messages (RFC 3502)", () => {
  const before = { flags: NO_FLAGS, internalDate: undefined, isUtf8: true };
  assert.deepEqual(parseAppendNext(") (\\Seen) {3}", before), {
    ok: true,
    value: { flags: { system: ["\\Seen"], keywords: [] }, internalDate: undefined, isUtf8: false },
  });
  assert.ok(!parseAppendNext(" {3}", before).ok);
});
