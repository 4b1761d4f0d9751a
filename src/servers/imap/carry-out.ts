import type { Command } from "../../core/imap/imap.ts";
import { authenticate } from "./authenticate.ts";
import type { Completion } from "./completion.ts";
import { copyMessages } from "./copy.ts";
import { closeMailbox, expungeMessages } from "./expunge.ts";
import { fetchMessages } from "./fetch.ts";
import { idle } from "./idle.ts";
import { listMailboxes, listSubscribed, tellNamespace } from "./list.ts";
import { logIn } from "./login.ts";
import { changeSubscription, createMailbox, deleteMailbox, renameMailbox } from "./mailbox-changes.ts";
import { searchMessages } from "./search.ts";
import { selectMailbox } from "./select.ts";
import type { Session } from "./session.ts";
import {
  compress,
  enableExtensions,
  introduce,
  logOut,
  poll,
  startTls,
  tellCapabilities,
} from "./session-commands.ts";
import { sortFound, threadFound } from "./sort.ts";
import { statusOfMailbox } from "./status.ts";
import { storeFlags } from "./store.ts";

/**
 * Does what a command says, in a state that accepts it. The untagged answers are written; the
 * tagged one is returned, unless the command gave it itself.
 */
export async function carryOut(
  session: Session,
  command: Command,
  tag: string,
): Promise<Completion | undefined> {
  switch (command.name) {
    case "CAPABILITY":
      return tellCapabilities(session);
    case "NOOP":
    case "CHECK":
      return poll(session);
    case "LOGOUT":
      return logOut(session);
    case "ID":
      return introduce(session, command);
    case "STARTTLS":
      return startTls(session, tag);
    case "AUTHENTICATE":
      return authenticate(session, command);
    case "LOGIN":
      return logIn(session, command);
    case "ENABLE":
      return enableExtensions(session, command);
    case "COMPRESS":
      return compress(session, command, tag);
    case "SELECT":
    case "EXAMINE":
      return selectMailbox(session, command);
    case "CREATE":
      return createMailbox(session, command);
    case "DELETE":
      return deleteMailbox(session, command.mailbox);
    case "RENAME":
      return renameMailbox(session, command);
    case "SUBSCRIBE":
    case "UNSUBSCRIBE":
      return changeSubscription(session, command.name, command.mailbox);
    case "LIST":
      return listMailboxes(session, command);
    case "LSUB":
      return listSubscribed(session, command);
    case "NAMESPACE":
      return tellNamespace(session);
    case "STATUS":
      return statusOfMailbox(session, command);
    case "IDLE":
      return idle(session);
    case "CLOSE":
      return closeMailbox(session, "expunge");
    case "UNSELECT":
      return closeMailbox(session, "keep");
    case "EXPUNGE":
      return expungeMessages(session, command);
    case "FETCH":
      return fetchMessages(session, command);
    case "STORE":
      return storeFlags(session, command);
    case "COPY":
    case "MOVE":
      return copyMessages(session, command);
    case "SEARCH":
      return searchMessages(session, command, tag);
    case "SORT":
      return sortFound(session, command);
    case "THREAD":
      return threadFound(session, command);
  }
}
