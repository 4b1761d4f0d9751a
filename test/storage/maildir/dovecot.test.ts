import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { FLAG_MARK, type Maildir } from "../../../src/storage/maildir/maildir.ts";
import { append, expunge, openForImap, viewOf } from "./mailbox-sandbox.ts";
import { chunksOf } from "./sandbox.ts";

/** Where Debian and others have the process that Dovecot starts for each IMAP connection. */
const IMAP = ["/usr/lib/dovecot/imap", "/usr/libexec/dovecot/imap"].find((path) => existsSync(path));
const skip = IMAP === undefined && "Dovecot is not installed (Debian: dovecot-imapd)";

/** Dovecot serves nobody as root; then it works as this user, and owns the Maildir meanwhile. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const user = isRoot ? NOBODY : process.getuid?.();
const group = isRoot ? NOBODY : process.getgid?.();

/**
 * Lets Dovecot carry out commands on the Maildir, logged in already, and returns all that it says. It carries
 * out what does not depend on each other, as it thinks, in any order.
 */
function askDovecot(root: string, ...commands: string[]): string {
  const around = dirname(root);
  const config = join(around, "dovecot.conf");
  writeFileSync(
    config,
    `base_dir = ${around}/run
state_dir = ${around}/run
log_path = ${around}/run/log
ssl = no
mail_location = maildir:${root}
first_valid_uid = 1
mail_uid = ${user}
mail_gid = ${group}
first_valid_gid = 1
namespace inbox {
  inbox = yes
  separator = .
}
`,
  );
  mkdirSync(join(around, "run"), { recursive: true });
  if (isRoot) {
    chmodSync(around, 0o755);
    chownAll(around);
  }
  const input = [...commands, "LOGOUT"].map((command, nth) => `${nth} ${command}\r\n`).join("");
  const env = { USER: "user", HOME: around, PATH: process.env.PATH };
  // Between pipes, because our own input and output are sockets, and then it takes us for inetd.
  const script = 'cat | "$0" -c "$1" 2>&1 | cat';
  const { stdout } = spawnSync("sh", ["-c", script, IMAP ?? "", config], { input, env, timeout: 10_000 });
  const said = stdout.toString("latin1");
  assert.match(said, /\* BYE/, said);
  return said;
}

function chownAll(folder: string): void {
  chownSync(folder, NOBODY, NOBODY);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) chownAll(path);
    else chownSync(path, NOBODY, NOBODY);
  }
}

/** A Maildir that is open only while it is used: the two servers take turns. */
async function makeSharedMaildir(t: TestContext) {
  const { root: around } = await openForImap(t);
  const root = join(around, "Maildir");
  async function withOurs<T>(use: (maildir: Maildir) => Promise<T>): Promise<T> {
    const { maildir } = await openForImap(t, { root });
    try {
      return await use(maildir);
    } finally {
      await maildir.close();
    }
  }
  return { root, withOurs };
}

/** UIDs and what each message is marked with, in words, as we have it. */
async function marksIn(maildir: Maildir, mailbox: string): Promise<string[]> {
  const { view } = await viewOf(maildir, mailbox);
  return [...view.uids()].map((uid) => {
    const marks = view.marksOf(uid) ?? 0;
    const words = [
      ...[
        ["\\Flagged", FLAG_MARK.flagged],
        ["\\Seen", FLAG_MARK.seen],
      ].filter(([, mark]) => marks & Number(mark)),
    ].map(([word]) => String(word));
    const keywords = view.keywords.filter((_, bit) => marks & (1 << bit));
    return `${uid} (${[...words, ...keywords].join(" ")})`;
  });
}

/** The same as Dovecot has it. */
function marksSaid(said: string): string[] {
  return [...said.matchAll(/^\* \d+ FETCH \(UID (\d+) FLAGS \(([^)]*)\)/gm)].map(
    ([, uid, flags = ""]) => `${uid} (${flags.replace(/\\Recent ?/, "").trimEnd()})`,
  );
}

const SHOW = "FETCH 1:* (UID FLAGS)";

