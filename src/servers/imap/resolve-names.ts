import { type Command, composeMailboxName, type EncodedName, isComposed } from "../../core/imap/imap.ts";
import { readMailboxTree } from "./mailbox-tree.ts";
import type { Session } from "./session.ts";

/** The command about the mailboxes that its client means. */
export async function resolveNames(session: Session, command: Command): Promise<Command> {
  if (!("mailbox" in command)) return command;
  const mailbox = await resolveName(session, command.mailbox);
  if (!("newName" in command)) return { ...command, mailbox };
  return { ...command, mailbox, newName: await resolveName(session, command.newName) };
}

/**
 * The mailbox that a name means: the one that LIST shows under it, whoever made that, else that of the composed name
 * (RFC 9051 §5.1).
 */
export async function resolveName({ nameForm, options }: Session, name: EncodedName): Promise<EncodedName> {
  if (nameForm !== "utf-8" || isComposed(name)) return name;
  const { names } = await readMailboxTree(options.mailboxes);
  return composeMailboxName(name, new Set(names));
}
