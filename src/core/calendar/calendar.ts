/**
 * The merge: what scheduling messages (RFC 5546) mean for one calendar. Components become records, the
 * records of a UID fold into a state whatever order they came in, states are written as events of one
 * feed. Knows nothing of mail, files or clocks; sends nothing, so it answers nobody.
 */

export { uidKeyOf } from "./calendar-uid.ts";
export { describeFeed, describeRecord } from "./describe.ts";
export { withDistinctUids } from "./distinct-uids.ts";
export { isMeant } from "./event-search.ts";
export type { EventText, FeedIdentity, FeedVersion } from "./event-writer.ts";
export { withoutVersion, withVersion } from "./event-writer.ts";
export { assembleFeed, type FeedSettings, type ZonesInUse } from "./feed.ts";
export { Group } from "./fold.ts";
export type { Known } from "./group-draft.ts";
export { compareText, type ReceivedPayload } from "./guard.ts";
export type { Outcome } from "./outcome.ts";
export { type PublishedVersions, readPublishedVersions } from "./published.ts";
export { type CarrierContext, type RefusedComponent, readPayloads } from "./read-payloads.ts";
export type { CalendarRecord, EventContent, Payload } from "./record.ts";
export { isAboutMaster } from "./record.ts";
export { type RenderedGroup, renderCancelled, renderGroup } from "./render-group.ts";
export { selectCarriers } from "./select-carriers.ts";
export { tellChanges, tellEvent, tellInstant, tellTime } from "./tell-event.ts";
export { tellGroup } from "./tell-group.ts";
