import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import { type TestContext, test } from "node:test";
import { dkimSign, sealMessage } from "mailauth";
import { createProxies } from "../../../src/servers/net/net.ts";
import { createSenderVerifier, type SmtpOptions } from "../../../src/servers/smtp/smtp.ts";
import { holdOctets } from "../../../src/storage/held-octets/held-octets.ts";
import { RawClient } from "./raw-client.ts";
import { SILENT, startServer } from "./smtp-fixture.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const KEY = publicKey.export({ type: "spki", format: "der" }).toString("base64");

type Zone = Readonly<Record<string, string>>;

/** example.org sends from 192.0.2.1 and signs; what fails both is to be refused. */
const ZONE: Zone = {
  "example.org": "v=spf1 ip4:192.0.2.1 -all",
  "s._domainkey.example.org": `v=DKIM1; k=rsa; p=${KEY}`,
  "_dmarc.example.org": "v=DMARC1; p=reject",
};
const [SENDER, STRANGER] = ["192.0.2.1", "198.51.100.1"];

const MESSAGE =
  "From: Bob <bob@example.org>\r\nTo: anna@example.test\r\nSubject: Lunch\r\n" +
  "Date: Sat, 21 Nov 2026 03:34:11 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nAt noon.\r\n";

async function sign(message: string): Promise<string> {
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const signer = { signingDomain: "example.org", selector: "s", privateKey: pem };
  // Its types want the signer where its code does not look for it.
  const { signatures } = await dkimSign(Buffer.from(message), { ...signer, signatureData: [signer] });
  return signatures + message;
}

function resolverOf(zone: Zone) {
  return async (name: string, type: string): Promise<string[][]> => {
    const text = type === "TXT" ? zone[name] : undefined;
    if (text === undefined) throw Object.assign(new Error(`No ${type} of ${name}`), { code: "ENOTFOUND" });
    if (text === "broken") throw Object.assign(new Error("No answer"), { code: "ETIMEOUT" });
    return [[text]];
  };
}

async function startVerifying(t: TestContext, zone: Zone = ZONE, options: Partial<SmtpOptions> = {}) {
  const { port, delivered } = await startServer(t, {
    proxies: createProxies(["127.0.0.1"]),
    verification: {
      verifier: createSenderVerifier({ serverName: "example.test", resolve: resolverOf(zone), log: SILENT }),
      hold: (octets) => holdOctets(octets, tmpdir()),
      dmarcPolicy: "enforce",
    },
    ...options,
  });
  /** Sends a message from that address; returns the answer, and what was stored. */
  async function send(message: string, address: string, reversePath = "bob@example.org") {
    const before = delivered.length;
    const client = await RawClient.connectFrom(address, port);
    await client.say(`MAIL FROM:<${reversePath}>\r\n`, 250);
    await client.say("RCPT TO:<anna@example.test>\r\n", 250);
    await client.say("DATA\r\n", 354);
    client.send(`${message}.\r\n`);
    const answer = await client.reply();
    client.destroy();
    return { answer, stored: delivered[before]?.text };
  }
  return { send };
}

/** The field that we wrote, unfolded. */
function resultsOf(stored: string | undefined): string {
  const [field = ""] = /^Authentication-Results:.*\r\n(?:[ \t].*\r\n)*/m.exec(stored ?? "") ?? [];
  return field.replace(/\r\n(?=[ \t])/g, "").trimEnd();
}

