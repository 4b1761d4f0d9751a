import type { FetchItem, MessageSummary, PartialRange } from "../../core/imap/imap.ts";
import type { OctetRange, PartLayout } from "../../core/mime/mime.ts";
import type { OpenMessage } from "../../storage/maildir/maildir.ts";

/** What of the message's octets is asked for, as they are or decoded. */
export type BodyItem = Exclude<FetchItem, { kind: "attribute" }>;

/** The message the octets are of. */
export interface BodySource {
  /** May be missing where all of the message is asked for. */
  readonly summary: MessageSummary | undefined;
  /** Its octets; may be missing where the summary answers all. */
  readonly opened: OpenMessage | undefined;
}

export function layoutOf({ summary }: BodySource): PartLayout {
  if (summary === undefined) throw new Error("The message is not described");
  return summary.layout;
}

export function readRange({ opened }: BodySource, { start, end }: OctetRange): AsyncIterable<Uint8Array> {
  if (opened === undefined) throw new Error("The message is not open");
  return opened.read(start, end);
}

export async function readWhole(source: BodySource, range: OctetRange): Promise<Uint8Array> {
  const whole = new Uint8Array(range.end - range.start);
  let at = 0;
  for await (const octets of readRange(source, range)) {
    whole.set(octets, at);
    at += octets.length;
  }
  return whole;
}

/** `<offset>` behind the name, when only a part was asked for (RFC 9051 §7.5.2). */
export function formatOrigin(partial: PartialRange | undefined): string {
  return partial === undefined ? "" : `<${partial.offset}>`;
}

/** What a partial leaves of a range (RFC 9051 §6.4.5.1): less, or nothing, where it reaches beyond the end. */
export function cutRange({ start, end }: OctetRange, partial: PartialRange | undefined): OctetRange {
  if (partial === undefined) return { start, end };
  const from = Math.min(end, start + partial.offset);
  return { start: from, end: Math.min(end, from + partial.length) };
}
