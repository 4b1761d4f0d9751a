import { type GlobalObjectId, parseGlobalObjectId } from "../icalendar/icalendar.ts";
import { decodeUtf8OrWestern } from "./code-page.ts";
import { octetsOf, type PropertyList } from "./property-list.ts";

// Twice the longest UID that is accepted anywhere downstream, since most of them are written in hex.
const MAX_OCTETS = 2048;

/** Which meeting it is, and which occurrence of it. Undefined when that is missing, or absurdly long. */
export function identityOf(properties: PropertyList): GlobalObjectId | undefined {
  const id = octetsOf(properties, "globalObjectId") ?? octetsOf(properties, "cleanGlobalObjectId");
  if (id === undefined || id.length === 0 || id.length > MAX_OCTETS) return undefined;
  return parseGlobalObjectId(id) ?? { uid: otherUid(id) };
}

function otherUid(octets: Uint8Array): string {
  // QUIRK: OBM writes the text of its UID where the binary id belongs. No GlobalObjectId is printable.
  // Fixture: corpus tnef/calendar/accptInv.eml
  if (octets.every((octet) => octet > 0x20 && octet < 0x7f)) return decodeUtf8OrWestern(octets);
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("hex").toUpperCase();
}
