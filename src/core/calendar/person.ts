import type { Property } from "../icalendar/icalendar.ts";
import type { Person } from "./record.ts";

/** Whether an address, in lower case, is one of the user's or the secretary's. */
export type IsOwnAddress = (address: string) => boolean;

const MAX_NAME_LENGTH = 256;
const MAX_ADDRESS_LENGTH = 320;

/** Reads ORGANIZER or ATTENDEE (RFC 5545 §3.8.4.3, §3.8.4.1). Without any address there is no person. */
export function readPerson(property: Property): Person | undefined {
  const aliases = ["EMAIL", "SENT-BY"]
    .map((name) => addressOf(property.parameters.get(name) ?? ""))
    .filter((address) => address !== "");
  const address = addressOf(property.values[0] ?? "") || aliases[0];
  if (address === undefined) return undefined;
  return { address, name: readName(property), aliases };
}

/** CN of ORGANIZER or ATTENDEE (RFC 5545 §3.2.2). Outlook often knows no more of somebody than that. */
export function readName(property: Property): string | undefined {
  const name = property.parameters.get("CN")?.replace(/\s+/g, " ").trim().slice(0, MAX_NAME_LENGTH);
  return name === "" ? undefined : name;
}

/** The addr-spec of a calendar address, in lower case: `MAILTO:Ann@Example.ORG` gives `ann@example.org`. */
function addressOf(value: string): string {
  const address = decodePercent(
    value
      .trim()
      .replace(/^mailto:\s*/i, "")
      .replace(/\?.*$/, ""),
  )
    .replace(/^<|>$/g, "")
    .trim()
    .toLowerCase();
  return address.length <= MAX_ADDRESS_LENGTH && /^[^\s@<>"]+@[^\s@<>"]+$/.test(address) ? address : "";
}

function decodePercent(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // a lone % is just a %
  }
}
