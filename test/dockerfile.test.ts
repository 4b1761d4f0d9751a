import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { startServer } from "./end-to-end/support/running-server.ts";
import { ownFolder } from "./end-to-end/support/test-settings.ts";

const dockerfile = readFileSync(join(resolve(import.meta.dirname, ".."), "Dockerfile"), "utf8");

/** The command of HEALTHCHECK, as the engine would execute it. */
function healthCommand(): readonly [file: string, ...args: string[]] {
  const [, json = ""] = /^HEALTHCHECK .*\\\n\s+CMD (.*)$/m.exec(dockerfile) ?? [];
  return JSON.parse(json);
}

/** Resolves to the exit code. */
async function checkHealth(env: Readonly<Record<string, string>>): Promise<number> {
  const [file, ...args] = healthCommand();
  return new Promise((done) => {
    const child = execFile(file, args, { env: { PATH: "/usr/bin:/bin", ...env } }, () =>
      done(child.exitCode ?? -1),
    );
  });
}

const hasIpv6 = Object.values(networkInterfaces()).some((own) =>
  own?.some(({ address }) => address === "::1"),
);
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** A server on loopback; resolves to its port. */
async function serve(host: string, greet: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy()).resume();
    greet(socket);
  });
  servers.push(server);
  server.listen(0, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("HEALTHCHECK is content with a greeting, wherever SMTP_LISTEN says", async () => {
  const greet = (socket: Socket) => socket.write("220 example.net ESMTP\r\n");
  const port = await serve("127.0.0.1", greet);
  const addresses = [`:${port}`, `localhost:${port}`, `127.0.0.1:${port}`];
  if (hasIpv6) addresses.push(`[::1]:${await serve("::1", greet)}`);
  for (const address of addresses) {
    assert.equal(await checkHealth({ SMTP_LISTEN: address }), 0, address);
  }
});

test("HEALTHCHECK is content behind trusted proxies, be it one of them itself or not", async (t) => {
  for (const proxies of ["127.0.0.1 192.0.2.0/24", "192.0.2.0/24"]) {
    const { app, log } = await startServer(t, ownFolder(t), { settings: { TRUSTED_PROXIES: proxies } });
    const env = { SMTP_LISTEN: `127.0.0.1:${app.addresses.smtp.port}`, TRUSTED_PROXIES: proxies };
    assert.equal(await checkHealth(env), 0, proxies);
    assert.deepEqual(
      log.filter(({ level }) => level === "warn"),
      [],
      proxies,
    );
  }
});

test("HEALTHCHECK says goodbye", async () => {
  const heard = new Promise<string>((resolve) => {
    void serve("127.0.0.1", (socket) => {
      socket.once("data", (octets) => resolve(octets.toString()));
      socket.write("220 example.net ESMTP\r\n");
    }).then((port) => checkHealth({ SMTP_LISTEN: `:${port}` }));
  });
  assert.equal(await heard, "QUIT\r\n");
});

test("HEALTHCHECK finds a server that refuses, hangs up or is not there", async () => {
  const refusing = await serve("127.0.0.1", (socket) => socket.write("421 4.3.2 example.net\r\n"));
  const silent = await serve("127.0.0.1", (socket) => socket.end());
  for (const port of [refusing, silent, 1]) {
    assert.notEqual(await checkHealth({ SMTP_LISTEN: `:${port}` }), 0, `port ${port}`);
  }
});

test("the image runs as an ordinary user and holds only what it needs", () => {
  assert.match(dockerfile, /^USER node$/m);
  assert.match(dockerfile, /^EXPOSE 25 143 8088$/m);
  assert.doesNotMatch(dockerfile, /^COPY \. /m);
});
