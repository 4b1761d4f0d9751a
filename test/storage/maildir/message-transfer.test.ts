import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Appended, FLAG_MARK, type Maildir } from "../../../src/storage/maildir/maildir.ts";
import { type Fault, faultyDisk } from "./faulty-disk.ts";
import { append, openForImap, viewOf } from "./mailbox-sandbox.ts";
import { chunksOf } from "./sandbox.ts";

const NEVER = Number.POSITIVE_INFINITY;

/** What is done, to INBOX with messages 1 and 2. */
type Act = (maildir: Maildir) => Promise<unknown>;

const ACTS: Readonly<Record<string, Act>> = {
  async append(maildir) {
    const messages: Appended[] = [];
    try {
      messages.push({ message: await maildir.mailboxes.stage(chunksOf("c")) });
      messages.push({ message: await maildir.mailboxes.stage(chunksOf("d")), flags: ["seen"] });
      await maildir.mailboxes.append("Archive", messages);
    } finally {
      for (const { message } of messages) await message.discard();
    }
  },
  async copy(maildir) {
    await (await viewOf(maildir)).view.copy([1, 2], "Archive");
  },
  async move(maildir) {
    await (await viewOf(maildir)).view.move([1, 2], "Archive");
  },
};

async function makeMailboxes(t: TestContext) {
  const { root, maildir } = await openForImap(t);
  await append(maildir, ["a", "b"]);
  await maildir.close();
  return root;
}

/** How many messages are in each mailbox, by a new look at the disk and by one that was open all the time. */
async function countIn(maildir: Maildir) {
  const counts = async (mailbox: string) => (await maildir.mailboxes.status(mailbox))?.messages ?? 0;
  return { inbox: await counts("INBOX"), archive: await counts("Archive") };
}

async function stepsOf(t: TestContext, act: Act): Promise<number> {
  const disk = faultyDisk("fails", NEVER);
  const { maildir } = await openForImap(t, { root: await makeMailboxes(t), disk });
  await act(maildir);
  return disk.steps;
}

async function actWithFault(t: TestContext, act: Act, fault: { fault: Fault; atStep: number }) {
  const root = await makeMailboxes(t);
  const { maildir } = await openForImap(t, { root, disk: faultyDisk(fault.fault, fault.atStep) });
  await viewOf(maildir, "Archive");
  await assert.rejects(act(maildir));
  const { maildir: later } = await openForImap(t, { root });
  return { root, counts: await countIn(maildir), countsLater: await countIn(later) };
}

for (const name of ["append", "copy"]) {
  test(`${name} that fails at any step has done nothing`, async (t) => {
    const act = ACTS[name] as Act;
    const steps = await stepsOf(t, act);
    for (let atStep = 1; atStep <= steps; atStep += 1) {
      const { root, counts, countsLater } = await actWithFault(t, act, { fault: "fails", atStep });
      assert.deepEqual(
        [counts, countsLater],
        [
          { inbox: 2, archive: 0 },
          { inbox: 2, archive: 0 },
        ],
        `step ${atStep}`,
      );
      for (const tmp of ["tmp", ".Archive/tmp"])
        assert.deepEqual(readdirSync(join(root, tmp)), [], `step ${atStep}`);
    }
  });
}

for (const fault of ["fails", "stops"] as const) {
  test(`move that ${fault} at any step has each message in one mailbox`, async (t) => {
    const act = ACTS.move as Act;
    const steps = await stepsOf(t, act);
    for (let atStep = 1; atStep <= steps; atStep += 1) {
      const { counts, countsLater } = await actWithFault(t, act, { fault, atStep });
      assert.equal(counts.inbox + counts.archive, 2, `step ${atStep}`);
      assert.equal(countsLater.inbox + countsLater.archive, 2, `step ${atStep}`);
    }
  });
}

test("store and expunge that fail tell what they did until then", async (t) => {
  const root = await makeMailboxes(t);
  const { maildir } = await openForImap(t, { root, disk: faultyDisk("fails", 2) });
  const { view, changes } = await viewOf(maildir);
  await assert.rejects(view.store([1, 2], () => FLAG_MARK.trashed));
  assert.deepEqual(changes, [{ kind: "marked", uids: [1], own: true }]);
  const { maildir: later } = await openForImap(t, { root });
  assert.equal((await later.mailboxes.status("INBOX"))?.deleted, 1);
});
