/**
 * What was read from the messages in the mailbox `Secretary`, and what became of it, in SQLite. A cache:
 * deleted, it is made again from the mailbox. Payloads and renderings are opaque text here; nothing in
 * this room knows what an event is.
 */
export { AgendaDb } from "./database.ts";
export type { Decision, GroupEntry, StoredGroup, StoredMessageRow, StoredPayload } from "./rows.ts";
