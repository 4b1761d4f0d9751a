import assert from "node:assert/strict";
import { test } from "node:test";
import { createMaskNotice } from "../../../src/servers/net/net.ts";

function countWarnings(addressOf: (n: number) => string): number {
  let warnings = 0;
  const ignore = () => undefined;
  const note = createMaskNotice({ debug: ignore, info: ignore, error: ignore, warn: () => warnings++ });
  for (let n = 0; n < 100; n++) note(addressOf(n));
  return warnings;
}

test("a private address that all clients share is reported once", () => {
  assert.equal(
    countWarnings(() => "172.17.0.1"),
    1,
  );
  assert.equal(
    countWarnings(() => "::ffff:172.17.0.1"),
    1,
  );
});

test("clients with addresses of their own, and those of this machine, are no reason to warn", () => {
  assert.equal(
    countWarnings((n) => (n === 5 ? "192.0.2.1" : "172.17.0.1")),
    0,
  );
  assert.equal(
    countWarnings((n) => `172.17.0.${n}`),
    0,
  );
  assert.equal(
    countWarnings(() => "127.0.0.1"),
    0,
  );
  assert.equal(
    countWarnings(() => "192.0.2.1"),
    0,
  );
});
