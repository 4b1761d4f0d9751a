import { ianaZone, offsetProbe } from "./iana-zone.ts";
import { type Instant, SECONDS_PER_DAY, type ZoneId } from "./time.ts";
import { preferredZones } from "./windows-names.ts";
import type { Transition, Zone } from "./zone.ts";

/** How long two zones must show the same time to be taken for one. */
const COMPARED = 5 * 366 * SECONDS_PER_DAY;
const GRID = 30 * SECONDS_PER_DAY;
/** QUIRK: Windows puts changes at midnight to 23:59:59 of the day before. */
const TOLERANCE = 60;

const probes = new Map<ZoneId, (instant: Instant) => number>();

/**
 * The best known zone whose clocks show the same as those of `zone` for five years from `start`. Only
 * one zone for each Windows zone is looked at: a sender who made up a name works on Windows.
 */
export function findZoneByRules(zone: Zone, start: Instant): ZoneId | undefined {
  const end = start + COMPARED;
  const moments = [start];
  for (const { at } of zone.transitions(start, end)) moments.push(at - TOLERANCE, at + TOLERANCE);
  for (let at = start; at < end; at += GRID) moments.push(at);
  return preferredZones().find((candidate) => {
    const offsetAt = probeOf(candidate);
    return (
      moments.every((at) => offsetAt(at) === zone.offsetAt(at)) &&
      sameTransitions(zone, ianaZone(candidate), [start, end])
    );
  });
}

/** One look costs a microsecond, against milliseconds for all transitions of a zone. */
function probeOf(zone: ZoneId): (instant: Instant) => number {
  let probe = probes.get(zone);
  if (probe === undefined) {
    probe = offsetProbe(zone);
    probes.set(zone, probe);
  }
  return probe;
}

function sameTransitions(a: Zone, b: Zone, [from, to]: [Instant, Instant]): boolean {
  const others = b.transitions(from, to);
  const isSame = ({ at, after }: Transition, index: number) => {
    const other = others[index];
    return other !== undefined && Math.abs(other.at - at) <= TOLERANCE && other.after === after;
  };
  const transitions = a.transitions(from, to);
  return transitions.length === others.length && transitions.every(isSame);
}
