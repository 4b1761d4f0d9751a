import assert from "node:assert/strict";
import { once } from "node:events";
import { rename } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { readOrMakeTlsPair } from "../../src/storage/tls-files/tls-files.ts";
import { startServer } from "./support/running-server.ts";
import { ownFolder } from "./support/test-settings.ts";

/** What is said in the clear before TLS, each after an answer; empty where TLS comes first. */
const STARTS = {
  smtp: ["", "EHLO client.example.org\r\n", "STARTTLS\r\n"],
  imap: ["", "a STARTTLS\r\n"],
  imaps: [],
  web: [],
} as const;

async function fingerprint(port: number, start: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  for (const command of start) {
    socket.write(command);
    await once(socket, "readable");
    socket.read();
  }
  const secure = connectTls({ socket, rejectUnauthorized: false });
  await once(secure, "secureConnect");
  const { fingerprint256 } = secure.getPeerCertificate();
  secure.destroy();
  return fingerprint256;
}

test("a renewed certificate is shown on every port, by connections that are new", async (t) => {
  const folder = ownFolder(t);
  const names = ["key.pem", "cert.pem"] as const;
  const makePair = (name: string) =>
    readOrMakeTlsPair(
      { keyFile: join(folder, `${name}-key.pem`), certFile: join(folder, `${name}-cert.pem`) },
      { domain: "example.test", now: () => new Date() },
    );
  await Promise.all([makePair("live"), makePair("next")]);
  const settings = {
    KEYFILE: join(folder, "live-key.pem"),
    CERTFILE: join(folder, "live-cert.pem"),
    IMAPS_LISTEN: "127.0.0.1:0",
    WEBCAL_TLS: "true",
  };
  const { app } = await startServer(t, join(folder, "mail"), { settings });
  async function fingerprints(): Promise<string[]> {
    return Promise.all(
      Object.entries(STARTS).map(([name, start]) =>
        fingerprint(app.addresses[name as keyof typeof STARTS]?.port ?? 0, start),
      ),
    );
  }
  const before = new Set(await fingerprints());
  assert.equal(before.size, 1);
  for (const name of names) await rename(join(folder, `next-${name}`), join(folder, `live-${name}`));
  await app.checkCertificate();
  const after = new Set(await fingerprints());
  assert.equal(after.size, 1);
  assert.notDeepEqual(after, before);
});
