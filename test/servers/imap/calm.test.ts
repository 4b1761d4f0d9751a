import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTick } from "node:timers/promises";
import { Calm } from "../../../src/servers/imap/calm.ts";

test("calm comes when the last command has ended, and not when another one has begun meanwhile", async () => {
  const calm = new Calm();
  await calm.come();
  calm.begin();
  calm.begin();
  let came = 0;
  for (const _ of [1, 2]) void calm.come().then(() => came++);
  calm.end();
  for (const _ of [1, 2]) await nextTick();
  assert.equal(came, 0);
  calm.end();
  calm.begin(); // pipelined
  for (const _ of [1, 2]) await nextTick();
  assert.equal(came, 0);
  calm.end();
  await nextTick();
  assert.equal(came, 2);
  await calm.come();
});

test("calm does not come before a command that is about to begin", async () => {
  const calm = new Calm();
  let came = false;
  void calm.come().then(() => {
    came = true;
  });
  calm.begin();
  for (const _ of [1, 2]) await nextTick();
  assert.equal(came, false);
  calm.end();
  for (const _ of [1, 2]) await nextTick();
  assert.equal(came, true);
});

test("calm comes in the end, while a command waits for its client", async () => {
  const calm = new Calm();
  calm.begin();
  const stop = setInterval(() => {}, 1000); // the timer that is waited for keeps no process alive
  await calm.come();
  clearInterval(stop);
});
