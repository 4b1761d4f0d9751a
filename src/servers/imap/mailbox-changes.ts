import { type Command, type EncodedName, HIERARCHY_DELIMITER } from "../../core/imap/imap.ts";
import { isMailboxName } from "../../storage/maildir/maildir.ts";
import { type Completion, no, ok } from "./completion.ts";
import type { Session } from "./session.ts";
import { parseSpecialUse } from "./special-uses.ts";

type Of<Name extends Command["name"]> = Extract<Command, { readonly name: Name }>;

const BAD_NAME = no("CANNOT", "A mailbox cannot have that name");
const MISSING = no("NONEXISTENT", "No such mailbox");
const EXISTS = no("ALREADYEXISTS", "There is a mailbox of that name");

/**
 * CREATE (RFC 9051 §6.3.4), with a special use (RFC 6154 §3). A delimiter at the end only says that children
 * are to follow.
 */
export async function createMailbox({ options }: Session, command: Of<"CREATE">): Promise<Completion> {
  const specialUses = command.specialUses.map(parseSpecialUse);
  if (!specialUses.every((use) => use !== undefined)) return no("USEATTR", "No mailbox can have that use");
  const name = withoutDelimiter(command.mailbox);
  const result = await options.mailboxes.create(name, specialUses);
  if (result === "bad-name") return BAD_NAME;
  if (result === "exists") return EXISTS;
  const status = await options.mailboxes.status(name);
  return ok("Mailbox is created", status && `MAILBOXID (F${status.mailboxId})`);
}

const NEEDED = no("CANNOT", "This mailbox is needed: delete or move its messages instead");

/** DELETE (RFC 9051 §6.3.5). What is below the mailbox stays. */
export async function deleteMailbox({ options }: Session, mailbox: EncodedName): Promise<Completion> {
  if (options.neededMailboxes.has(mailbox)) return NEEDED;
  const result = await options.mailboxes.delete(mailbox);
  if (result === "bad-name") return no("CANNOT", "This mailbox cannot be deleted");
  return result === "missing" ? MISSING : ok("Mailbox is deleted");
}

/** RENAME (RFC 9051 §6.3.6). */
export async function renameMailbox({ options }: Session, command: Of<"RENAME">): Promise<Completion> {
  if (options.neededMailboxes.has(command.mailbox)) return NEEDED;
  const result = await options.mailboxes.rename(command.mailbox, withoutDelimiter(command.newName));
  if (result === "bad-name") return BAD_NAME;
  if (result === "exists") return EXISTS;
  return result === "missing" ? MISSING : ok("Mailbox is renamed");
}

/** SUBSCRIBE and UNSUBSCRIBE (RFC 9051 §6.3.7, §6.3.8); a mailbox need not exist for it. */
export async function changeSubscription(
  { options }: Session,
  name: "SUBSCRIBE" | "UNSUBSCRIBE",
  mailbox: EncodedName,
): Promise<Completion> {
  if (name === "SUBSCRIBE" && !isMailboxName(mailbox)) return BAD_NAME;
  if (name === "SUBSCRIBE") await options.mailboxes.subscribe(mailbox);
  else await options.mailboxes.unsubscribe(mailbox);
  return ok("Subscriptions are changed");
}

function withoutDelimiter(name: EncodedName): EncodedName {
  return name.endsWith(HIERARCHY_DELIMITER) ? name.slice(0, -1) : name;
}
