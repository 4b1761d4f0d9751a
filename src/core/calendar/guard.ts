import { getDomain } from "tldts";
import type { Instant } from "../icalendar/icalendar.ts";
import type { Outcome } from "./outcome.ts";
import type { Payload, Person } from "./record.ts";

/** A payload with what its message says about who sent it. */
export interface ReceivedPayload {
  readonly payload: Payload;
  /** The message it came in; opaque here, unique. */
  readonly source: string;
  /** When we received that message: the date of the Received field we wrote (RFC 5321 §4.4). */
  readonly received: Instant;
  /** The address in From of the outermost message, lower case; empty when there is none. */
  readonly sender: string;
  /** The user trusts this message: it is from an own or listed address, or the user filed it. */
  readonly isAllowListed: boolean;
}

/** Where everybody may have an address, only the whole address says who somebody is. By registrable domain. */
const PUBLIC_PROVIDERS = new RegExp(
  `^(${[
    "(gmail|googlemail|msn|ymail|rocketmail|icloud|me|mac|protonmail|aol|mail|fastmail|hey|comcast|qq|163|126)\\.com",
    "(outlook|hotmail|live|yahoo|gmx|yandex|zoho)\\.[a-z.]+",
    "(proton|pm)\\.me",
    "(web|t-online|freenet|posteo|mailbox|tutanota|tuta)\\.[a-z]+",
    "(orange|laposte|free)\\.(fr|net)",
    "(libero|virgilio)\\.it",
    "(wp|o2|onet)\\.pl",
    "seznam\\.cz",
    "(verizon|att)\\.net",
    "mail\\.ru",
  ].join("|")})$`,
);

type Rejection = Extract<Outcome, { outcome: "no_action" }>;

/**
 * Decides which payloads of one UID may act. Whoever sends the first invitation creates the event; after
 * that, only the same organization or somebody the user trusts may change it: ORGANIZER alone proves
 * nothing, the attacker writes it (RFC 5546 §6.1.1). This is the one rule that depends on who was first,
 * by time of reception, which is part of the message.
 *
 * @returns the refused payloads with the reason; all others are accepted.
 */
export function refusedPayloads(payloads: readonly ReceivedPayload[]): Map<ReceivedPayload, Rejection> {
  const refused = new Map<ReceivedPayload, Rejection>();
  const inOrder = [...payloads].sort(byReception);
  // A CANCEL for an event nobody has seen yet creates nothing; it is judged once the event is there.
  const creation = inOrder.find(({ payload }) => payload.records.some((record) => record.kind !== "cancel"));
  if (creation === undefined) return refused;

  const organizers = new Set(identitiesOf(organizerOf(creation.payload)));
  for (const received of inOrder) {
    if (received === creation) continue;
    const organizer = organizerOf(received.payload);
    const identities = identitiesOf(organizer);
    const isMatch =
      identities.length === 0 || organizers.size === 0 || identities.some((id) => organizers.has(id));
    const isSameHouse = [creation.sender, ...organizers].some((known) =>
      isSameOrganization(received.sender, known),
    );
    if (received.isAllowListed) {
      for (const identity of identities) organizers.add(identity);
    } else if (!isMatch) {
      refused.set(received, { outcome: "no_action", reason: "organizer-mismatch" });
    } else if (!isSameHouse) {
      refused.set(received, { outcome: "no_action", reason: "sender-not-allowed" });
    }
  }
  return refused;
}

/** Who was first; within a message, the better carrier. */
export function byReception(a: ReceivedPayload, b: ReceivedPayload): number {
  return a.received - b.received || compareText(a.source, b.source) || a.payload.rank - b.payload.rank;
}

/** Order of code units: the same on every machine, unlike a locale's. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function organizerOf(payload: Payload): Person | undefined {
  return payload.records.find((record) => record.organizer !== undefined)?.organizer;
}

function identitiesOf(organizer: Person | undefined): string[] {
  return organizer === undefined ? [] : [organizer.address, ...organizer.aliases];
}

/** Same registrable domain; at a public mail provider, same address. */
export function isSameOrganization(a: string, b: string): boolean {
  if (a === "" || b === "") return false;
  const organization = organizationOf(a);
  if (PUBLIC_PROVIDERS.test(organization)) return a === b;
  return organization === organizationOf(b);
}

/** The registrable domain by the public suffix list: `example.co.uk` for `ann@mail.example.co.uk`. */
function organizationOf(address: string): string {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return getDomain(domain) ?? domain;
}
