import assert from "node:assert/strict";
import { test } from "node:test";
import type { NumberSet } from "../../../src/core/imap/imap.ts";
import { SelectedMailbox } from "../../../src/servers/imap/selected-mailbox.ts";
import { FLAG_MARK } from "../../../src/storage/maildir/maildir.ts";
import { append, expunge, openForImap } from "../../storage/maildir/mailbox-sandbox.ts";

const SAVED = [{ first: 3, last: 6 }];
const ANY = { has: [], lacks: [], within: [], isAll: true };

test("SelectedMailbox knows messages by flags and numbers as its client was told of them", async (t) => {
  const { maildir } = await openForImap(t);
  await append(maildir, ["1", "2", "3", "4", "5"]);
  const selected = new SelectedMailbox(false);
  const view = await maildir.mailboxes.open("INBOX", selected.take);
  assert.ok(view);
  selected.attach(view);
  await view.store([2, 4], (marks) => marks | FLAG_MARK.seen);
  assert.deepEqual(selected.withConditions(ANY, []), [1, 2, 3, 4, 5]);
  assert.deepEqual(selected.withConditions({ ...ANY, has: ["\\SEEN"] }, []), [2, 4]);
  assert.deepEqual(selected.withConditions({ ...ANY, lacks: ["\\Seen", "$None"] }, []), [1, 3, 5]);
  assert.deepEqual(selected.withConditions({ ...ANY, has: ["\\Seen", "$None"] }, []), []);

  await append(maildir, ["6"]);
  await expunge(view, [1]);
  await expunge(view, [5]);
  assert.deepEqual(selected.withConditions(ANY, []), [2, 3, 4], "5 is gone, and 6 is not told yet");
  assert.deepEqual(selected.sequenceNumbersOf([2, 4, 6]), [2, 4, 0], "1 is still told to be there");
  const withNumbers = (...within: NumberSet[]) => selected.withConditions({ ...ANY, within }, SAVED);
  const ranges = (from: number, to: number) => ({ kind: "ranges", ranges: [[from, to]] }) as const;
  assert.deepEqual(withNumbers({ key: "uid", set: ranges(3, 9) }), [3, 4]);
  assert.deepEqual(withNumbers({ key: "sequence", set: ranges(2, 3) }), [2, 3], "as numbers were told");
  assert.deepEqual(withNumbers({ key: "sequence", set: ranges(4, 9) }), [4]);
  assert.deepEqual(withNumbers({ key: "sequence", set: ranges(6, 9) }), []);
  assert.deepEqual(withNumbers({ key: "sequence", set: { kind: "saved" } }), [3, 4]);
  assert.deepEqual(
    withNumbers({ key: "sequence", set: ranges(2, 3) }, { key: "uid", set: { kind: "saved" } }),
    [3],
  );
  selected.takeNews({ expunges: true });
  assert.deepEqual(selected.withConditions(ANY, []), [2, 3, 4, 6]);
  assert.deepEqual(selected.sequenceNumbersOf([1, 2, 3, 4, 5, 6]), [0, 1, 2, 3, 0, 4]);
});

test("SelectedMailbox finds sequence numbers of messages near each other and far apart, in any order", async (t) => {
  const { maildir } = await openForImap(t);
  await append(
    maildir,
    Array.from({ length: 60 }, (_, nth) => `${nth}`),
  );
  const selected = new SelectedMailbox(true);
  const view = await maildir.mailboxes.open("INBOX", selected.take);
  assert.ok(view);
  selected.attach(view);
  for (const uids of [[1, 2, 3], [1, 9, 10, 18, 27, 59, 60], [60], [40, 3, 60, 1], [0, 61, 5]])
    assert.deepEqual(
      selected.sequenceNumbersOf(uids),
      uids.map((uid) => (uid > 0 && uid <= 60 ? uid : 0)),
    );
});
