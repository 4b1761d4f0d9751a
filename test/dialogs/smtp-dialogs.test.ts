import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { startServer } from "../servers/smtp/smtp-fixture.ts";
import { matchesReply, parseDialog } from "./dialog.ts";

/**
 * Every dialog is played to our server, each in a connection of its own; with DIALOG_TARGET=host:port
 * to another one, whose differences are then worth a look.
 */
const folder = join(import.meta.dirname, "../../fixtures/dialogs/smtp");
const [targetHost, targetPort] = process.env.DIALOG_TARGET?.split(":") ?? [];

// Each waits a tenth of a second for the greeting: smtp-server listens for those who do not.
describe("SMTP dialogs", { concurrency: true }, () => {
  for (const file of readdirSync(folder)) {
    test(`SMTP dialog ${file}`, async (t) => {
      const { delivered, port } = targetPort
        ? { delivered: undefined, port: Number(targetPort) }
        : await startServer(t, { maxMessageOctets: 10_000 });
      const client = await RawClient.connect(port, targetHost);
      t.after(() => client.destroy());
      for (const step of parseDialog(readFileSync(join(folder, file), "latin1"))) {
        const where = `${file}:${step.line}`;
        switch (step.do) {
          case "send":
            client.send(step.octets);
            break;
          case "expect": {
            const reply = await client.reply();
            assert.ok(
              matchesReply(reply, step.reply),
              `${where} expected "${step.reply.join("\n")}", got "${reply}"`,
            );
            break;
          }
          case "start-tls":
            await client.handshake();
            break;
          case "expect-close":
            assert.equal(await client.closed(), "", where);
            break;
          case "expect-stored":
            if (delivered) assert.equal(delivered.length, step.count, where);
        }
      }
    });
  }
});
