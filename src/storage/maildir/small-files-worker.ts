/** A thread that reads, or describes, small files, as many as it is asked for at a time. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import { endLinesWithCrlf } from "./crlf.ts";
import type { Describer, DescriptionParts } from "./mailbox-view.ts";
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

async function answer({ paths, describer }: SmallFilesRequest): Promise<SmallFilesReply> {
  const files = paths.map(readSmall);
  const ends = new Uint32Array(files.length);
  let end = 0;
  for (const [nth, { octets }] of files.entries()) {
    end += octets.length;
    ends[nth] = end;
  }
  const modifiedAt = Float64Array.from(files, (file) => file.modifiedAt);
  if (describer === undefined) return { octets: join(files, end), ends, modifiedAt, descriptions: [] };
  const module: { readonly describer: Describer } = await import(describer);
  const descriptions: (DescriptionParts | undefined)[] = [];
  for (const file of files) descriptions.push(await describe(file, module.describer));
  return { octets: new Uint8Array(), ends, modifiedAt, descriptions };
}

function join(files: readonly SmallFile[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const { octets } of files) {
    all.set(octets, at);
    at += octets.length;
  }
  return all;
}

async function describe(file: SmallFile, describer: Describer): Promise<DescriptionParts | undefined> {
  if (file === NOTHING) return undefined;
  async function* octets(): AsyncGenerator<Uint8Array> {
    yield file.octets;
  }
  try {
    return (await describer.describe(octets())).description();
  } catch {
    return undefined; // who describes it next hears why
  }
}

let last = Promise.resolve();

parentPort?.on("message", (request: SmallFilesRequest) => {
  last = last.then(async () => {
    const reply = await answer(request);
    parentPort?.postMessage(reply, [reply.octets.buffer as ArrayBuffer]);
  });
});
