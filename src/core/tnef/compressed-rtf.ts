import { OctetCursor } from "./octet-cursor.ts";

const COMPRESSED = 0x75465a4c; // "LZFu"
const UNCOMPRESSED = 0x414c454d; // "MELA"

const RING_OCTETS = 4096;
const RING_MASK = RING_OCTETS - 1;

/** What the ring holds at the start ([MS-OXRTFCP] 2.1.2.1): what most RTF begins with. */
const RING_START = new TextEncoder().encode(
  "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript " +
    "\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n" +
    "\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx",
);

/**
 * The RTF in a PidTagRtfCompressed ([MS-OXRTFCP] 2.2), cut to `maxOctets`. Damage ends it early; the
 * checksum is not looked at, since there is nothing better to fall back on. Undefined for other data.
 */
export function decompressRtf(octets: Uint8Array, maxOctets: number): Uint8Array | undefined {
  const cursor = new OctetCursor(octets);
  cursor.skip(4); // the compressed size: the property has an end of its own
  const rawSize = Math.min(cursor.uint32(), maxOctets);
  const kind = cursor.uint32();
  cursor.skip(4); // CRC
  if (cursor.overrun) return undefined;
  if (kind === UNCOMPRESSED) return cursor.take(Math.min(rawSize, cursor.remaining));
  return kind === COMPRESSED ? inflate(cursor, rawSize) : undefined;
}

function inflate(cursor: OctetCursor, rawSize: number): Uint8Array {
  const ring = new Uint8Array(RING_OCTETS);
  ring.set(RING_START);
  let write = RING_START.length;
  // A reference makes at most 17 octets of 2, so the size that is claimed does not decide on memory.
  const output = new Uint8Array(Math.min(rawSize, cursor.remaining * 9));
  let length = 0;
  const put = (octet: number): void => {
    output[length++] = octet;
    ring[write] = octet;
    write = (write + 1) & RING_MASK;
  };
  while (length < output.length && cursor.remaining > 0) {
    const control = cursor.uint8();
    for (let bit = 0; bit < 8 && length < output.length && cursor.remaining > 0; bit++) {
      if ((control & (1 << bit)) === 0) {
        put(cursor.uint8());
        continue;
      }
      const reference = (cursor.uint8() << 8) | cursor.uint8();
      const from = reference >> 4;
      if (from === write || cursor.overrun) return output.subarray(0, length);
      for (let copied = 0; copied < (reference & 0xf) + 2 && length < output.length; copied++) {
        put(ring[(from + copied) & RING_MASK] ?? 0);
      }
    }
  }
  return output.subarray(0, length);
}
