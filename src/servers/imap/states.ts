import type { CommandName } from "../../core/imap/imap.ts";

/** RFC 9051 §3. */
export type State = "not-authenticated" | "authenticated" | "selected" | "logout";

const ANY: readonly CommandName[] = ["CAPABILITY", "NOOP", "LOGOUT", "ID"];

const AUTHENTICATED: readonly CommandName[] = [
  ...ANY,
  "ENABLE",
  "SELECT",
  "EXAMINE",
  "CREATE",
  "DELETE",
  "RENAME",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "LIST",
  "LSUB",
  "NAMESPACE",
  "STATUS",
  "APPEND",
  "IDLE",
  "COMPRESS",
];

/** Which commands each state accepts (RFC 9051 §6). A known command out of place is answered BAD. */
export const ACCEPTED: Readonly<Record<State, readonly CommandName[]>> = {
  "not-authenticated": [...ANY, "STARTTLS", "AUTHENTICATE", "LOGIN"],
  authenticated: AUTHENTICATED,
  selected: [
    ...AUTHENTICATED,
    "CHECK",
    "CLOSE",
    "UNSELECT",
    "EXPUNGE",
    "SEARCH",
    "FETCH",
    "STORE",
    "COPY",
    "MOVE",
    "SORT",
    "THREAD",
  ],
  logout: [],
};

/** Whether a command is about the messages of the selected mailbox. */
export function needsMessages(name: CommandName): boolean {
  return !["CLOSE", "UNSELECT"].includes(name) && !AUTHENTICATED.includes(name);
}

/**
 * Whether messages may be expunged from the client's view in the answer to a command. Their sequence
 * numbers would change while the client counts on them in these (RFC 9051 §7.5.1, RFC 5256 §3).
 */
export function allowsExpunges(command: { readonly name: CommandName; readonly isUid?: boolean }): boolean {
  const counts: readonly CommandName[] = ["FETCH", "STORE", "SEARCH", "SORT", "THREAD"];
  return !counts.includes(command.name) || command.isUid === true;
}
