import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, type WebcalConfig } from "../../src/app/config.ts";
import { jobOf } from "../../src/app/desk.ts";
import { readMessage, type SenderProof } from "../../src/core/payloads/payloads.ts";
import { placementOf } from "../../src/secretary/policy.ts";

const INVITATION =
  "From: <bob@example.org>\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n" +
  "PRODID:x\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@example.org\r\nDTSTAMP:20261101T080000Z\r\n" +
  "DTSTART:20261201T090000Z\r\nSUMMARY:Lunch\r\nORGANIZER:mailto:bob@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

function jobFor(settings: Readonly<Record<string, string>>) {
  const reading = readConfig(() => "", {
    DOMAINNAME: "example.net",
    MAILUSER: "alice",
    MAILPASSWORD: "x",
    MAILFOLDER: "/data",
    WEBCAL_OWN_ADDRESSES: "alice@example.com",
    WEBCAL_ALLOWED_SENDERS: "@barber.example",
    ...settings,
  });
  assert.ok(reading.ok);
  return jobOf(reading.config, reading.config.webcal as WebcalConfig);
}

const PROOFS: readonly SenderProof[] = ["verified", "unproven", "failed", "unchecked"];

/** Which proofs have an invitation published at once, by policy and sender. */
const PUBLISHED: readonly (readonly [policy: string, sender: string, proofs: readonly SenderProof[]])[] = [
  ["any", "bob@example.org", PROOFS],
  ["list", "bob@example.org", []],
  ["list", "cut@barber.example", ["verified", "unproven", "unchecked"]],
  ["list", "alice@example.com", ["verified", "unchecked"]],
  ["list", "alice@example.net", ["verified", "unchecked"]],
  ["list", "secretary@example.net", []],
  ["verified", "bob@example.org", ["verified"]],
  ["verified", "cut@barber.example", ["verified", "unchecked"]],
  ["verified", "alice@example.com", ["verified", "unchecked"]],
];

for (const [policy, sender, proofs] of PUBLISHED) {
  test(`WEBCAL_POLICY=${policy} publishes invitations of ${sender} that are ${proofs.join(" or ") || "no more"}`, async () => {
    const context = { domain: "example.net", defaultZone: "UTC", fileDate: 0 };
    const reading = await readMessage(Buffer.from(INVITATION), context);
    const job = jobFor({ WEBCAL_POLICY: policy });
    const published = PROOFS.filter(
      (senderProof) => placementOf({ ...reading, sender, senderProof }, job.policy) === "publish",
    );
    assert.deepEqual(published, proofs);
  });
}
