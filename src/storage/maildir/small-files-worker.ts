/** A thread that reads small files, as many as it is asked for at a time. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { endLinesWithCrlf } from "./crlf.ts";
import {
  MAX_SMALL_OCTETS,
  type SmallFile,
  type SmallFilesReply,
  type SmallFilesRequest,
} from "./small-files.ts";

const NOTHING: SmallFile = { octets: new Uint8Array(), modifiedAt: Number.NaN };

/** Files that are not read in one go, because somebody changes them meanwhile, say, are left to the asker. */
function readSmall(path: string): SmallFile {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { size, mtimeMs } = fstatSync(file);
    if (size > MAX_SMALL_OCTETS) return NOTHING;
    const octets = new Uint8Array(size);
    if (readSync(file, octets, 0, size, 0) !== size) return NOTHING;
    return { octets: endLinesWithCrlf(octets, 0), modifiedAt: mtimeMs };
  } catch {
    return NOTHING; // who opens it hears why
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function join(files: readonly SmallFile[]): SmallFilesReply {
  const octets = new Uint8Array(files.reduce((sum, file) => sum + file.octets.length, 0));
  const ends = new Uint32Array(files.length);
  let at = 0;
  for (const [nth, file] of files.entries()) {
    octets.set(file.octets, at);
    at += file.octets.length;
    ends[nth] = at;
  }
  return { octets, ends, modifiedAt: Float64Array.from(files, ({ modifiedAt }) => modifiedAt) };
}

parentPort?.on("message", (paths: SmallFilesRequest) => {
  const reply = join(paths.map(readSmall));
  parentPort?.postMessage(reply, [reply.octets.buffer as ArrayBuffer]);
});
