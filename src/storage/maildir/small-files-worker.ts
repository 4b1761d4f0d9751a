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

/** What was read last: memory of its own for each file would cost as much as the reading. */
const buffer = new Uint8Array(MAX_SMALL_OCTETS);

/**
 * A file's octets are there until the next one is read. Files that are not read in one go, because somebody
 * changes them meanwhile, say, are left to the asker.
 */
function readSmall(path: string): SmallFile {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { size, mtimeMs } = fstatSync(file);
    if (size > MAX_SMALL_OCTETS) return NOTHING;
    if (readSync(file, buffer, 0, size, 0) !== size) return NOTHING;
    return { octets: endLinesWithCrlf(buffer.subarray(0, size), 0), modifiedAt: mtimeMs };
  } catch {
    return NOTHING; // who opens it hears why
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function answer({ paths, describer }: SmallFilesRequest): Promise<SmallFilesReply> {
  const ends = new Uint32Array(paths.length);
  const modifiedAt = new Float64Array(paths.length);
  const files: Uint8Array[] = [];
  const descriptions: (DescriptionParts | undefined)[] = [];
  const module = describer === undefined ? undefined : await load(describer);
  let end = 0;
  for (const [nth, path] of paths.entries()) {
    const file = readSmall(path);
    end += file.octets.length;
    ends[nth] = end;
    modifiedAt[nth] = file.modifiedAt;
    if (module === undefined) files.push(file.octets.slice());
    else descriptions.push(describe(file, module.describer));
  }
  return { octets: join(files, end), ends, modifiedAt, descriptions };
}

interface DescriberModule {
  readonly describer: Describer;
}

let loaded: { readonly address: string; readonly module: Promise<DescriberModule> } | undefined;

/** There is but one; an import for each request would look its address up each time. */
function load(address: string): Promise<DescriberModule> {
  if (loaded?.address !== address) loaded = { address, module: import(address) };
  return loaded.module;
}

function join(files: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(files.length > 0 ? length : 0);
  let at = 0;
  for (const octets of files) {
    all.set(octets, at);
    at += octets.length;
  }
  return all;
}

function describe(file: SmallFile, describer: Describer): DescriptionParts | undefined {
  if (file === NOTHING) return undefined;
  try {
    return describer.describeWhole(file.octets).description();
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
