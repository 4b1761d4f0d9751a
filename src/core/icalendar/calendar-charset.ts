const UTF8_BOM = [0xef, 0xbb, 0xbf];

/** Octets in which folds and line ends can be found: UTF-16 becomes UTF-8, and a byte order mark goes. */
export function withAsciiOctets(octets: Uint8Array, declared: string | undefined): Uint8Array {
  if (octets[0] === 0xff && octets[1] === 0xfe) return inUtf8(new TextDecoder("utf-16le").decode(octets));
  if (octets[0] === 0xfe && octets[1] === 0xff) return inUtf8(new TextDecoder("utf-16be").decode(octets));
  if (declared !== undefined && /^\s*"?utf-?16/i.test(declared)) return inUtf8(decodeUtf16(octets, declared));
  const isMarked = UTF8_BOM.every((octet, index) => octets[index] === octet);
  return isMarked ? octets.subarray(UTF8_BOM.length) : octets;
}

function inUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const ESCAPE = 0x1b;

/**
 * The characters of unfolded calendar octets. The first that fits decides: valid UTF-8, whatever the label
 * says (mislabelled UTF-8 is far more frequent than text in an 8-bit charset that happens to be valid UTF-8);
 * the declared charset; windows-1252, which reads any octet. Charsets that switch by ESC look like ASCII.
 */
export function decodeCalendar(octets: Uint8Array, declared: string | undefined): string {
  const isSwitching = /^\s*"?iso-2022-/i.test(declared ?? "") && octets.includes(ESCAPE);
  return (
    (isSwitching ? decodeDeclared(octets, declared) : undefined) ??
    decodeStrictly(octets, "utf-8") ??
    decodeDeclared(octets, declared) ??
    decodeWindows1252(octets)
  );
}

/** UTF-16 without a byte order mark: `utf-16` alone means big-endian (RFC 2781 §4.3), Windows means little. */
function decodeUtf16(octets: Uint8Array, declared: string): string {
  const zeroFirst = octets[0] === 0 || /be\b/i.test(declared);
  return new TextDecoder(zeroFirst ? "utf-16be" : "utf-16le").decode(octets);
}

function decodeStrictly(octets: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return undefined; // not that charset (TypeError), or a charset that does not exist (RangeError)
  }
}

function decodeDeclared(octets: Uint8Array, declared: string | undefined): string | undefined {
  const label = declared?.replace(/["'\s]/g, "").toLowerCase();
  if (label === undefined || label === "" || label === "us-ascii" || label === "utf-8") return undefined;
  return decodeStrictly(octets, label);
}

function decodeWindows1252(octets: Uint8Array): string {
  return new TextDecoder("windows-1252").decode(octets);
}
