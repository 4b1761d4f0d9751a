/**
 * The feed: from 250 to visible with 100 and with 10,000 events, and answers a second, 200 with the whole
 * feed and 304 without. Beside each the limit measured in the same run: writing a file of that size durably,
 * and a bare node:http server that sends the same octets. Run: `npm run bench -- feed`.
 */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  fillMailbox,
  LOGIN,
  mailOneMore,
  median,
  readEtag,
  run,
  start,
  writeLimit,
} from "./secretary-process.ts";

const SIZES = [100, 10_000];
const ROUNDS = 9;
const CONNECTIONS = 10;
const MEASURE_MS = 3_000;

for (const size of SIZES) {
  const folder = mkdtempSync(join(tmpdir(), "secretary-bench-"));
  try {
    fillMailbox(folder, size);
    await run(folder, "rebuild");
    const { server, smtpPort, feedUrl } = await start(folder);
    const visibleMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) visibleMs.push(await mailOneMore(round, smtpPort, feedUrl));
    const octets = readFileSync(join(folder, "webcal/calendar.ics"));
    const etag = await readEtag(feedUrl);
    const whole = await answersPerSecond(feedUrl, { Authorization: LOGIN });
    const unchanged = await answersPerSecond(feedUrl, { Authorization: LOGIN, "If-None-Match": etag });
    server.kill("SIGTERM");
    await once(server, "exit");
    const bare = await bareServer(octets);
    const bareWhole = await answersPerSecond(bare.url, {});
    const bareUnchanged = await answersPerSecond(bare.url, { "If-None-Match": etag });
    bare.close();
    console.log(
      `${size.toLocaleString("en")} events, ${(octets.length / 1e6).toFixed(1)} MB: ` +
        `250 to visible ${median(visibleMs).toFixed(0)} ms (writing the file alone ${writeLimit(folder, octets.length).toFixed(0)} ms), ` +
        `200 ${whole}/s (bare ${bareWhole}/s), 304 ${unchanged}/s (bare ${bareUnchanged}/s)`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Requests one after the other on each of some kept connections, for a while. */
async function answersPerSecond(url: string, headers: Record<string, string>): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const end = performance.now() + MEASURE_MS;
  let answers = 0;
  const ask = async () => {
    while (performance.now() < end) {
      await new Promise<void>((resolve, reject) => {
        get(url, { agent, headers }, (response) => {
          response.resume().on("end", resolve).on("error", reject);
        }).on("error", reject);
      });
      answers++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  agent.destroy();
  return Math.round((answers / MEASURE_MS) * 1000);
}

/** Sends the same octets, or 304 to whoever has a tag; knows nothing else. */
async function bareServer(octets: Uint8Array): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    if (request.headers["if-none-match"] !== undefined) response.writeHead(304).end();
    else response.writeHead(200, { "Content-Length": octets.length }).end(octets);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
