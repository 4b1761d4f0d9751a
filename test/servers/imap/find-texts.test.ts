import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { foldText } from "../../../src/core/mime/mime.ts";
import { describer } from "../../../src/servers/imap/imap.ts";
import {
  type Describer,
  type MailboxView,
  openMaildir,
  type SoughtText,
} from "../../../src/storage/maildir/maildir.ts";

const COUNT = 150;
const [LARGE, GONE, RENAMED] = [5, 70, 71];

/** A mailbox that another program filled, and how many texts were read here and not by threads. */
async function openForeign(t: TestContext, module: URL | undefined) {
  const root = mkdtempSync(join(tmpdir(), "texts-test-"));
  const counting = {
    ...describer,
    calls: 0,
    describe(octets) {
      counting.calls += 1;
      return describer.describe(octets);
    },
  } satisfies Describer & { calls: number };
  const { module: _, ...withoutModule } = counting;
  for (const folder of ["cur", "new", "tmp"]) mkdirSync(join(root, folder));
  for (let nth = 0; nth < COUNT; nth += 1) writeFileSync(join(root, "cur", nameOf(nth)), messageNumber(nth));
  const maildir = await openMaildir(root, {
    now: () => new Date(),
    randomOctets: (octets) => new Uint8Array(octets),
    hostname: "mail.example.test",
    describer: module === undefined ? withoutModule : { ...counting, module },
  });
  t.after(async () => {
    await maildir.close();
    rmSync(root, { recursive: true, force: true });
  });
  const view = await maildir.mailboxes.open("INBOX", () => {});
  assert.ok(view);
  return { root, view, counting };
}

function nameOf(nth: number, flags = "S"): string {
  return `${1_700_000_000 + nth}.M1P1.host:2,${flags}`;
}

/** One of them too large for the threads, one empty, others with and without CR. */
function messageNumber(nth: number): string {
  if (nth === 3) return "";
  const end = nth % 2 === 0 ? "\n" : "\r\n";
  const lines = [
    `Subject: number ${nth}`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    `Gr\u00fc\u00dfe ${nth % 10}`,
  ];
  return lines.join(end) + end + (nth === LARGE ? `long${end}`.repeat(20_000) : "");
}

const TEXTS: readonly SoughtText[] = [
  { where: "body", needle: foldText("grüße 5") },
  { where: "text", needle: foldText("number 7") },
  { where: "body", needle: foldText("number 7") },
  { where: "text", needle: foldText("SUBJECT: number 5\nContent-Type") },
  { where: "text", needle: "" },
];

/** What reading each message says. */
function findByReading(nth: number): boolean[] {
  const octets = Buffer.from(messageNumber(nth).replace(/\r?\n/g, "\r\n"));
  const { header, body } = describer.describeWhole(octets).text();
  return TEXTS.map(
    ({ where, needle }) => body.includes(needle) || (where === "text" && header.includes(needle)),
  );
}

async function findAll(view: MailboxView, texts = TEXTS): Promise<Map<number, readonly boolean[]>> {
  const all = new Map<number, readonly boolean[]>();
  for await (const { uid, areFound } of view.findTexts(view.uids(), texts)) all.set(uid - 1, areFound);
  return all;
}

const MODULES = {
  "by threads": describer.module,
  here: undefined,
  "here, for the threads cannot": new URL("missing.ts", import.meta.url),
};

for (const [name, module] of Object.entries(MODULES)) {
  const isByThreads = module !== undefined && module === describer.module;
  test(`findTexts finds what reading finds, in order, while messages change, ${name}`, async (t) => {
    const { root, view, counting } = await openForeign(t, module);
    rmSync(join(root, "cur", nameOf(GONE)));
    renameSync(join(root, "cur", nameOf(RENAMED)), join(root, "cur", nameOf(RENAMED, "FS")));
    const found = await findAll(view);
    const expected = Array.from({ length: COUNT }, (_, nth) => nth).filter((nth) => nth !== GONE);
    assert.deepEqual([...found.keys()], expected);
    for (const nth of expected) assert.deepEqual(found.get(nth), findByReading(nth), `message ${nth}`);
    // The large one, and the one that is not where it was.
    if (isByThreads) assert.ok(counting.calls <= 2, `${counting.calls} were read here`);
    else assert.equal(counting.calls, expected.length);
  });

  test(`indexTexts indexes all messages, read ${name}`, async (t) => {
    const { view, counting } = await openForeign(t, module);
    const uids = view.uids();
    view.indexTexts();
    // Until the index knows of every message that it is not one of these.
    while ((await view.mayContain(uids, "NOWHERE")).size > 0);
    assert.deepEqual([...(await view.mayContain(uids, foldText("Subject: number 77")))], [78]);
    assert.deepEqual([...(await view.mayContain(uids, foldText("grüße 5")))].length, 15);
    assert.equal(counting.calls, isByThreads ? 1 : COUNT);
  });
}

test("findTexts answers for as many texts as there are, each its own", async (t) => {
  const { view } = await openForeign(t, describer.module);
  const texts = Array.from(
    { length: 1000 },
    (_, nth) => ({ where: "text", needle: `: NUMBER ${nth}\n` }) as const,
  );
  const found = await findAll(view, texts);
  assert.equal(found.size, COUNT);
  for (const [nth, areFound] of found) assert.equal(areFound.indexOf(true), nth === 3 ? -1 : nth);
});

test("findTexts of two searches at a time are not mixed up", async (t) => {
  const { view } = await openForeign(t, describer.module);
  const [first, second] = await Promise.all([findAll(view), findAll(view)]);
  assert.deepEqual(first, second);
});
