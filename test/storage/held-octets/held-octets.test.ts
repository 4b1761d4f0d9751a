import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { holdOctets } from "../../../src/storage/held-octets/held-octets.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "held-octets-"));
});
after(() => rm(folder, { recursive: true }));

async function* pieces(count: number, size: number, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) yield Buffer.alloc(size, n);
  if (failure) throw failure;
}

async function gather(octets: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of octets) chunks.push(chunk);
  return Buffer.concat(chunks);
}

for (const [count, size] of [
  [0, 0],
  [3, 10],
  [3000, 1],
  [64, 4096],
  [65, 4096],
  [100, 65_536],
] as const) {
  test(`holdOctets gives ${count} times ${size} octets back, as often as wanted, and leaves no file`, async () => {
    const expected = await gather(pieces(count, size));
    const held = await holdOctets(pieces(count, size), folder);
    for (let round = 0; round < 2; round++) assert.ok(expected.equals(await gather(held.read())));
    assert.deepEqual(await readdir(folder), []);
    await held.release();
  });
}

for (const count of [3, 100]) {
  test(`holdOctets gives ${count} times 65536 octets back to one reader while another gives up`, async () => {
    const held = await holdOctets(pieces(count, 65_536), folder);
    for await (const _chunk of held.read()) break;
    const abandoned = Readable.from(held.read());
    await once(abandoned, "readable");
    abandoned.destroy();
    assert.ok((await gather(pieces(count, 65_536))).equals(await gather(held.read())));
    await held.release();
  });
}

test("holdOctets rejects as its source does", async () => {
  const failure = new Error("the client has left");
  for (const size of [10, 1_000_000])
    await assert.rejects(holdOctets(pieces(2, size, failure), folder), failure);
  assert.deepEqual(await readdir(folder), []);
});

test("holdOctets rejects when there is no place for many octets", async () => {
  await assert.rejects(holdOctets(pieces(2, 1_000_000), join(folder, "missing")), { code: "ENOENT" });
});
