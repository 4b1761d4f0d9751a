import { createHash } from "node:crypto";
import {
  type EventText,
  type FeedIdentity,
  type FeedVersion,
  type Group,
  type RenderedGroup,
  renderCancelled,
  renderGroup,
  withDistinctUids,
  withoutVersion,
  withVersion,
} from "../core/calendar/calendar.ts";
import type { GroupEntry } from "../storage/agenda-db/agenda-db.ts";

/** What the database keeps of a group, as JSON. */
export interface GroupContent extends RenderedGroup {
  readonly uid: string;
  /** What to show if no event is left in the feed, and when the message came that cancelled it. */
  readonly cancelled: { readonly received: number; readonly rendered: RenderedGroup } | undefined;
}

export function contentOf(group: Group, identity: FeedIdentity): GroupContent {
  if (group.payloads.length === 0) return NOTHING;
  const rendered = renderGroup(group, identity);
  const { tombstone, master } = group.state;
  const end = (tombstone?.by ?? master)?.payload;
  const by = group.payloads.find(({ payload }) => payload === end);
  const last =
    rendered.events.length === 0 && by !== undefined ? renderCancelled(group, identity) : undefined;
  const uid = group.uid;
  return { ...rendered, uid, cancelled: last && by && { received: by.received, rendered: last } };
}

/** A UID whose every message was taken out of the mailbox. */
const NOTHING: GroupContent = {
  uid: "",
  events: [],
  zones: {},
  definitions: {},
  sourceSequence: 0,
  endsAt: undefined,
  cancelled: undefined,
};

/** What is to be known of a group whose text has so many octets. */
export function entryOf(uidKey: string, content: GroupContent, octets: number): GroupEntry {
  const { uid, events, zones, definitions, endsAt } = content;
  const uids = new Set(events.map((event) => event.uid));
  const ownsUid = uids.delete(uid);
  return {
    uidKey,
    uid,
    ownsUid,
    madeUids: [...uids],
    zones: JSON.stringify({ zones, definitions }),
    endsAt: events.length === 0 ? undefined : endsAt,
    octets,
  };
}

/** What readers see of a group, be it that its last event was cancelled. */
export function shownBy({ events, cancelled }: GroupContent): readonly EventText[] {
  return cancelled?.rendered.events ?? events;
}

export function digestOf(content: GroupContent): string {
  const hash = createHash("sha256");
  for (const event of shownBy(content)) hash.update(withoutVersion(event));
  return hash.digest("base64url");
}

/** The text of a group's events, with other UIDs in place of those taken, if they are given. */
export function textOf(
  { events, uid }: Pick<GroupContent, "events" | "uid">,
  version: FeedVersion,
  takenUids?: Set<string>,
): Uint8Array {
  const distinct = takenUids === undefined ? events : withDistinctUids(events, uid, takenUids);
  return Buffer.from(distinct.map((event) => withVersion(event, version)).join(""));
}
