import { customZone, type ZoneDefinition } from "./custom-zone.ts";
import { ianaZone } from "./iana-zone.ts";
import type { ZoneId } from "./time.ts";
import { UTC, type Zone } from "./zone.ts";

/** The custom zones that may occur, by their id. */
export type ZoneDefinitions = Readonly<Record<ZoneId, ZoneDefinition>>;

const custom = new WeakMap<ZoneDefinition, Zone>();

/**
 * The clocks behind an id that `resolveZone` gave.
 * @throws when it is none: ids come from us, so one without a zone is a bug or a lost definition.
 */
export function findZone(id: ZoneId, definitions: ZoneDefinitions): Zone {
  if (id === "UTC") return UTC;
  if (!id.startsWith("Custom-")) return ianaZone(id);
  const definition = definitions[id];
  if (definition === undefined) throw new Error(`Cannot find zone "${id}": its definition is missing`);
  let zone = custom.get(definition);
  if (zone === undefined) {
    zone = customZone(definition);
    custom.set(definition, zone);
  }
  return zone;
}
