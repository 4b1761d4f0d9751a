import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readOrMakeTlsPair } from "../../src/storage/tls-files/tls-files.ts";
import { RawClient } from "../servers/smtp/raw-client.ts";
import { ServerProcess } from "./support/server-process.ts";

/** A connection takes a tenth of a second, so this is some seconds. */
const MAX_CONNECTIONS = 50;

async function makePair(folder: string): Promise<void> {
  const paths = { keyFile: join(folder, "key.pem"), certFile: join(folder, "cert.pem") };
  await readOrMakeTlsPair(paths, { domain: "example.test", now: () => new Date() });
}

test("SIGHUP makes the server look for a renewed certificate", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "hang-up-"));
  const [live, seen] = [join(folder, "live"), join(folder, "seen")];
  await Promise.all([makePair(live), makePair(join(folder, "next")), mkdir(seen)]);
  // Behind links, renewal is not seen by watching (certbot keeps its files like that).
  for (const name of ["key.pem", "cert.pem"]) await symlink(join(live, name), join(seen, name));
  const settings = {
    WEBCAL_ENABLED: "false",
    KEYFILE: join(seen, "key.pem"),
    CERTFILE: join(seen, "cert.pem"),
  };
  const server = new ServerProcess(folder, { settings });
  await server.start();
  t.after(async () => {
    await server.kill();
    await rm(folder, { recursive: true });
  });
  async function certificate(): Promise<string> {
    const client = await RawClient.connectSecure(server.smtpPort);
    const fingerprint = client.certificate();
    client.destroy();
    return fingerprint;
  }

  const before = await certificate();
  await rename(live, join(folder, "previous"));
  await rename(join(folder, "next"), live);
  server.signal("SIGHUP");
  let now = before;
  for (let tries = 0; now === before && tries < MAX_CONNECTIONS; tries++) now = await certificate();
  assert.notEqual(now, before);
});
