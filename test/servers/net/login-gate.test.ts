import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createLoginGate } from "../../../src/servers/net/net.ts";

function createGate(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const checked: string[] = [];
  const gate = createLoginGate(() => new Date());
  const attempt = (address: string, password: string) =>
    gate(address, async () => {
      checked.push(password);
      return password === "right";
    });
  return { attempt, checked, tick: (ms: number) => t.mock.timers.tick(ms) };
}

test("the login gate never slows down who knows the password", async (t) => {
  const { attempt } = createGate(t);
  for (let n = 0; n < 500; n++) assert.equal(await attempt("192.0.2.1", "right"), "accepted");
});

test("the login gate lets twenty guesses through, then one in six seconds, and not the right one either", async (t) => {
  const { attempt, checked, tick } = createGate(t);
  for (let n = 0; n < 20; n++) assert.equal(await attempt("192.0.2.1", `${n}`), "refused");
  const waiting = attempt("192.0.2.1", "right");
  tick(5999);
  await Promise.resolve();
  assert.equal(checked.length, 20);
  tick(1);
  assert.equal(await waiting, "accepted");
  assert.equal(await attempt("198.51.100.7", "x"), "refused", "others are not slowed down");
});

test("the login gate counts guesses made at the same time, and stops looking at them", async (t) => {
  const { attempt, checked, tick } = createGate(t);
  const outcomes = Array.from({ length: 40 }, (_, n) => attempt(`2001:db8::${n}`, `${n}`));
  tick(30_000);
  const counts = Map.groupBy(await Promise.all(outcomes), (outcome) => outcome);
  assert.equal(counts.get("refused")?.length, 25);
  assert.equal(counts.get("slow-down")?.length, 15);
  assert.equal(checked.length, 25);
});

test("guessers from everywhere cannot keep out who has not failed", async (t) => {
  const { attempt } = createGate(t);
  const addresses = Array.from({ length: 50 }, (_, n) => `203.0.113.${n}`);
  const guesses = addresses.flatMap((address) => Array.from({ length: 25 }, () => attempt(address, "x")));
  assert.equal(await attempt("192.0.2.1", "right"), "accepted");
  const patient = attempt("203.0.113.49", "right");
  assert.equal(await patient, "slow-down");
  t.mock.timers.tick(30_000);
  await Promise.all(guesses);
});

test("an address that everybody may share is slowed down by guesses, and never refused", async (t) => {
  const { attempt, tick } = createGate(t);
  for (let n = 0; n < 20; n++) assert.equal(await attempt("172.17.0.1", `${n}`), "refused");
  const guesses = Array.from({ length: 50 }, (_, n) => attempt("172.17.0.1", `${n}`));
  const owner = attempt("172.17.0.1", "right");
  tick(3_000);
  assert.equal(await owner, "accepted");
  assert.deepEqual(new Set(await Promise.all(guesses)), new Set(["refused"]));
});
