import assert from "node:assert/strict";
import { test } from "node:test";
import { decideGreylist, greylistKeys } from "../../../src/core/greylist/greylist.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const RULES = { delayMs: 30 * SECOND, expiryMs: 36 * HOUR };
const PASS = { kind: "pass", remember: "proven" };

const CASES = [
  {
    name: "a stranger waits",
    memory: {},
    now: 0,
    verdict: { kind: "wait", seconds: 30, remember: "waiting" },
  },
  {
    name: "coming back too early does not prolong the wait",
    memory: { waitingSince: 0 },
    now: 20.5 * SECOND,
    verdict: { kind: "wait", seconds: 10, remember: "nothing" },
  },
  {
    name: "the last moment is a second, not none",
    memory: { waitingSince: 0 },
    now: 30 * SECOND - 1,
    verdict: { kind: "wait", seconds: 1, remember: "nothing" },
  },
  { name: "coming back in time passes", memory: { waitingSince: 0 }, now: 30 * SECOND, verdict: PASS },
  {
    name: "and just before it is forgotten, too",
    memory: { waitingSince: 0 },
    now: 36 * HOUR - 1,
    verdict: PASS,
  },
  {
    name: "coming back too late begins anew",
    memory: { waitingSince: 0 },
    now: 36 * HOUR,
    verdict: { kind: "wait", seconds: 30, remember: "waiting" },
  },
  { name: "who has proved itself passes", memory: { provenAt: 0 }, now: 36 * HOUR - 1, verdict: PASS },
  {
    name: "and is a stranger again when it has been silent",
    memory: { provenAt: 0 },
    now: 36 * HOUR,
    verdict: { kind: "wait", seconds: 30, remember: "waiting" },
  },
  {
    name: "a clock that was set back costs one delay at most",
    memory: { waitingSince: 1000 * HOUR },
    now: 0,
    verdict: { kind: "wait", seconds: 30, remember: "nothing" },
  },
  {
    name: "nor does it forget who has proved itself",
    memory: { provenAt: 1000 * HOUR },
    now: 0,
    verdict: PASS,
  },
] as const;

for (const { name, memory, now, verdict } of CASES) {
  test(`decideGreylist: ${name}`, () => assert.deepEqual(decideGreylist(memory, now, RULES), verdict));
}

test("greylistKeys remember without regard to letter case, and a sender by its domain", () => {
  assert.deepEqual(
    greylistKeys({
      source: "192.0.2.0/24",
      reversePath: "Bounce+123@Lists.Example.ORG",
      forwardPath: "Anna@example.test",
    }),
    {
      source: "192.0.2.0/24",
      sender: "bounce+123@lists.example.org",
      recipient: "anna@example.test",
      senderDomain: "lists.example.org",
    },
  );
  assert.equal(greylistKeys({ source: "s", reversePath: "", forwardPath: "a@b" }).senderDomain, "");
});
