/** A thread that reads, describes or searches small files, as many as it is asked for at a time. */
import { parentPort } from "node:worker_threads";
import type { Describer } from "./mailbox-view.ts";
import { readSmallFile } from "./read-small-file.ts";
import type { SmallFilesReply, SmallFilesRequest } from "./small-files.ts";
import { findIn } from "./sought-text.ts";

async function answer(request: SmallFilesRequest): Promise<SmallFilesReply> {
  const { paths, describer: module, withKeys, texts } = request;
  if (module === undefined) {
    const { results, ...reply } = onEach(paths, (octets) => octets.slice());
    return { ...reply, octets: join(results), descriptions: [], areFound: [] };
  }
  const { describer } = await load(module);
  if (texts === undefined) {
    const { results, ...reply } = onEach(paths, (octets) => {
      const description = describer.describeWhole(octets).description();
      return { description, keys: withKeys ? describer.keysOf(description.header) : undefined };
    });
    return { ...reply, octets: NO_OCTETS, descriptions: results, areFound: [] };
  }
  const { results, ...reply } = onEach(paths, (octets) =>
    findIn(describer.describeWhole(octets).text(), texts),
  );
  return { ...reply, octets: NO_OCTETS, descriptions: [], areFound: results };
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

const NO_OCTETS = new Uint8Array();

function onEach<T>(paths: readonly string[], act: (octets: Uint8Array) => T) {
  const ends = new Uint32Array(paths.length);
  const modifiedAt = new Float64Array(paths.length).fill(Number.NaN);
  const results: (T | undefined)[] = [];
  let end = 0;
  for (const [nth, path] of paths.entries()) {
    const file = readSmallFile(path);
    end += file?.octets.length ?? 0;
    ends[nth] = end;
    if (file !== undefined) modifiedAt[nth] = file.modifiedAt;
    results.push(file && attempt(() => act(file.octets)));
  }
  return { ends, modifiedAt, results };
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined; // who tries it next hears why
  }
}

function join(files: readonly (Uint8Array | undefined)[]): Uint8Array {
  const octets = new Uint8Array(files.reduce((length, file) => length + (file?.length ?? 0), 0));
  let at = 0;
  for (const file of files) {
    if (file === undefined) continue;
    octets.set(file, at);
    at += file.length;
  }
  return octets;
}

let last = Promise.resolve();

parentPort?.on("message", (request: SmallFilesRequest) => {
  last = last.then(async () => {
    const reply = await answer(request);
    parentPort?.postMessage(reply, reply.octets === NO_OCTETS ? [] : [reply.octets.buffer as ArrayBuffer]);
  });
});
