import { customZone, type ZoneDefinition } from "./custom-zone.ts";
import { ianaZone } from "./iana-zone.ts";
import type { ZoneId } from "./time.ts";
import { UTC, type Zone } from "./zone.ts";

/** The custom zones that may occur, by their id. */
export type ZoneDefinitions = Readonly<Record<ZoneId, ZoneDefinition>>;

/** Few senders have clocks of their own. The ids are hashes of the definitions, so one entry fits all. */
const MAX_CUSTOM_ZONES = 64;
const customZones = new Map<ZoneId, Zone>();

/**
 * The clocks behind an id that `resolveZone` gave.
 * @throws for any other id: one without a zone is a bug, or its definition was lost.
 */
export function findZone(id: ZoneId, definitions: ZoneDefinitions): Zone {
  if (id === "UTC") return UTC;
  if (!id.startsWith("Custom-")) return ianaZone(id);
  const definition = definitions[id];
  if (definition === undefined) throw new Error(`Cannot find zone "${id}": its definition is missing`);
  let zone = customZones.get(id);
  if (zone === undefined) {
    if (customZones.size === MAX_CUSTOM_ZONES) customZones.clear();
    zone = customZone(definition);
    customZones.set(id, zone);
  }
  return zone;
}
