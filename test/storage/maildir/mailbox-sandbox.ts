import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  FLAG_MARK,
  type MailboxChange,
  type MailboxView,
  type Maildir,
  openMaildir,
  type Surroundings,
} from "../../../src/storage/maildir/maildir.ts";
import { NO_KEYS } from "../../../src/storage/maildir/surroundings.ts";
import { chunksOf } from "./sandbox.ts";

let made = 0;

/** A describer that tells how often it was asked, and describes a message by its text in capitals. */
export function shoutingDescriber() {
  const describer = {
    version: 1,
    calls: 0,
    async describe(octets: AsyncIterable<Uint8Array>) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of octets) chunks.push(new Uint8Array(chunk));
      return describer.describeWhole(Buffer.concat(chunks));
    },
    describeWhole(octets: Uint8Array) {
      describer.calls += 1;
      const text = Buffer.from(octets).toString("latin1").toUpperCase();
      return {
        description: () => ({ header: text, structure: text }),
        text: () => ({ header: "", body: text }),
      };
    },
    keysOf: (header: string) => ({ ...NO_KEYS, subjectKey: header }),
  };
  return describer;
}

/** Maildirs to be closed before their folder is removed. */
const opened = new WeakMap<TestContext, Maildir[]>();

/** A folder of the test's own, removed when the Maildirs in it have been closed. */
function folderForImap(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "maildir-test-"));
  t.after(async () => {
    await Promise.allSettled((opened.get(t) ?? []).map((maildir) => maildir.close()));
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Opens a Maildir that is closed when the test ends. */
export async function openForImap(
  t: TestContext,
  { root = folderForImap(t), ...extra }: { root?: string } & Partial<Surroundings> = {},
): Promise<{ root: string; maildir: Maildir }> {
  const maildir = await openMaildir(root, {
    now: () => new Date(),
    randomOctets: (octets) => new Uint8Array(octets).fill(++made),
    hostname: "mail.example.test",
    ...extra,
  });
  opened.set(t, [...(opened.get(t) ?? []), maildir]);
  return { root, maildir };
}

/** A view with what it was told, in order, and a way to wait for more. */
export interface ListeningView {
  readonly view: MailboxView;
  readonly changes: MailboxChange[];
  /** Resolves as soon as it has been told something of this kind. */
  told(kind: MailboxChange["kind"]): Promise<void>;
}

export async function viewOf(maildir: Maildir, mailbox = "INBOX"): Promise<ListeningView> {
  const changes: MailboxChange[] = [];
  const news = new EventEmitter();
  const view = await maildir.mailboxes.open(mailbox, (change) => {
    changes.push(change);
    news.emit("change");
  });
  assert.ok(view);
  return {
    view,
    changes,
    async told(kind) {
      while (!changes.some((change) => change.kind === kind)) await once(news, "change");
    },
  };
}

/** Appends messages with these texts to a mailbox. */
export async function append(
  maildir: Maildir,
  texts: readonly string[],
  mailbox = "INBOX",
): Promise<readonly number[]> {
  const messages = [];
  for (const text of texts) messages.push({ message: await maildir.mailboxes.stage(chunksOf(text)) });
  const appended = await maildir.mailboxes.append(mailbox, messages);
  assert.ok(appended);
  return appended.uids;
}

/** Marks the messages as deleted and expunges them. */
export async function expunge(view: MailboxView, uids: readonly number[]): Promise<readonly number[]> {
  await view.store(uids, (marks) => marks | FLAG_MARK.trashed);
  return view.expunge(uids);
}
