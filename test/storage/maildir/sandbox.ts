import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Disk } from "../../../src/storage/maildir/disk.ts";
import { type Maildir, openMaildir } from "../../../src/storage/maildir/maildir.ts";

/** A folder of the test's own, removed with everything in it when the test ends. */
export function ownFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "maildir-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let made = 0;

/** A Maildir in a folder of the test's own or in a given one. */
export function openTestMaildir(
  root: string,
  { now, disk }: { now?: Date; disk?: Disk } = {},
): Promise<Maildir> {
  return openMaildir(root, {
    now: () => now ?? new Date("2026-11-21T10:00:00.123Z"),
    randomOctets: (octets) => new Uint8Array(octets).fill(++made),
    hostname: "mail.example.test",
    ...(disk && { disk }),
  });
}

/** The text as a message arrives: in chunks. */
export async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

/** All octets of a stream as text. */
export async function textOf(octets: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of octets) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}
