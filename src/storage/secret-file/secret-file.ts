/**
 * Secrets in files of their own: those that an operator mounts (Docker, Kubernetes, systemd), and the one
 * that is made for trying things out. It does not notice changes: a new secret takes a restart.
 */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  isMissing,
  makePrivateFolder,
  whyUnreadable,
  writeFileAtomically,
} from "../atomic-file/atomic-file.ts";

/**
 * The text in the file, without the line break that editors and `echo` put at its end. Throws an Error
 * whose message says what is wrong with the file, and never what is in it.
 */
export function readSecretFile(path: string): string {
  const octets = readOctets(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(octets).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new Error(`Cannot read "${path}": it is not UTF-8 text`, { cause });
  }
}

function readOctets(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Error(`Cannot read "${path}": ${whyUnreadable(cause)}`, { cause });
  }
}

/** Reads a secret that the program made itself, or makes and keeps it, for the owner only. */
export async function readOrMakeSecretFile(path: string, make: () => string): Promise<string> {
  try {
    return readSecretFile(path);
  } catch (error) {
    if (!isMissing((error as Error).cause)) throw error;
  }
  await makePrivateFolder(dirname(path));
  await writeFileAtomically(path, Buffer.from(`${make()}\n`));
  return readSecretFile(path);
}