const CASES = [
  {
    name: "SPF alone",
    message: MESSAGE,
    address: SENDER,
    answer: /^250 /,
    results: [/dkim=none/, /spf=pass/, /dmarc=pass .*header\.from=example\.org/],
  },
  {
    name: "DKIM alone, as after forwarding",
    message: await sign(MESSAGE),
    address: STRANGER,
    answer: /^250 /,
    results: [/dkim=pass .*header\.d=example\.org/, /spf=fail/, /dmarc=pass/],
  },
  {
    name: "neither, and the author's domain refuses",
    message: MESSAGE,
    address: STRANGER,
    answer: /^550 5\.7\.1 .*example\.org.*DMARC/,
    results: [],
  },
  {
    name: "a message changed on its way",
    message: (await sign(MESSAGE)).replace("noon", "four"),
    address: STRANGER,
    answer: /^550 5\.7\.1 /,
    results: [],
  },
  {
    name: "another domain's SPF",
    message: MESSAGE,
    address: STRANGER,
    reversePath: "mallory@example.net",
    zone: { ...ZONE, "example.net": "v=spf1 +all" },
    answer: /^550 5\.7\.1 /,
    results: [],
  },
  {
    name: "quarantine is for the reader to decide",
    message: MESSAGE,
    address: STRANGER,
    zone: { ...ZONE, "_dmarc.example.org": "v=DMARC1; p=quarantine" },
    answer: /^250 /,
    results: [/dmarc=fail/],
  },
  {
    name: "a policy for a share of the mail is one for all of it (RFC 9989 dropped pct)",
    message: MESSAGE,
    address: STRANGER,
    zone: { ...ZONE, "_dmarc.example.org": "v=DMARC1; p=reject; pct=0" },
    answer: /^550 5\.7\.1 /,
    results: [],
  },
  {
    name: "a policy that its domain is still testing refuses nothing (RFC 9989 §4.7)",
    message: MESSAGE,
    address: STRANGER,
    zone: { ...ZONE, "_dmarc.example.org": "v=DMARC1; p=reject; t=y" },
    answer: /^250 /,
    results: [/dmarc=fail/],
  },
  {
    name: "a domain without policy",
    message: MESSAGE,
    address: STRANGER,
    zone: {},
    answer: /^250 /,
    results: [/spf=none/, /dmarc=none/],
  },
  {
    name: "a DNS that does not answer loses no mail",
    message: MESSAGE,
    address: STRANGER,
    zone: { ...ZONE, "_dmarc.example.org": "broken" },
    answer: /^250 /,
    results: [/dmarc=temperror/],
  },
  {
    name: "nor one that does not answer about SPF",
    message: MESSAGE,
    address: STRANGER,
    zone: { ...ZONE, "example.org": "broken" },
    answer: /^250 /,
    results: [/spf=temperror/],
  },
  {
    name: "two From fields, of which readers show either",
    message: `From: anna@example.test\r\n${MESSAGE}`,
    address: SENDER,
    answer: /^550 5\.7\.1 More than one From field/,
    results: [],
  },
  {
    name: "two authors, of whom one has a policy and the other has not",
    message: MESSAGE.replace("Bob <bob@example.org>", "x@example.com, bob@example.org"),
    address: STRANGER,
    answer: /^550 5\.7\.1 Authors of more than one domain/,
    results: [],
  },
  {
    name: "an address with two domains",
    message: MESSAGE.replace("bob@example.org", "bob@example.org@example.com"),
    address: STRANGER,
    answer: /^550 5\.7\.1 Authors of more than one domain/,
    results: [],
  },
  {
    name: "an author in a group",
    message: MESSAGE.replace("Bob <bob@example.org>", "Friends: bob@example.org;"),
    address: STRANGER,
    answer: /^550 5\.7\.1 The policy of example\.org/,
    results: [],
  },
  {
    name: "an author without a domain, about whom nobody has a policy",
    message: MESSAGE.replace("Bob <bob@example.org>", "undisclosed:;"),
    address: STRANGER,
    answer: /^250 /,
    results: [],
  },
  {
    name: "a subdomain whose domain refuses for all of them",
    zone: { ...ZONE, "_dmarc.example.org": "v=DMARC1; p=none; sp=reject" },
    message: MESSAGE.replace("bob@example.org", "bob@news.example.org"),
    address: STRANGER,
    answer: /^550 5\.7\.1 The policy of example\.org/,
    results: [],
  },
  {
    name: "a subdomain whose domain refuses for itself only",
    zone: { ...ZONE, "_dmarc.example.org": "v=DMARC1; p=reject; sp=none" },
    message: MESSAGE.replace("bob@example.org", "bob@news.example.org"),
    address: STRANGER,
    answer: /^250 /,
    results: [],
  },
  {
    name: "a DNS that does not answer about a key",
    message: await sign(MESSAGE),
    address: STRANGER,
    zone: { ...ZONE, "s._domainkey.example.org": "broken" },
    answer: /^250 /,
    results: [/dkim=temperror/],
  },
  {
    name: "a hidden client, about whom SPF says nothing",
    message: MESSAGE,
    address: "172.17.0.1",
    answer: /^250 /,
    results: [/dmarc=fail/],
  },
  {
    name: "a bounce",
    message: MESSAGE.replaceAll("example.org", "example.com"),
    address: STRANGER,
    reversePath: "",
    answer: /^250 /,
    results: [/spf=none/],
  },
];

