import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Dovecot, hasDovecot, NO_DOVECOT } from "./dovecot.ts";
import { startImap } from "./imap-fixture.ts";
import { fetchedValues, type ImapValue } from "./imap-values.ts";

const corpus = join(import.meta.dirname, "../../../../shared/corpus");
const skip = hasDovecot ? (existsSync(corpus) ? false : "The corpus is not there") : NO_DOVECOT;

/** Where our answer is another than Dovecot's, and why that is right. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  "eml/assorted/must_supply_encoding.eml":
    "No delimiter of the boundary comes: text (RFC 2045 §5.2) instead of a multipart with an empty part",
  "eml/assorted/raw_email_with_binary_encoded.eml":
    "An unquoted boundary with an equals sign in it is read to its end, not cut at the sign; then its delimiters fit",
  "eml/assorted/weird_to_header.eml":
    "An empty element of an address list is no address (RFC 5322 §4.4, obs-addr-list)",
  "eml/low-quality/mime-bad-content-type.eml":
    "A type that only lacks the semicolon behind it is read; an empty type is none (RFC 2045 §5.1)",
  "eml/low-quality/multipart-wo-boundary.eml":
    "A multipart without a boundary is text (RFC 2045 §5.2), which can be read, not an empty part",
  "eml/parsed/malformed-016.eml":
    "Boundaries of more than 80 characters, each the beginning of the next, are compared whole (RFC 2046 §5.1.1)",
  "eml/parsed/rfc-008.eml":
    "The line end before a delimiter belongs to the delimiter even where a header was not ended (RFC 2046 §5.1.1)",
  "eml/structure/badbound.eml":
    "No delimiter of the boundary comes: text (RFC 2045 §5.2) instead of a multipart with an empty part",
  "eml/structure/double-semicolon.eml":
    "Two semicolons in a row do not end the parameters: the boundary behind them is found, and the parts with it",
  "tnef/calendar/createEvent.eml":
    "Of two boundaries the first counts; its delimiters do not come: text instead of a multipart with an empty part",
};

test("Dovecot tells the same ENVELOPE and BODYSTRUCTURE of every real mail", { skip }, async (t) => {
  const files = readdirSync(corpus, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".eml"))
    .sort();
  const imap = await startImap(t);
  const dovecot = await Dovecot.prepare(t);
  for (const [index, file] of files.entries()) {
    const name = `${1_700_000_000 + index}.M${index}P1.test:2,S`;
    for (const folder of [imap.folder, dovecot.maildir]) {
      await copyFile(join(corpus, file), join(folder, "cur", name));
    }
  }
  await dovecot.handOver();
  const [ours, theirs] = await Promise.all(
    [await imap.login(), await dovecot.login(t)].map(async (client) => {
      await client.ok("SELECT INBOX");
      return fetchedValues(await client.ok("FETCH 1:* (RFC822.SIZE ENVELOPE BODYSTRUCTURE)"));
    }),
  );
  assert.equal(ours?.size, files.length);
  for (const [index, file] of files.entries()) {
    const [own, his]: ImapValue[] = [ours, theirs].map(
      (all): ImapValue => normalize([...(all?.get(index + 1) ?? [])]),
    );
    if (DIFFERENCES[file] === undefined) assert.deepEqual(own, his, file);
    else assert.notDeepEqual(own, his, `${file} is no different any more`);
  }
});

test("Dovecot searches, sorts and threads random mail the same way", {
  skip: hasDovecot ? false : NO_DOVECOT,
}, async (t) => {
  const random = createRandom(t);
  const imap = await startImap(t);
  const dovecot = await Dovecot.prepare(t);
  const clients = [await imap.login(), await dovecot.login(t)] as const;
  const messages: RandomMessage[] = [];
  while (messages.length < 60) messages.push(randomMessage(random, messages));
  for (const client of clients) {
    for (const { flags, octets } of messages) await client.append("INBOX", octets, `(${flags}) `);
    await client.ok("SELECT INBOX");
  }
  const commands = [
    ...["SUBJECT", "DATE", "FROM", "TO", "CC", "SIZE", "ARRIVAL"].map((key) => `SORT (${key}) utf-8 ALL`),
    "SORT (REVERSE SUBJECT DATE) utf-8 ALL",
    "THREAD REFERENCES utf-8 ALL",
    "THREAD ORDEREDSUBJECT utf-8 ALL",
    ...Array.from({ length: 150 }, () => `SEARCH ${randomKey(random, 3)}`),
  ];
  for (const command of commands) {
    const [ours, theirs] = [await clients[0].ok(command), await clients[1].ok(command)];
    assert.deepEqual(ours, theirs, command);
  }
});

type Random = <T>(choices: readonly T[]) => T;

/** The same choices every time, for a seed that is told when the test fails. */
function createRandom(t: TestContext): Random {
  let state = Number(process.env.SEED ?? 1);
  t.diagnostic(`SEED=${state}`);
  return (choices) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return choices[(state >>> 8) % choices.length] as (typeof choices)[number];
  };
}

