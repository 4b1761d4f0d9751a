import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../atomic-file/atomic-file.ts";
import type { MailboxName } from "./mailbox-name.ts";
import { isMissing } from "./missing.ts";

/** What mailboxes are for, in the words of whoever created them; words have no white space in them. */
export type SpecialUses = ReadonlyMap<MailboxName, readonly string[]>;

function pathIn(root: string): string {
  return join(root, "special-uses");
}

/** A line for each mailbox: its name, a tab, its uses. Dovecot keeps none and leaves the file alone. */
export async function readSpecialUses(root: string): Promise<SpecialUses> {
  try {
    return parseSpecialUses(await readFile(pathIn(root), "utf8"));
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw error;
  }
}

/** Replaces the file. */
export async function writeSpecialUses(root: string, specialUses: SpecialUses): Promise<void> {
  const lines = [...specialUses].map(([mailbox, uses]) => `${mailbox}\t${uses.join(" ")}\n`);
  await writeFileAtomically(pathIn(root), new TextEncoder().encode(lines.join("")));
}

function parseSpecialUses(text: string): SpecialUses {
  const lines = text.split("\n").map((line) => line.split("\t"));
  return new Map(
    lines.flatMap(([mailbox, uses]) => (mailbox && uses ? [[mailbox, uses.split(" ")] as const] : [])),
  );
}
