/**
 * Secrets that an operator keeps in files of their own, as Docker, Kubernetes and systemd mount them.
 * It neither writes them nor notices changes: a new secret takes a restart.
 */
import { readFileSync } from "node:fs";

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
    throw new Error(`Cannot read "${path}": ${explain(cause as NodeJS.ErrnoException)}`, { cause });
  }
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
      return "this user may not read it";
    case "EISDIR":
      return "it is a folder";
    default:
      return message;
  }
}