for (const { name, message, address, reversePath, zone, answer, results } of CASES) {
  test(`verification: ${name}`, async (t) => {
    const { send } = await startVerifying(t, zone);
    const { answer: given, stored } = await send(message, address, reversePath);
    assert.match(given, answer);
    for (const result of results) assert.match(resultsOf(stored), result);
    if (!given.startsWith("250")) return;
    assert.match(
      stored ?? "",
      /^Return-Path: .*\r\nDelivered-To: .*\r\nAuthentication-Results: example\.test;/,
    );
    assert.ok(stored?.endsWith(`\r\n${message}`), "the message itself is unchanged");
  });
}

test("DMARC can be observed only", async (t) => {
  const { send } = await startVerifying(t, ZONE, {
    verification: {
      verifier: createSenderVerifier({ serverName: "example.test", resolve: resolverOf(ZONE), log: SILENT }),
      hold: (octets) => holdOctets(octets, tmpdir()),
      dmarcPolicy: "observe",
    },
  });
  const { answer, stored } = await send(MESSAGE, STRANGER);
  assert.match(answer, /^250 /);
  assert.match(resultsOf(stored), /dmarc=fail .*policy\.dmarc=reject/);
});

test("results that a message brings along in our name are removed, others stay (RFC 8601 §5)", async (t) => {
  const { send } = await startVerifying(t);
  const forged = "Authentication-Results: example.test; dmarc=pass header.from=example.org\r\n";
  const other = "Authentication-Results: mx.example.net; dkim=pass\r\n";
  const { stored } = await send(forged + other + (await sign(MESSAGE)), STRANGER);
  assert.equal(stored?.split(forged).length, 1);
  assert.ok(stored?.includes(other));
  assert.match(resultsOf(stored), /dkim=pass/);
});

test("a message with thousands of signatures costs ten, and is judged by those", async (t) => {
  const { send } = await startVerifying(t, ZONE, { maxMessageOctets: 1_000_000 });
  const junk = "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from; bh=AAAA; b=AAAA\r\n".repeat(
    3000,
  );
  const before = performance.now();
  assert.match((await send(junk + MESSAGE, STRANGER)).answer, /^550 5\.7\.1 /);
  const { stored } = await send(junk + MESSAGE, SENDER);
  assert.ok(performance.now() - before < 60_000);
  assert.equal(resultsOf(stored).match(/dkim=/g)?.length, 10);
  assert.ok(stored?.includes(junk));
});

test("signatures over a part of the body are looked at once: each costs a pass over the body", async (t) => {
  const { send } = await startVerifying(t);
  const junk = Array.from(
    { length: 9 },
    (_, n) => `DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s; h=from;\r\n\tL = ${n}; bh=AA; b=AA\r\n`,
  ).join("");
  const { stored } = await send(junk + (await sign(MESSAGE)), SENDER);
  assert.equal(resultsOf(stored).match(/dkim=/g)?.length, 2);
  assert.match(resultsOf(stored), /dkim=pass/);
});

test("signatures over lines that nobody signs are not looked at, and nothing passes because of it", async (t) => {
  const { send } = await startVerifying(t, ZONE, { maxMessageOctets: 200_000 });
  const long = await sign(`${MESSAGE}${"x".repeat(70_000)}\r\n`);
  const { stored } = await send(long, SENDER);
  assert.doesNotMatch(resultsOf(stored), /dkim=pass/);
  assert.match(resultsOf(stored), /dmarc=pass/); // by SPF
  assert.ok(stored?.endsWith(long));
  assert.match((await send(long, STRANGER)).answer, /^550 5\.7\.1 /);
});

