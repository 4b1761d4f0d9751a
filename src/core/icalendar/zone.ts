import { type Instant, SECONDS_PER_DAY, type WallClock, type ZoneId } from "./time.ts";

/** A moment at which the clocks of a zone are put forward or back. Offsets are seconds east of UTC. */
export interface Transition {
  readonly at: Instant;
  readonly before: number;
  readonly after: number;
}

/** The clocks of one place. Exact for the years 1900 to 2100; outside of them the nearest offset holds. */
export interface Zone {
  readonly id: ZoneId;
  /** Seconds east of UTC. */
  offsetAt(instant: Instant): number;
  /** The transitions from `from` on and before `to`, in order. */
  transitions(from: Instant, to: Instant): readonly Transition[];
  /**
   * When a clock shows `wall`. A time that is skipped in spring is read with the offset before the gap;
   * of a time that comes twice in autumn, the first is meant (RFC 5545 §3.3.5).
   */
  toInstant(wall: WallClock): Instant;
  toWall(instant: Instant): WallClock;
}

/** What makes one zone differ from another. */
export type OffsetHistory = Pick<Zone, "offsetAt" | "transitions">;

/** No two clocks differ by more, and no zone changes twice within as much. */
const WIDEST_DIFFERENCE = 2 * SECONDS_PER_DAY;

export function zoneOf(id: ZoneId, history: OffsetHistory): Zone {
  function toInstant(wall: WallClock): Instant {
    const before = history.offsetAt(wall - WIDEST_DIFFERENCE);
    const after = history.offsetAt(wall + WIDEST_DIFFERENCE);
    const early = wall - before;
    if (before === after || history.offsetAt(early) === before) return early;
    const late = wall - after;
    return history.offsetAt(late) === after ? late : early;
  }
  return {
    id,
    offsetAt: history.offsetAt,
    transitions: history.transitions,
    toInstant,
    toWall: (instant) => instant + history.offsetAt(instant),
  };
}

/** The history of clocks that never change. */
export function fixedOffset(seconds: number): OffsetHistory {
  return { offsetAt: () => seconds, transitions: () => [] };
}

export const UTC: Zone = zoneOf("UTC", fixedOffset(0));

/** The history told by all transitions there are, in order. */
export function recordedOffsets(initial: number, all: readonly Transition[]): OffsetHistory {
  const moments = Float64Array.from(all, (transition) => transition.at);
  const offsets = Int32Array.of(initial, ...all.map((transition) => transition.after));
  return {
    offsetAt: (instant) => offsets[countUpTo(moments, instant)] ?? initial,
    transitions: (from, to) => all.filter(({ at }) => at >= from && at < to),
  };
}

/** How many of the ascending `moments` are not after `instant`. */
function countUpTo(moments: Float64Array, instant: Instant): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((moments[middle] ?? 0) <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
