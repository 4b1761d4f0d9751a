const UTF8_BOM = [0xef, 0xbb, 0xbf];

/**
 * The characters of calendar octets. The first that fits decides: a byte order mark; valid UTF-8, whatever
 * the label says (mislabelled UTF-8 is far more frequent than text in an 8-bit charset that happens to be
 * valid UTF-8); the declared charset; windows-1252, which reads any octet.
 *
 * @param unfold removes folds from octets, so that a fold inside a character does no harm (RFC 5545 §3.1).
 *   Not applied to UTF-16, where the caller unfolds characters.
 */
export function decodeCharset(
  octets: Uint8Array,
  declared: string | undefined,
  unfold: (octets: Uint8Array) => Uint8Array,
): string {
  if (octets[0] === 0xff && octets[1] === 0xfe) return new TextDecoder("utf-16le").decode(octets);
  if (octets[0] === 0xfe && octets[1] === 0xff) return new TextDecoder("utf-16be").decode(octets);
  if (declared !== undefined && /^\s*"?utf-?16/i.test(declared)) return decodeUtf16(octets, declared);

  const marked = UTF8_BOM.every((octet, index) => octets[index] === octet);
  const unfolded = unfold(marked ? octets.subarray(UTF8_BOM.length) : octets);
  return (
    decodeStrictly(unfolded, "utf-8") ?? decodeDeclared(unfolded, declared) ?? decodeWindows1252(unfolded)
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
