import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compileSearch,
  formatThreads,
  MessageSorter,
  type OrderedColumns,
  type OrderKeys,
  parseCommand,
  ReferencesThreader,
  readBaseSubject,
  readOrderKeys,
  readSearchedFields,
  type SearchedMessage,
  type SortCriterion,
  SubjectThreader,
  searchConditions,
  type Threader,
  textNeedles,
} from "../../../src/core/imap/imap.ts";
import { foldText } from "../../../src/core/mime/mime.ts";

const NOW = Date.UTC(2024, 0, 31, 12);
const DAY = 86_400_000;

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  from: ["Ann =?utf-8?q?M=C3=BCller?= <ann@example.org>"],
  subject: [""],
  to: ['"Doe, \\"J\\"" <doe (away)@ (x) example.org>, Eve\tEvil <eve@example.com>'],
  "x-folded": ["one\ttwo  three"],
  date: ["Mon, 29 Jan 2024 23:30:00 -0800"],
};

const MESSAGE: SearchedMessage = {
  sequenceNumber: 3,
  uid: 30,
  modSeq: 7,
  isRecent: false,
  hasFlag: (flag) => ["\\Seen", "$Junk"].includes(flag),
  facts: { octets: 100, internalDate: NOW - DAY },
  savedAt: NOW - 60_000,
  ids: { emailId: "M1", threadId: "T1" },
  answerOf: () => undefined,
  fields: (name) => FIELDS[name] ?? [],
  hasText: (where, needle) => foldText(where === "body" ? "böse" : "kopf böse").includes(needle),
};

/** Only what needs no index is known. */
const UNREAD: SearchedMessage = {
  ...MESSAGE,
  facts: undefined,
  savedAt: undefined,
  ids: undefined,
  fields: () => undefined,
  hasText: () => undefined,
};

const SEARCHED = readSearchedFields(
  Object.entries(FIELDS).flatMap(([name, values]) => values.map((value) => ({ name, value }))),
);

/** The same when the index of fields is known as well. */
const INDEXED: SearchedMessage = {
  ...UNREAD,
  answerOf: (search) => {
    if (search.part !== "sentDay") return SEARCHED[search.part]?.includes(search.needle);
    const days = (SEARCHED.sentDay ?? Number.NaN) - search.day;
    return { before: days < 0, on: days === 0, since: days >= 0 }[search.relation];
  },
};

/** Whether the message matches, and whether that is known before it is looked at. */
const SEARCHES: Readonly<Record<string, readonly [matches: boolean, early: boolean | undefined]>> = {
  ALL: [true, true],
  SEEN: [true, true],
  UNSEEN: [false, false],
  "KEYWORD $Junk": [true, true],
  NEW: [false, false],
  OLD: [true, true],
  "2:4": [true, true],
  "*": [false, false],
  "UID 30": [true, true],
  "UID 40:*": [true, true],
  $: [true, true],
  "MODSEQ 7": [true, true],
  "MODSEQ 8": [false, false],
  "LARGER 99": [true, undefined],
  "SMALLER 100": [false, undefined],
  "ON 30-Jan-2024": [true, undefined],
  "BEFORE 30-Jan-2024": [false, undefined],
  "SINCE 30-Jan-2024": [true, undefined],
  "SENTON 29-Jan-2024": [true, undefined],
  "SENTSINCE 30-Jan-2024": [false, undefined],
  "SAVEDON 31-Jan-2024": [true, undefined],
  "YOUNGER 86400": [true, undefined],
  "OLDER 86400": [false, undefined],
  "OLDER 86399": [true, undefined],
  "EMAILID M1": [true, undefined],
  "THREADID M1": [false, undefined],
  'FROM "MÜLLER"': [true, undefined],
  'FROM "ANN@"': [true, undefined],
  "TO ann": [false, undefined],
  "TO doe@example.org": [true, undefined],
  'TO "doe, \\"j\\" <doe@"': [true, undefined],
  'TO "eve evil <eve@example.com>"': [true, undefined],
  "TO away": [true, undefined],
  "HEADER TO doe@example.org": [false, undefined],
  'HEADER x-folded "one two three"': [true, undefined],
  'HEADER x-folded "one  two"': [true, undefined],
  'HEADER x-folded "onetwo"': [false, undefined],
  'HEADER subject ""': [true, undefined],
  'HEADER X-None ""': [false, undefined],
  "BODY kopf": [false, undefined],
  "TEXT kopf": [true, undefined],
  "SEEN LARGER 99": [true, undefined],
  "UNSEEN LARGER 99": [false, false],
  "OR SEEN LARGER 99": [true, true],
  "OR UNSEEN SMALLER 99": [false, undefined],
  "NOT LARGER 99": [false, undefined],
  "NOT (UNSEEN BODY x)": [true, true],
};

