import assert from "node:assert/strict";
import { test } from "node:test";
import { withMemory } from "../../../src/servers/smtp/answer-memory.ts";
import type { Resolve } from "../../../src/servers/smtp/resolve-budget.ts";

const MS = 5_000;

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A DNS that counts what it is asked, and whose clock stands. */
function setUp(answer: Resolve) {
  const asked: string[] = [];
  const clock = { ms: 0 };
  const resolve = withMemory(
    (name, type) => {
      asked.push(`${type} ${name}`);
      return answer(name, type);
    },
    { ms: MS, now: () => new Date(clock.ms) },
  );
  return { resolve, asked, clock };
}

const codeOf = (asking: Promise<unknown>) =>
  asking.then(
    () => "answered",
    ({ code }) => code,
  );

test("what is asked again within the time is asked once, whatever its letter case", async () => {
  const { resolve, asked, clock } = setUp(async (name) => [[name]]);
  assert.deepEqual(await resolve("example.org", "TXT"), [["example.org"]]);
  clock.ms = MS - 1;
  assert.deepEqual(await resolve("Example.ORG", "TXT"), [["example.org"]]);
  assert.deepEqual(await resolve("example.org", "A"), [["example.org"]]);
  assert.deepEqual(asked, ["TXT example.org", "A example.org"]);
  clock.ms = MS;
  await resolve("example.org", "TXT");
  assert.equal(asked.length, 3);
});

test("who asks while somebody waits for the answer waits for the same one", async () => {
  const answering = Promise.withResolvers<string[][]>();
  const { resolve, asked } = setUp(() => answering.promise);
  const both = Promise.all([resolve("example.org", "TXT"), resolve("example.org", "TXT")]);
  answering.resolve([["v=spf1 -all"]]);
  assert.deepEqual(await both, [[["v=spf1 -all"]], [["v=spf1 -all"]]]);
  assert.equal(asked.length, 1);
});

test("the time begins with the answer, not with the question", async () => {
  const { resolve, asked, clock } = setUp(async () => {
    clock.ms += MS;
    return [["late"]];
  });
  await resolve("example.org", "TXT");
  await resolve("example.org", "TXT");
  assert.equal(asked.length, 1);
});

test("that a name does not exist is remembered, that nobody answered is not", async () => {
  for (const [code, times] of [
    ["ENOTFOUND", 1],
    ["ENODATA", 1],
    ["ETIMEOUT", 2],
    ["ESERVFAIL", 2],
    ["ECONNREFUSED", 2],
  ] as const) {
    const { resolve, asked } = setUp(() => Promise.reject(failure(code)));
    assert.equal(await codeOf(resolve("example.org", "TXT")), code);
    assert.equal(await codeOf(resolve("example.org", "TXT")), code);
    assert.equal(asked.length, times, code);
  }
});

test("what one does with an answer is not seen by the next", async () => {
  const { resolve } = setUp(async (name) => {
    if (name === "nobody.example") throw failure("ENOTFOUND");
    return [["v=DMARC1"]];
  });
  (await resolve("example.org", "TXT")).splice(0);
  assert.deepEqual(await resolve("example.org", "TXT"), [["v=DMARC1"]]);
  await resolve("nobody.example", "TXT").catch((error) => Object.assign(error, { code: "ETIMEOUT" }));
  assert.equal(await codeOf(resolve("nobody.example", "TXT")), "ENOTFOUND");
});

test("the memory is bounded: in answers, and in their size", async () => {
  const { resolve, asked } = setUp(async (name) => [[name === "large.example" ? "x".repeat(5000) : name]]);
  await resolve("large.example", "TXT");
  await resolve("large.example", "TXT");
  assert.equal(asked.length, 2);
  for (let n = 0; n < 1001; n++) await resolve(`${n}.example`, "TXT");
  await resolve("1000.example", "TXT");
  assert.equal(asked.length, 1003);
  await resolve("0.example", "TXT");
  assert.equal(asked.length, 1004);
});