const WORDS = ["one", "Two", "three", "Re", "list", "gr=C3=BC=C3=9Fe"];
const PEOPLE = [
  "ann@example.org",
  "Bob <bob@example.net>",
  '"C, D" <carl@example.org>',
  "Team: ann@example.org;",
];

interface RandomMessage {
  readonly flags: string;
  readonly octets: string;
  /** The ids of what it answers, oldest first, and its own. */
  readonly chain: readonly string[];
  readonly subject: string;
}

/** An answer to one of the messages before, or the first of a conversation; some answer what is not there. */
function randomMessage(random: Random, before: readonly RandomMessage[]): RandomMessage {
  const at = before.length;
  const answered = random([true, true, false]) ? random(before) : undefined;
  const isLost = random([false, false, false, true]);
  const ancestors = [...(answered?.chain ?? []), ...(isLost ? [`<lost-${at}@example.org>`] : [])];
  const subject = answered?.subject ?? Array.from({ length: random([1, 2]) }, () => random(WORDS)).join(" ");
  const prefix =
    answered === undefined ? random(["", "[list] "]) : random(["Re: ", "Fwd: ", "Re: [list] re: "]);
  const encoded = subject.includes("=") ? `=?utf-8?q?${subject.replaceAll(" ", "_")}?=` : subject;
  const field = random([`References: ${ancestors.join(" ")}`, `In-Reply-To: ${ancestors.at(-1)}`]);
  const id = `<${at}@example.org>`;
  const octets = [
    `From: ${random(PEOPLE)}`,
    `To: ${random(PEOPLE)}`,
    `Cc: ${random(PEOPLE)}`,
    `Subject: ${prefix}${encoded}`,
    `Date: ${random([1, 2, 3])} Jan 2024 1${random([0, 1, 2])}:00:${10 + (at % 50)} ${random(["+0000", "-0800"])}`,
    `Message-ID: ${id}`,
    ...(ancestors.length > 0 ? [field] : []),
    "",
    `${random(WORDS)} ${"x".repeat(at)}`,
    "",
  ].join("\r\n");
  const flags = random(["", "\\Seen", "\\Flagged $Label", "\\Seen \\Deleted"]);
  return { flags, octets, chain: [...ancestors, id], subject };
}

function randomKey(random: Random, depth: number): string {
  const plain = [
    "SEEN",
    "UNFLAGGED",
    "KEYWORD $label",
    `SUBJECT "${random(["one", "RE", "list] re", "two"])}"`,
    `FROM "${random(["ann", "BOB", "example.org", "C, D"])}"`,
    `TO ${random(["carl", "team"])}`,
    `HEADER References ""`,
  ];
  // Dovecot 2.3 shortens NOT around these wrongly: to it, NOT SENTBEFORE x OR NOT SENTBEFORE y is one of the two.
  const simple = [
    ...plain,
    `${random(["SENTBEFORE", "SENTON", "SENTSINCE"])} ${random(["1", "2", "3", "4"])}-Jan-2024`,
    `${random(["LARGER", "SMALLER"])} ${random(["250", "280"])}`,
    `${random(["BODY", "TEXT"])} ${random(["one", "xxxx", "three", "re"])}`,
    `UID ${random(["1:5", "7,9", "50:*"])}`,
    `${random(["3:17", "*", "1,60"])}`,
  ];
  if (depth === 0) return random(simple);
  const key = (): string => randomKey(random, depth - 1);
  return random([
    () => random(simple),
    () => `NOT ${random(plain)}`,
    () => `OR ${key()} ${key()}`,
    () => `(${key()} ${key()})`,
  ])();
}

/**
 * Differences that are none: white space where a field was folded (unfolding leaves it as it is, RFC 5322 §2.2.3; Dovecot
 * makes one space of it), and addresses without a domain (RFC 9051 §7.5.2 has no word for it; Dovecot says
 * MISSING_DOMAIN, we say nothing).
 */
function normalize(value: ImapValue): ImapValue {
  if (value === null) return null;
  if (typeof value !== "string") return value.map(normalize);
  return value
    .replace(/^MISSING_(DOMAIN|MAILBOX)$/, "")
    .replace(/[ \t]+/g, " ")
    .trim();
}
