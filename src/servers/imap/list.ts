import {
  type Command,
  type EncodedName,
  encodeMailboxName,
  HIERARCHY_DELIMITER,
  type ListCommand,
  matchesPattern,
} from "../../core/imap/imap.ts";
import { type Completion, ok } from "./completion.ts";
import { levelsAbove, type MailboxTree, readMailboxTree } from "./mailbox-tree.ts";
import type { Session } from "./session.ts";
import { announceStatus } from "./status.ts";

/** LIST (RFC 9051 §6.3.9, RFC 5258), with STATUS (RFC 5819) and special uses (RFC 6154). */
export async function listMailboxes(session: Session, command: ListCommand): Promise<Completion> {
  // An empty pattern asks for the delimiter only (RFC 9051 §6.3.9).
  if (!command.isExtended && command.patterns[0] === "") {
    session.out.untagged(`LIST (\\Noselect) "${HIERARCHY_DELIMITER}" ""`);
    return ok("The delimiter is told");
  }
  const tree = await readMailboxTree(session.options.mailboxes);
  const { shown, parents } = chooseMailboxes(session, tree, command);
  const criteria = command.select.filter((option) => option === "SUBSCRIBED" || option === "SPECIAL-USE");
  const childInfo = criteria.map((option) => `"${option}"`).join(" ");
  for (const name of shown) {
    const attributes = attributesOf(tree, name, command).join(" ");
    const extended = parents.has(name) ? ` ("CHILDINFO" (${childInfo}))` : "";
    session.out.untagged(
      `LIST (${attributes}) "${HIERARCHY_DELIMITER}" ${session.formatName(name)}${extended}`,
    );
    if (command.status.length > 0) await tryStatus(session, name, command);
    if (session.out.isFull) await session.out.flush();
  }
  return ok("Mailboxes are listed");
}

/** The status of a mailbox that cannot be read is left out, and the list goes on (RFC 5819 §2). */
async function tryStatus(session: Session, name: EncodedName, command: ListCommand): Promise<void> {
  try {
    const status = await session.options.mailboxes.status(name);
    if (status !== undefined) await announceStatus(session, { name, status }, command.status);
  } catch (err) {
    session.options.log.error({ mailbox: name, err }, "The status of a mailbox cannot be told");
  }
}

/** The names that are shown, and those that say of themselves that children of them are chosen. */
function chooseMailboxes(
  session: Session,
  tree: MailboxTree,
  command: ListCommand,
): { readonly shown: readonly EncodedName[]; readonly parents: ReadonlySet<EncodedName> } {
  const fitting = new Set(
    tree.names.filter((name) =>
      command.patterns.some((pattern) => fits(session, name, command.reference + pattern)),
    ),
  );
  const chosen = tree.names.filter((name) => isChosen(tree, name, command));
  const matches = command.select.includes("RECURSIVEMATCH") ? chosen : [];
  // For the sake of its children alone a parent is shown when one of them is not itself (RFC 5258 §3.5).
  const hidden = matches.filter((name) => !fitting.has(name));
  const shown = new Set([...chosen, ...hidden.flatMap(levelsAbove)]);
  return {
    shown: tree.names.filter((name) => shown.has(name) && fitting.has(name)),
    parents: new Set(matches.flatMap(levelsAbove)),
  };
}

/** What the selection options leave of all names; without any, whatever exists or has children that do. */
function isChosen(tree: MailboxTree, name: EncodedName, { select }: ListCommand): boolean {
  if (select.includes("SUBSCRIBED") && !tree.subscribed.has(name)) return false;
  if (select.includes("SPECIAL-USE") && (tree.specialUses.get(name) ?? []).length === 0) return false;
  return select.includes("SUBSCRIBED") || tree.existing.has(name) || tree.parents.has(name);
}

function attributesOf(tree: MailboxTree, name: EncodedName, command: ListCommand): string[] {
  const attributes: string[] = [];
  // Who does not know \NonExistent reads \Noselect.
  if (!tree.existing.has(name)) attributes.push("\\NonExistent", "\\Noselect");
  const tellsSubscribed = command.select.includes("SUBSCRIBED") || command.returned.includes("SUBSCRIBED");
  if (tellsSubscribed && tree.subscribed.has(name)) attributes.push("\\Subscribed");
  attributes.push(tree.parents.has(name) ? "\\HasChildren" : "\\HasNoChildren");
  // Told to everybody, as RFC 6154 §2 allows: many clients look for it without asking.
  attributes.push(...(tree.specialUses.get(name) ?? []));
  return attributes;
}

/** LSUB, which only IMAP4rev1 has (RFC 3501 §6.3.9). */
export async function listSubscribed(
  session: Session,
  command: Extract<Command, { name: "LSUB" }>,
): Promise<Completion> {
  const { names, subscribed } = await readMailboxTree(session.options.mailboxes);
  const pattern = command.reference + command.pattern;
  // Where `%` does not reach a subscribed mailbox, the level above it is shown instead.
  const parents = new Set(pattern.endsWith("%") ? [...subscribed].flatMap(levelsAbove) : []);
  for (const name of names) {
    if (!subscribed.has(name) && !parents.has(name)) continue;
    if (!fits(session, name, pattern)) continue;
    const attributes = subscribed.has(name) ? "" : "\\Noselect";
    session.out.untagged(`LSUB (${attributes}) "${HIERARCHY_DELIMITER}" ${session.formatName(name)}`);
    if (session.out.isFull) await session.out.flush();
  }
  return ok("Subscribed mailboxes are listed");
}

/** NAMESPACE (RFC 2342): all mailboxes are the user's own. */
export async function tellNamespace(session: Session): Promise<Completion> {
  session.out.untagged(`NAMESPACE (("" "${HIERARCHY_DELIMITER}")) NIL NIL`);
  return ok("The namespace is told");
}

/** Patterns are matched with names as their client writes both. */
function fits(session: Session, name: EncodedName, pattern: string): boolean {
  return matchesPattern(encodeMailboxName(name, session.nameForm), pattern);
}