for (const [text, [matches, early]] of Object.entries(SEARCHES)) {
  test(`compileSearch decides ${text}, ${early === undefined ? "after" : "before"} looking`, () => {
    const parsed = parseCommand(`a SEARCH ${text.replaceAll("Ü", "\xc3\x9c")}`, "utf-8");
    assert.ok(parsed.ok && parsed.command.name === "SEARCH");
    const matcher = compileSearch(parsed.command.keys, {
      now: NOW,
      largestSequenceNumber: 9,
      largestUid: 30,
      saved: [{ first: 30, last: 30 }],
    });
    assert.equal(matcher(MESSAGE), matches);
    assert.equal(matcher(UNREAD), early);
    assert.equal(matcher(INDEXED) ?? matches, matches);
  });
}

/** What the index of fields decides. */
const DECIDED: Readonly<Record<string, boolean | undefined>> = {
  'FROM "MÜLLER"': true,
  'NOT TO "eve evil <eve@example.com>"': false,
  "TO ann": false,
  'SUBJECT ""': true,
  'CC ""': false,
  'HEADER Message-Id "x"': false,
  "HEADER TO ann": false,
  "HEADER TO doe@example.org": undefined,
  'HEADER x-folded "one"': undefined,
  'OR CC x HEADER x-folded ""': undefined,
  'OR FROM ann HEADER x-folded ""': true,
  "SENTON 29-Jan-2024": true,
  "SENTBEFORE 29-Jan-2024": false,
  "SENTBEFORE 30-Jan-2024": true,
  "NOT SENTSINCE 30-Jan-2024": true,
  "SINCE 30-Jan-2024": undefined,
};

for (const [text, expected] of Object.entries(DECIDED)) {
  test(`compileSearch decides ${text} by an index of fields: ${expected}`, () => {
    const parsed = parseCommand(`a SEARCH ${text.replaceAll("Ü", "\xc3\x9c")}`, "utf-8");
    assert.ok(parsed.ok && parsed.command.name === "SEARCH");
    const context = { now: NOW, largestSequenceNumber: 9, largestUid: 30, saved: [] };
    assert.equal(compileSearch(parsed.command.keys, context)(INDEXED), expected);
  });
}

/** What keys demand: flags that are there, those that are not, numbers, and a dot where that is all. */
const CONDITIONS: Readonly<Record<string, string>> = {
  ALL: ".",
  UNSEEN: "-\\Seen.",
  "DELETED NOT KEYWORD $Junk": "+\\Deleted-$Junk.",
  "(SEEN (UNDELETED ALL)) FROM x": "+\\Seen-\\Deleted",
  "OR SEEN DELETED": "",
  "NOT (SEEN DELETED)": "",
  "NOT NOT SEEN": "",
  NEW: "-\\Seen",
  "2:4,7": "#sequence.",
  "UID 3:* UNSEEN FROM x": "-\\Seen#uid",
  "$ (UID 3:* 1)": "#sequence#uid#sequence.",
  "NOT UID 3": "",
  "OR 1 UID 3": "",
};