test("a chain of ARC without any DKIM is verified with the body that it was made over", async (t) => {
  const { send } = await startVerifying(t);
  const seal = await sealMessage(Buffer.from(MESSAGE), {
    signingDomain: "example.org",
    selector: "s",
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    authResults: "mx.example.net; spf=pass",
    cv: "none",
  });
  const sealed = `${seal}${MESSAGE}`;
  assert.match(resultsOf((await send(sealed, SENDER)).stored), /arc=pass/);
  assert.match(resultsOf((await send(sealed.replace("noon", "four"), SENDER)).stored), /arc=fail/);
});

test("what is held and cannot be read is answered 451, also when nobody waits for it yet", async (t) => {
  const verifier = createSenderVerifier({
    serverName: "example.test",
    resolve: resolverOf(ZONE),
    log: SILENT,
  });
  let isReleased = false;
  const { send } = await startVerifying(t, ZONE, {
    verification: {
      verifier,
      hold: async (octets) => {
        for await (const _ of octets);
        return {
          async *read() {
            yield Buffer.from("Subject: x\r\n");
            throw new Error("Cannot read");
          },
          release: async () => {
            isReleased = true;
          },
        };
      },
      dmarcPolicy: "enforce",
    },
    deliver: async (_, octets) => {
      await new Promise(setImmediate); // a file is being made
      for await (const _ of octets);
    },
  });
  assert.match((await send(MESSAGE, SENDER)).answer, /^451 4\.3\.0 /);
  assert.ok(isReleased);
});

test("a large message is verified and stored unchanged", async (t) => {
  const { send } = await startVerifying(t, ZONE, { maxMessageOctets: 5_000_000 });
  const large = await sign(`${MESSAGE}${"x".repeat(76).concat("\r\n").repeat(40_000)}`);
  const { stored } = await send(large, STRANGER);
  assert.ok(stored?.endsWith(large));
  assert.match(resultsOf(stored), /dmarc=pass/);
});

test("a DNS that never answers is not waited for longer than the deadline", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = Promise.withResolvers<void>();
  const verifier = createSenderVerifier({
    serverName: "example.test",
    resolve: () => {
      asked.resolve();
      return new Promise(() => undefined);
    },
    log: SILENT,
  });
  const claim = {
    client: { address: SENDER, greeting: "mx.example.org", tls: undefined },
    reversePath: "b@example.org",
  };
  const domain = verifier.spfDomain(claim);
  await asked.promise;
  t.mock.timers.tick(5_000);
  assert.equal(await domain, undefined);
});

test("greylisting knows senders by the domain that SPF passes for, and others by their network", async (t) => {
  const sources: string[] = [];
  const { send } = await startVerifying(
    t,
    { ...ZONE, "_dmarc.example.org": "v=DMARC1; p=none" },
    {
      greylist: ({ source }) => {
        sources.push(source);
        return 0;
      },
    },
  );
  await send(MESSAGE, SENDER, "bob@EXAMPLE.org");
  await send(MESSAGE, STRANGER);
  assert.deepEqual(sources, ["example.org", "198.51.100.0/24"]);
});

test("the DNS is asked about the sender while its message is still coming", async (t) => {
  const isAsked = Promise.withResolvers<void>();
  const asked: string[] = [];
  const resolve = resolverOf(ZONE);
  const { port } = await startServer(t, {
    proxies: createProxies(["127.0.0.1"]),
    verification: {
      verifier: createSenderVerifier({
        serverName: "example.test",
        resolve: (name, type) => {
          if (asked.push(`${type} ${name}`) === 2) isAsked.resolve();
          return resolve(name, type);
        },
        log: SILENT,
      }),
      hold: (octets) => holdOctets(octets, tmpdir()),
      dmarcPolicy: "enforce",
    },
  });
  const client = await RawClient.connectFrom(SENDER, port);
  await client.say("MAIL FROM:<bob@example.org>\r\nRCPT TO:<anna@example.test>\r\n", 250);
  await client.reply(250);
  await client.say("DATA\r\n", 354);
  await isAsked.promise; // otherwise the test never ends
  assert.deepEqual(asked, ["TXT example.org", "TXT _dmarc.example.org"]);
  await client.say(`${MESSAGE}.\r\n`, 250);
  client.destroy();
});
