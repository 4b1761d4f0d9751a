import assert from "node:assert/strict";
import { test } from "node:test";
import { parseProxyHeader } from "../../../src/servers/net/proxy-header.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";
const hex = (text: string) => Buffer.from(text.replace(/ /g, ""), "hex");
const V4 = hex(`${SIGNATURE} 21 11 000c c0000201 c6336401 9c40 0019`);
const V6 = hex(`${SIGNATURE} 21 21 0024 20010db8000000000000000000000001 ${"00".repeat(16)} 9c40 0019`);

const COMPLETE = [
  {
    octets: "PROXY TCP4 192.0.2.1 198.51.100.1 40000 25\r\n",
    source: { address: "192.0.2.1", port: 40_000 },
  },
  {
    octets: "PROXY TCP6 2001:db8::1 2001:db8::2 40000 25\r\n",
    source: { address: "2001:db8::1", port: 40_000 },
  },
  { octets: "PROXY UNKNOWN\r\n", source: undefined },
  { octets: "PROXY UNKNOWN whatever the proxy likes\r\n", source: undefined },
  { octets: V4, source: { address: "192.0.2.1", port: 40_000 } },
  { octets: V6, source: { address: "2001:db8:0:0:0:0:0:1", port: 40_000 } },
  { octets: hex(`${SIGNATURE} 20 00 0000`), source: undefined },
  { octets: hex(`${SIGNATURE} 21 31 0000`), source: undefined },
  {
    octets: Buffer.concat([hex(`${SIGNATURE} 21 11 0010`), V4.subarray(16), hex("04000161")]),
    source: { address: "192.0.2.1", port: 40_000 },
  },
];

for (const { octets, source } of COMPLETE) {
  const header = Buffer.from(octets as string, "latin1");
  test(`parseProxyHeader ${JSON.stringify(header.toString("latin1", 0, 20))} is read, and nothing behind it`, () => {
    const parsed = parseProxyHeader(Buffer.concat([header, Buffer.from("EHLO x\r\n")]));
    assert.deepEqual(parsed, { kind: "complete", octets: header.length, ...(source ? { source } : {}) });
    for (let cut = 0; cut < header.length; cut++) {
      assert.equal(parseProxyHeader(header.subarray(0, cut)).kind, "incomplete", `${cut} octets`);
    }
  });
}

const ABSENT = [
  "EHLO client.example.org\r\n",
  "proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n",
  "x".repeat(200),
  "PROPFIND / HTTP/1.1\r\n",
];

const INVALID = [
  "PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n",
  "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 3\r\n",
  "PROXY TCP4 192.0.2.1 198.51.100.1 1 65536\r\n",
  "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
  "PROXY TCP4 192.0.2.999 198.51.100.1 1 2\r\n",
  "PROXY TCP5 192.0.2.1 198.51.100.1 1 2\r\n",
  `PROXY UNKNOWN ${"x".repeat(100)}\r\n`,
  hex(`${SIGNATURE} 31 11 000c`),
  hex(`${SIGNATURE} 22 11 0000`),
  hex(`${SIGNATURE} 21 11 ffff`),
];

for (const octets of ABSENT) {
  test(`parseProxyHeader sees that ${JSON.stringify(octets.slice(0, 20))} is something else`, () => {
    assert.deepEqual(parseProxyHeader(Buffer.from(octets)), { kind: "absent" });
  });
}

for (const octets of INVALID) {
  const header = Buffer.from(octets as string, "latin1");
  test(`parseProxyHeader refuses ${JSON.stringify(header.toString("latin1", 0, 60))}`, () => {
    assert.deepEqual(parseProxyHeader(header), { kind: "invalid" });
  });
}