for (const [text, expected] of Object.entries(CONDITIONS)) {
  test(`searchConditions of ${text} are ${expected}`, () => {
    const parsed = parseCommand(`a SEARCH ${text}`, "utf-8");
    assert.ok(parsed.ok && parsed.command.name === "SEARCH");
    const { has, lacks, within, isAll } = searchConditions(parsed.command.keys);
    const told = [
      ...has.map((flag) => `+${flag}`),
      ...lacks.map((flag) => `-${flag}`),
      ...within.map(({ key }) => `#${key}`),
    ];
    assert.equal(told.join("") + (isAll ? "." : ""), expected);
  });
}

test("textNeedles lists the texts of BODY and TEXT wherever they stand", () => {
  const parsed = parseCommand("a SEARCH OR BODY a NOT (TEXT b SEEN)", "utf-7");
  assert.ok(parsed.ok && parsed.command.name === "SEARCH");
  assert.deepEqual(textNeedles(parsed.command.keys), [
    { where: "body", needle: "A" },
    { where: "text", needle: "B" },
  ]);
});

/** Subjects and their base subjects; a star marks what was a reply or forward (RFC 5256 §2.1). */
const SUBJECTS: Readonly<Record<string, string>> = {
  "": "",
  Hello: "HELLO",
  "Re: Hello": "*HELLO",
  "re :  fwd: FW:hello (fwd) (fwd)": "*HELLO",
  "[list] Hello": "HELLO",
  "[list] Re: [list] Hello": "*HELLO",
  "Re[2]: Hello": "*HELLO",
  "Re [x]: Hello": "*HELLO",
  "[list]": "[LIST]",
  "Re: [list]": "*[LIST]",
  "[Fwd: Re: Hello]": "*HELLO",
  "=?utf-8?q?Re=3A_Gr=C3=BC=C3=9Fe?=": "*GRU\u0308SSE",
  "Report: x": "REPORT: X",
  "a\t b": "A B",
};

for (const [value, expected] of Object.entries(SUBJECTS)) {
  test(`readBaseSubject of ${JSON.stringify(value)} is ${expected}`, () => {
    const { text, isReply } = readBaseSubject(value);
    assert.equal((isReply ? "*" : "") + text, expected);
  });
}

function partsOf(keys: readonly OrderKeys[]): OrderedColumns["parts"] {
  return {
    sentAt: keys.map((key) => key.sentAt),
    subjectKey: keys.map((key) => key.subjectKey),
    fromKey: keys.map((key) => key.fromKey),
    idKey: keys.map((key) => key.idKey),
    answersKey: keys.map((key) => key.answersKey),
  };
}

test("MessageSorter orders by each criterion and keeps ties in order (RFC 5256 §3)", () => {
  const sources = [
    {
      subject: "Re: b",
      from: "Zoe <zoe@example.org>",
      date: "1 Jan 2024 12:00 +0000",
      internalDate: 3,
      octets: 5,
    },
    {
      subject: "a",
      from: "Bob <bob@example.org>",
      date: "1 Jan 2024 12:30 +0100",
      internalDate: 2,
      octets: 5,
    },
    { subject: "B", from: "grp: x@example.org;", date: "junk", internalDate: 1, octets: 9 },
  ];
  const order = (...criteria: SortCriterion[]): number[] => {
    const sorter = new MessageSorter(criteria, 3);
    const keys = sources.map(({ subject, from, date }) =>
      readOrderKeys(Object.entries({ subject, from, date }).map(([name, value]) => ({ name, value }))),
    );
    const facts = {
      internalDates: sources.map((source) => source.internalDate),
      octets: sources.map((source) => source.octets),
    };
    sorter.add([1, 2, 3], { ...facts, parts: partsOf(keys) });
    return sorter.sort();
  };
  assert.deepEqual(order({ key: "SUBJECT", isReverse: false }), [2, 1, 3]);
  assert.deepEqual(order({ key: "SUBJECT", isReverse: true }), [1, 3, 2]);
  assert.deepEqual(order({ key: "FROM", isReverse: false }), [2, 3, 1]);
  assert.deepEqual(order({ key: "ARRIVAL", isReverse: false }), [3, 2, 1]);
  assert.deepEqual(order({ key: "DATE", isReverse: false }), [3, 2, 1]);
  assert.deepEqual(order({ key: "SIZE", isReverse: true }), [3, 1, 2]);
  assert.deepEqual(order({ key: "SIZE", isReverse: false }, { key: "SUBJECT", isReverse: false }), [2, 1, 3]);
});

