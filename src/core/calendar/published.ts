import { createHash } from "node:crypto";
import { parseTime } from "../icalendar/icalendar.ts";
import { type EventText, type FeedVersion, withoutVersion } from "./event-writer.ts";

/**
 * The counters that a feed was last published with, read from its own text. With them a feed that is made
 * anew from the same messages has the same bytes, and no reader sees a SEQUENCE fall.
 */
export interface PublishedVersions {
  /** Those of exactly these events, if they were published just so. */
  sameAs(events: readonly EventText[]): FeedVersion | undefined;
  /** The highest that any event of this UID was published with. */
  latestOf(uid: string): FeedVersion | undefined;
}

const COUNTERS = /^DTSTAMP:\S+\r\nLAST-MODIFIED:(\S+)\r\nSEQUENCE:(\d+)\r\n/m;

/** From line to line: a link may end in `END:VEVENT`. */
const EVENT = /^BEGIN:VEVENT\r\n[\s\S]*?^END:VEVENT\r\n/gm;

/** Reads a feed that `assembleFeed` wrote; of any other text nothing is taken. */
export function readPublishedVersions(feed: string): PublishedVersions {
  const byDigest = new Map<string, FeedVersion>();
  const byUid = new Map<string, FeedVersion>();
  for (const [event] of feed.matchAll(EVENT)) {
    const [, modified = "", sequence = ""] = COUNTERS.exec(event) ?? [];
    const time = parseTime(modified);
    if (time?.kind !== "date-time") continue;
    const version = { sequence: Number(sequence), lastModified: time.wall };
    byDigest.set(digestOf(event.replace(COUNTERS, "")), version);
    const uid = uidOf(event);
    if ((byUid.get(uid)?.sequence ?? -1) < version.sequence) byUid.set(uid, version);
  }
  return {
    sameAs(events) {
      const versions = events.map((event) => byDigest.get(digestOf(withoutVersion(event))));
      const [first] = versions;
      return versions.every((version) => version?.sequence === first?.sequence) ? first : undefined;
    },
    latestOf: (uid) => byUid.get(uid),
  };
}

function uidOf(event: string): string {
  const unfolded = event.replace(/\r\n /g, "");
  return (/^UID:(.*)$/m.exec(unfolded)?.[1] ?? "").trimEnd().replace(/\\(.)/g, "$1");
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
