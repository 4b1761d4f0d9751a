import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnectionLimits, type LimitsPerConnection } from "../../../src/servers/net/net.ts";

const MANY = { burst: 1000, intervalMs: 1 };
const LIMITS: LimitsPerConnection = { total: 100, open: [2, 3, 4], rate: [MANY, MANY, MANY] };
const NOW = () => new Date(0);

const peer = (address: string) => ({ address, isProxy: false });

/** How many connections of one client are admitted before the first refusal. */
function countAdmitted(limits: LimitsPerConnection, addressOf: (n: number) => string): number {
  const { admit } = createConnectionLimits(limits, NOW);
  for (let n = 0; n < 200; n++) if (!admit(peer(addressOf(n)))) return n;
  return 200;
}

test("ConnectionLimits counts per address, per network of a customer, per network of a provider, and in all", () => {
  assert.equal(
    countAdmitted(LIMITS, () => "192.0.2.1"),
    2,
  );
  assert.equal(
    countAdmitted(LIMITS, (n) => `192.0.2.${n}`),
    3,
  );
  assert.equal(
    countAdmitted(LIMITS, (n) => `192.0.${n}.1`),
    4,
  );
  assert.equal(
    countAdmitted(LIMITS, (n) => `2001:db8:0:1::${n}`),
    3,
  );
  assert.equal(
    countAdmitted(LIMITS, (n) => `2001:db8:0:${n}::1`),
    4,
  );
  assert.equal(
    countAdmitted(LIMITS, (n) => `${11 + n}.0.2.1`),
    100,
  );
});

test("ConnectionLimits admits again when a connection has closed, and counts each closing once", () => {
  const { admit } = createConnectionLimits(LIMITS, NOW);
  const first = admit(peer("192.0.2.1"));
  assert.ok(first && admit(peer("192.0.2.1")));
  assert.equal(admit(peer("192.0.2.1")), undefined);
  first();
  first();
  assert.ok(admit(peer("192.0.2.1")));
  assert.equal(admit(peer("192.0.2.1")), undefined);
});

test("ConnectionLimits slows one network down and leaves the others alone", () => {
  let now = 0;
  const slow = { burst: 2, intervalMs: 1000 };
  const { admit } = createConnectionLimits({ ...LIMITS, rate: [slow, MANY, MANY] }, () => new Date(now));
  const connect = (address: string) => {
    const release = admit(peer(address));
    release?.();
    return release !== undefined;
  };
  assert.deepEqual(
    [1, 2, 3].map(() => connect("192.0.2.1")),
    [true, true, false],
  );
  assert.equal(connect("198.51.100.1"), true);
  now = 999;
  assert.equal(connect("192.0.2.1"), false, "and asking does not prolong it");
  now = 1000;
  assert.deepEqual(
    [1, 2].map(() => connect("192.0.2.1")),
    [true, false],
  );
});

test("ConnectionLimits counts clients behind one private address in all only", () => {
  for (const address of [
    "127.0.0.1",
    "::1",
    "172.17.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "fd00::1",
    "fe80::1%eth0",
  ]) {
    assert.equal(
      countAdmitted(LIMITS, () => address),
      100,
      address,
    );
  }
  assert.equal(
    countAdmitted(LIMITS, () => "172.32.0.1"),
    2,
  );
});