/** In several batches, as they come from an index. */
function thread(threader: Threader, messages: readonly OrderKeys[]): string {
  for (let start = 0; start < messages.length; start += 2) {
    const batch = messages.slice(start, start + 2);
    const [numbers, zeros] = [batch.map((_, nth) => start + nth + 1), batch.map(() => 0)];
    threader.add(numbers, { internalDates: zeros, octets: zeros, parts: partsOf(batch) });
  }
  return formatThreads(threader.threads());
}

/** `id < references: subject`, in order of date. */
function messages(...lines: string[]): OrderKeys[] {
  return lines.map((line, at) => {
    const [, id = "", references = "", subject = ""] = /^(\S*)(?: <(.*?))?: (.*)$/.exec(line) ?? [];
    const fields = {
      "Message-ID": id === "-" ? "" : `<${id}>`,
      References: references.replace(/\S+/g, "<$&>"),
      Subject: subject,
    };
    const keys = readOrderKeys(Object.entries(fields).map(([name, value]) => ({ name, value })));
    return { ...keys, sentAt: at };
  });
}

const THREADS: Readonly<Record<string, readonly [OrderKeys[], string]>> = {
  "nothing of nothing": [[], ""],
  "a chain": [messages("a: s", "b < a: Re: s", "c < a b: Re: s"), "(1 2 3)"],
  "two answers": [messages("a: s", "b < a: Re: s", "c < a: Re: s"), "(1 (2)(3))"],
  "answers before what they answer": [messages("b < a: Re: s", "a: s"), "(2 1)"],
  "answers to what is not there": [messages("b < a: s", "c < a: t"), "((1)(2))"],
  "one answer to what is not there": [messages("c < a b: s"), "(1)"],
  "roots of one subject": [messages("a: s", "b: Re: s", "c: s"), "((1 2)(3))"],
  "replies of one subject without an original": [messages("a: Re: s", "b: Re: s"), "((1)(2))"],
  "the original after the reply": [messages("a: Re: s", "b: s"), "(2 1)"],
  "roots without a subject": [messages("a: ", "b: "), "(1)(2)"],
  "an id that was used twice": [messages("a: s", "a: t", "b < a: u"), "(1 3)(2)"],
  "a loop": [messages("a < b: s", "b < a: t"), "(2 1)"],
  "messages without an id": [messages("-: s", "- < x: t"), "(1)(2)"],
  "a sibling of what is not there": [messages("a: s", "c < a b: t", "d < a b: u"), "(1 (2)(3))"],
  "a subject that joins a missing message's answers": [
    messages("b < a: s", "c < a: s", "d: Re: s"),
    "((1)(2)(3))",
  ],
};

for (const [name, [list, expected]] of Object.entries(THREADS)) {
  test(`ReferencesThreader makes threads of ${name}`, () => {
    assert.equal(thread(new ReferencesThreader(list.length), list), expected);
  });
}

test("SubjectThreader puts the first of a subject above the others (RFC 5256 §3)", () => {
  const list = messages("a: s", "b: t", "c: Re: s", "d: fwd: s", "e: [x] t");
  assert.equal(thread(new SubjectThreader(list.length), list), "(1 (3)(4))(2 5)");
});

test("ReferencesThreader takes conversations of any depth", () => {
  const lines = Array.from({ length: 20_000 }, (_, at) =>
    at === 0 ? "m0: s" : `m${at} < m${at - 1}: t${at}`,
  );
  const text = thread(new ReferencesThreader(9), messages(...lines));
  assert.equal(text.match(/\d+/g)?.length, 20_000);
});