test("Dovecot finds our UIDs, flags, keywords, sizes, dates and subscriptions, and we find its own", {
  skip,
}, async (t) => {
  const { root, withOurs } = await makeSharedMaildir(t);
  const ours = await withOurs(async (maildir) => {
    await append(maildir, ["A: 1\r\n\r\n", "A: 2\n\n", "A: 3\n\n"]);
    const message = await maildir.mailboxes.stage(chunksOf("A: 4\n\n"), new Date("2001-02-03T04:05:06Z"));
    await maildir.mailboxes.append("INBOX", [{ message, flags: ["seen"], keywords: ["$Approved"] }]);
    const { view } = await viewOf(maildir);
    await view.store([1], () => FLAG_MARK.flagged);
    await expunge(view, [2]);
    await maildir.mailboxes.create("Tr&AOQ-ume.2026");
    await maildir.mailboxes.subscribe("Tr&AOQ-ume.2026");
    await maildir.mailboxes.subscribe("Secretary.Held");
    return { uidValidity: view.uidValidity, uidNext: view.uidNext, marks: await marksIn(maildir, "INBOX") };
  });
  assert.deepEqual(ours.marks, ["1 (\\Flagged)", "3 ()", "4 (\\Seen $Approved)"]);

  const first = askDovecot(
    root,
    "SELECT INBOX",
    SHOW,
    "FETCH 3 (RFC822.SIZE INTERNALDATE)",
    'LSUB "" *',
    'LIST "" "Tr*"',
  );
  assert.match(first, new RegExp(`UIDVALIDITY ${ours.uidValidity}\\]`));
  assert.match(first, new RegExp(`UIDNEXT ${ours.uidNext}\\]`));
  assert.deepEqual(marksSaid(first), ours.marks);
  assert.match(first, /RFC822\.SIZE 8 INTERNALDATE "03-Feb-2001 04:05:06 \+0000"/);
  for (const name of ["Tr&AOQ-ume.2026", "Secretary.Held"])
    assert.ok(first.includes(`LSUB () "." ${name}`), name);
  assert.ok(first.includes('LIST (\\HasNoChildren) "." Tr&AOQ-ume.2026'));

  const second = askDovecot(
    root,
    "SELECT INBOX",
    "STORE 2 +FLAGS ($Junk)",
    "STORE 1 +FLAGS (\\Deleted)",
    "APPEND INBOX (\\Seen) {8+}\r\nA: 5\r\n\r\n",
    'SUBSCRIBE "Trash"',
    'UNSUBSCRIBE "Secretary.Held"',
  );
  assert.match(second, /APPENDUID \d+ 5\]/);
  askDovecot(root, "SELECT INBOX", "EXPUNGE");
  const theirs = marksSaid(askDovecot(root, "SELECT INBOX", SHOW));
  assert.deepEqual(theirs, ["3 ($Junk)", "4 (\\Seen $Approved)", "5 (\\Seen)"]);
  const again = await withOurs(async (maildir) => {
    const { view } = await viewOf(maildir);
    assert.deepEqual([view.uidValidity, view.uidNext], [ours.uidValidity, 6]);
    const subscribed = [
      "INBOX",
      "Sent",
      "Drafts",
      "Trash",
      "Junk",
      "Archive",
      "Secretary",
      "Tr&AOQ-ume.2026",
    ];
    assert.deepEqual(await maildir.mailboxes.subscriptions(), subscribed);
    const marks = await marksIn(maildir, "INBOX");
    assert.deepEqual(await append(maildir, ["A: 6\n\n"]), [6]);
    return marks;
  });
  assert.deepEqual(again, theirs);
  const last = askDovecot(root, "SELECT INBOX", SHOW);
  assert.match(last, new RegExp(`UIDVALIDITY ${ours.uidValidity}\\]`));
  assert.deepEqual(marksSaid(last), [...theirs, "6 ()"]);
});

test("we find the UIDs of a Maildir that Dovecot made, also without an index", { skip }, async (t) => {
  const { root, withOurs } = await makeSharedMaildir(t);
  askDovecot(root, "CREATE Archive", "APPEND Archive (\\Flagged one two) {8+}\r\nA: 1\r\n\r\n");
  askDovecot(root, "APPEND Archive (\\Deleted) {8+}\r\nA: 2\r\n\r\n");
  askDovecot(root, "APPEND Archive (two) {8+}\r\nA: 3\r\n\r\n");
  askDovecot(root, "SELECT Archive", "EXPUNGE");
  const said = askDovecot(root, "SELECT Archive", SHOW);
  const uidValidity = Number(/UIDVALIDITY (\d+)\]/.exec(said)?.[1]);
  const theirs = marksSaid(said);
  assert.deepEqual(theirs, ["1 (\\Flagged one two)", "3 (two)"]);
  await withOurs(async (maildir) => {
    const { view } = await viewOf(maildir, "Archive");
    assert.deepEqual([view.uidValidity, view.uidNext], [uidValidity, 4]);
    assert.deepEqual(await marksIn(maildir, "Archive"), theirs);
    const message = await view.open(3);
    assert.equal(message?.octets, 8);
    await message?.close();
  });
});

test("a mailbox that Dovecot has open sees what we do, and we what it does", { skip }, async (t) => {
  const { root, withOurs } = await makeSharedMaildir(t);
  await withOurs(async (maildir) => {
    await append(maildir, ["A: 1\n\n"]);
    const { view, told } = await viewOf(maildir);
    const said = askDovecot(
      root,
      "SELECT INBOX",
      "APPEND INBOX {8+}\r\nA: 2\r\n\r\n",
      "STORE 1 +FLAGS (\\Seen)",
    );
    assert.match(said, /APPENDUID \d+ 2\]/);
    await Promise.all([told("arrived"), told("marked")]);
    assert.deepEqual(await marksIn(maildir, "INBOX"), ["1 (\\Seen)", "2 ()"]);
    assert.deepEqual(await append(maildir, ["A: 3\n\n"]), [3]);
    await view.store([2], () => FLAG_MARK.flagged);
    assert.deepEqual(marksSaid(askDovecot(root, "SELECT INBOX", SHOW)), [
      "1 (\\Seen)",
      "2 (\\Flagged)",
      "3 ()",
    ]);
  });
});
