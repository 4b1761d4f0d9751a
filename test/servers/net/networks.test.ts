import assert from "node:assert/strict";
import { test } from "node:test";
import { isNetwork, networksOf, normalizeAddress } from "../../../src/servers/net/net.ts";

const CASES = [
  { address: "192.0.2.77", networks: ["192.0.2.77", "192.0.2.0/24", "192.0.0.0/16"] },
  { address: "::ffff:192.0.2.77", networks: ["192.0.2.77", "192.0.2.0/24", "192.0.0.0/16"] },
  {
    address: "2001:DB8:1:2:3:4:5:6",
    networks: ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"],
  },
  { address: "2001:db8::1", networks: ["2001:db8::1", "2001:db8:0:0::/64", "2001:db8:0::/48"] },
  { address: "2001:db8:0:0:1::", networks: ["2001:db8:0:0:1::", "2001:db8:0:0::/64", "2001:db8:0::/48"] },
  { address: "fe80::1%eth0", networks: ["fe80::1", "fe80:0:0:0::/64", "fe80:0:0::/48"] },
  { address: "::1", networks: ["::1", "0:0:0:0::/64", "0:0:0::/48"] },
];

for (const { address, networks } of CASES) {
  test(`networksOf ${address}`, () => assert.deepEqual(networksOf(address), networks));
}

test("normalizeAddress gives every spelling of an address the same form", () => {
  assert.equal(normalizeAddress("2001:0DB8:0:0:0:0:0:0001"), normalizeAddress("2001:db8::1"));
});

const NETWORKS = ["192.0.2.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32", "2001:db8::1/128"];
for (const text of NETWORKS) {
  test(`isNetwork takes ${text}`, () => assert.ok(isNetwork(text)));
}

const OTHERS = [
  "",
  "/8",
  "10.0.0.0/",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0/8",
  "::/129",
  "fe80::1%eth0",
  "a.test",
  "::1/8/8",
];
for (const text of OTHERS) {
  test(`isNetwork refuses "${text}"`, () => assert.ok(!isNetwork(text)));
}
