import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../../src/app/world.ts";

test("random octets come in any number, and never twice", () => {
  const random = createRandom();
  const drawn = Array.from({ length: 3000 }, () => random(8));
  assert.ok(drawn.every((octets) => octets.length === 8));
  assert.equal(new Set(drawn.map((octets) => Buffer.from(octets).toString("hex"))).size, drawn.length);
  assert.deepEqual(
    [0, 5000, 4096, 4095, 2].map((octets) => random(octets).length),
    [0, 5000, 4096, 4095, 2],
  );
});

test("random octets stay what they were when others are drawn", () => {
  const random = createRandom();
  const key = random(32);
  const before = Buffer.from(key).toString("hex");
  for (let n = 0; n < 300; n++) random(32);
  assert.equal(Buffer.from(key).toString("hex"), before);
  assert.equal(key.buffer.byteLength, 32); // and nobody who is given one can reach the next
});
