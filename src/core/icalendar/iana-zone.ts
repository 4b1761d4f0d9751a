import { civilDay } from "./civil-day.ts";
import { type Instant, SECONDS_PER_DAY } from "./time.ts";
import { type OffsetHistory, recordedOffsets, type Transition, type Zone, zoneOf } from "./zone.ts";

/**
 * The history of a zone is looked up piece by piece: nearly all events lie in two or three pieces, and
 * each costs some milliseconds.
 */
const PIECE_SECONDS = 28 * 365.25 * SECONDS_PER_DAY;
const FIRST_PIECE = Date.UTC(1900, 0, 1) / 1000;
const PIECES = 8; // to the year 2124

/**
 * Nothing shorter is overlooked. The shortest spells between two transitions are seven days less one
 * hour (America/Boa_Vista, October 2000; Asia/Gaza, October 2040), save four days in Freetown in 1939.
 */
const SCAN_STEP = 6 * SECONDS_PER_DAY;

const known = new Map<string, Zone>();

/** The clocks of an IANA zone, as the tz data inside this Node tell them. */
export function ianaZone(name: string): Zone {
  let zone = known.get(name);
  if (zone === undefined) {
    zone = zoneOf(name, scannedOffsets(offsetProbe(name)));
    known.set(name, zone);
  }
  return zone;
}

type OffsetProbe = (instant: Instant) => number;

/**
 * The offset at one instant, slowly (about a microsecond). A pattern of two digits each and a fixed
 * order is the fastest form `Intl` has: `09, 03:46:40`.
 */
export function offsetProbe(name: string): OffsetProbe {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: name,
    hourCycle: "h23",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return (instant) => {
    const text = format.format(instant * 1000);
    const utcDay = Math.floor(instant / SECONDS_PER_DAY);
    const date = twoDigits(text, 0);
    const dayShift = date === civilDay(utcDay).date ? 0 : date === civilDay(utcDay + 1).date ? 1 : -1;
    const secondOfDay = twoDigits(text, 4) * 3600 + twoDigits(text, 7) * 60 + twoDigits(text, 10);
    return (utcDay + dayShift) * SECONDS_PER_DAY + secondOfDay - instant;
  };
}

function twoDigits(text: string, index: number): number {
  return (text.charCodeAt(index) - 48) * 10 + text.charCodeAt(index + 1) - 48;
}

function scannedOffsets(probe: OffsetProbe): OffsetHistory {
  const pieces: (OffsetHistory | undefined)[] = [];
  function piece(index: number): OffsetHistory {
    const start = FIRST_PIECE + index * PIECE_SECONDS;
    pieces[index] ??= recordedOffsets(probe(start), scan(probe, start, start + PIECE_SECONDS));
    return pieces[index];
  }
  function indexAt(instant: Instant): number {
    return Math.min(PIECES - 1, Math.max(0, Math.floor((instant - FIRST_PIECE) / PIECE_SECONDS)));
  }
  return {
    offsetAt: (instant) => piece(indexAt(instant)).offsetAt(instant),
    transitions(from, to) {
      const found: Transition[] = [];
      for (let index = indexAt(from); index <= indexAt(to); index += 1)
        found.push(...piece(index).transitions(from, to));
      return found;
    },
  };
}

/** The transitions after `start` and not after `end`. */
function scan(probe: OffsetProbe, start: Instant, end: Instant): Transition[] {
  const found: Transition[] = [];
  let before = probe(start);
  for (let low = start; low < end; low += SCAN_STEP) {
    const high = Math.min(low + SCAN_STEP, end);
    const after = probe(high);
    if (after === before) continue;
    found.push({ at: bisect(probe, [low, high], before), before, after });
    before = after;
  }
  return found;
}

/** The first second within (low, high] at which the offset is no longer `before`. */
function bisect(probe: OffsetProbe, [low, high]: [Instant, Instant], before: number): Instant {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (probe(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
