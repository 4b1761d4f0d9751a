import type { FileHandle } from "node:fs/promises";

/** Nearly every message is smaller, and read at once. */
const PIECE_OCTETS = 65_536;

/**
 * The octets of a message's file, which is closed at the end. A stream would cost more than the reading.
 * @param octets how many there should be
 */
export async function* readPieces(
  file: FileHandle,
  octets = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  const length = Math.min(octets + 1, PIECE_OCTETS);
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length));
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      if (bytesRead < length) return; // of a file on a disk, there is no more
    }
  } finally {
    await file.close();
  }
}
