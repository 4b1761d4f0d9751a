import type { Command, EncodedName, StatusItem } from "../../core/imap/imap.ts";
import type { MailboxStatus } from "../../storage/maildir/maildir.ts";
import { type Completion, no, ok } from "./completion.ts";
import type { Session } from "./session.ts";

/** STATUS (RFC 9051 §6.3.11), with SIZE (RFC 8438), MAILBOXID (RFC 8474) and APPENDLIMIT (RFC 7889). */
export async function statusOfMailbox(
  session: Session,
  command: Extract<Command, { name: "STATUS" }>,
): Promise<Completion> {
  const status = await session.options.mailboxes.status(command.mailbox);
  if (status === undefined) return no("NONEXISTENT", "No such mailbox");
  await announceStatus(session, { name: command.mailbox, status }, command.items);
  return ok("Status is told");
}

/** The untagged answer. Asking for mod-sequences enables them (RFC 7162 §3.1). */
export async function announceStatus(
  session: Session,
  { name, status }: { readonly name: EncodedName; readonly status: MailboxStatus },
  items: readonly StatusItem[],
): Promise<void> {
  if (items.includes("HIGHESTMODSEQ")) session.enable("CONDSTORE");
  const octets = items.includes("SIZE") ? await sizeOf(session, name) : 0;
  const values = items.map((item) => `${item} ${statusValue(session, { ...status, octets }, item)}`);
  session.out.untagged(`STATUS ${session.formatName(name)} (${values.join(" ")})`);
}

/** The octets of all messages (RFC 8438). */
async function sizeOf({ options }: Session, mailbox: EncodedName): Promise<number> {
  const view = await options.mailboxes.open(mailbox, () => {});
  if (view === undefined) return 0; // deleted since
  try {
    let octets = 0;
    for await (const batch of view.facts(view.uids())) for (const facts of batch) octets += facts.octets;
    return octets;
  } finally {
    view.close();
  }
}

function statusValue(
  { options }: Session,
  status: MailboxStatus & { readonly octets: number },
  item: StatusItem,
): string | number {
  switch (item) {
    case "MESSAGES":
      return status.messages;
    case "RECENT":
      return status.recent;
    case "UIDNEXT":
      return status.uidNext;
    case "UIDVALIDITY":
      return status.uidValidity;
    case "UNSEEN":
      return status.unseen;
    case "DELETED":
      return status.deleted;
    case "SIZE":
      return status.octets;
    case "HIGHESTMODSEQ":
      return status.highestModSeq;
    case "MAILBOXID":
      return `(F${status.mailboxId})`;
    case "APPENDLIMIT":
      return options.maxMessageOctets;
  }
}
