import assert from "node:assert/strict";
import { readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FLAG_MARK, type MailboxView, type Maildir, type Uid } from "../../../src/storage/maildir/maildir.ts";
import { append, openForImap } from "./mailbox-sandbox.ts";
import { chunksOf } from "./sandbox.ts";

const ROUNDS = 150;

/** A small generator that gives the same numbers for the same seed (mulberry32). */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Opens a view and keeps what somebody knows who only listens: UIDs, and the marks at the last news of each. */
async function listen(maildir: Maildir) {
  const known = new Map<Uid, number | undefined>();
  /** What no view may be told; a listener itself must not throw. */
  const wrong: string[] = [];
  const view: MailboxView | undefined = await maildir.mailboxes.open("INBOX", (change) => {
    if (change.kind === "gone" || change.kind === "keywords") return;
    for (const uid of change.uids) {
      if ((change.kind === "arrived") === known.has(uid)) wrong.push(`${uid} ${change.kind}`);
      if (change.kind === "expunged") known.delete(uid);
      else known.set(uid, view?.marksOf(uid));
    }
  });
  assert.ok(view);
  for (const uid of view.uids()) known.set(uid, view.marksOf(uid));
  return { view, known, wrong };
}

type Listening = Awaited<ReturnType<typeof listen>>;

function marksIn(view: MailboxView): Map<Uid, number | undefined> {
  return new Map([...view.uids()].map((uid) => [uid, view.marksOf(uid)]));
}

test("whoever listens knows what is there, whatever we and other programs do at the same time", async (t) => {
  const seed = Number(process.env.FUZZ_SEED ?? 1);
  t.diagnostic(`seed ${seed}`);
  const random = numbersFrom(seed);
  const { root, maildir } = await openForImap(t);
  const listeners = [await listen(maildir), await listen(maildir)];
  const pick = <T>(items: readonly T[]): T | undefined => items[random(Math.max(1, items.length))];
  const anyView = () => (listeners[random(2)] as Listening).view;
  const filesIn = (folder: string) => readdirSync(join(root, folder)).map((name) => join(root, folder, name));
  let count = 0;

  /** What another program does: it knows nothing of us. */
  const theirs: (() => void)[] = [
    () => writeFileSync(join(root, "new", `${1_700_000_000 + random(5)}.M1P1Q${++count}.host`), "A: b\n\n"),
    () => writeFileSync(join(root, "cur", `copy ${++count}.eml`), "A: b\n\n"),
    () => {
      const path = pick([...filesIn("new"), ...filesIn("cur")]);
      const base = path?.split("/").at(-1)?.split(":")[0];
      if (path !== undefined)
        renameSync(path, join(root, "cur", `${base}:2,${pick(["", "S", "FS", "T", "RSa"])}`));
    },
    () => {
      const path = pick(filesIn("cur"));
      if (path !== undefined) unlinkSync(path);
    },
  ];
  /** What we do. */
  const ours: (() => Promise<unknown>)[] = [
    () => append(maildir, ["A: b\r\n\r\n", "A: c\r\n\r\n"]),
    () => maildir.deliver(chunksOf("A: b\r\n\r\n"), [{ mailbox: "INBOX" }, { mailbox: "Archive" }]),
    () => anyView().claimRecent(),
    () => {
      const view = anyView();
      const mark = pick([FLAG_MARK.seen, FLAG_MARK.trashed, FLAG_MARK.flagged]) ?? 0;
      return view.store(view.uids().slice(random(3)), (marks) => marks ^ mark);
    },
    () => {
      const view = anyView();
      return view.expunge(view.uids());
    },
    async () => {
      const view = anyView();
      await view.move(view.uids().slice(0, random(3)), pick(["Archive", "INBOX"]) ?? "");
    },
    () => anyView().refresh(),
    async () => {
      const [message] = await maildir.list("INBOX");
      if (message !== undefined) await maildir.mark(message, { flags: ["replied"] });
    },
  ];

  for (let round = 0; round < ROUNDS; round += 1) {
    const underWay = [pick(ours)?.(), random(2) === 0 ? pick(ours)?.() : undefined];
    for (let times = random(4); times > 0; times -= 1) pick(theirs)?.();
    if (random(20) === 0) rmSync(join(root, "dovecot-uidlist"), { force: true });
    await Promise.all(underWay);
  }

  await listeners[0]?.view.refresh();
  const [one, other] = listeners.map(({ view }) => marksIn(view));
  assert.deepEqual(one, other);
  for (const { known, wrong } of listeners) {
    assert.deepEqual(wrong, []);
    assert.deepEqual(new Map([...known].sort(([a], [b]) => a - b)), one);
  }
  const names = [...readdirSync(join(root, "cur")), ...readdirSync(join(root, "new"))];
  const baseNames = new Set(names.map((name) => name.split(":")[0]));
  assert.equal(one?.size, baseNames.size);

  await maildir.close();
  const { maildir: later } = await openForImap(t, { root });
  const { view } = await listen(later);
  assert.deepEqual(marksIn(view), one);
});
