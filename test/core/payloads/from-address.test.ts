import assert from "node:assert/strict";
import { test } from "node:test";
import { fromAddress } from "../../../src/core/payloads/from-address.ts";

const FIELDS: readonly [field: string | undefined, address: string][] = [
  ["ann@example.org", "ann@example.org"],
  ["Ann Example <Ann@Example.ORG>", "ann@example.org"],
  ['"ann@example.org" <evil@evil.example>', "evil@evil.example"],
  ['"<ann@example.org>" <evil@evil.example>', "evil@evil.example"],
  ['"a \\" <ann@example.org>" <evil@evil.example>', "evil@evil.example"],
  ["(<ann@example.org>) evil@evil.example", "evil@evil.example"],
  ["evil@evil.example (ann@example.org)", "evil@evil.example"],
  ["ann@example.org, bob@example.org", "ann@example.org"],
  ["Ann < ann@example.org >", "ann@example.org"],
  ["undisclosed-recipients:;", ""],
  ["<>", ""],
  ["", ""],
  [undefined, ""],
];

for (const [field, address] of FIELDS) {
  test(`fromAddress ${field}`, () => assert.equal(fromAddress(field), address));
}
