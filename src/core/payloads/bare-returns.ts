const CR = 0x0d;
const LF = 0x0a;
/** Enough of a message to see how its lines end. */
const LOOKED_AT = 1_024;

/**
 * QUIRK: messages saved on old Macintoshes, and by programs that lost every LF, end their lines with a bare CR.
 * SMTP refuses them (RFC 5321 §2.3.8), but files find other ways into a mailbox.
 *
 * @returns the same octets where lines end as they should
 */
export function withLineFeeds(octets: Uint8Array): Uint8Array {
  let [bareReturns, lineFeeds] = [0, 0];
  for (let index = 0; index < Math.min(octets.length, LOOKED_AT); index++) {
    if (octets[index] === LF) lineFeeds++;
    else if (octets[index] === CR && octets[index + 1] !== LF) bareReturns++;
  }
  if (bareReturns <= lineFeeds) return octets;
  return octets.map((octet, index) => (octet === CR && octets[index + 1] !== LF ? LF : octet));
}
