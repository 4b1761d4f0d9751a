/**
 * The parser process: octets of foreign messages in on standard input, readings out to the parent. It may
 * read its own code and nothing else, start nothing and write nowhere; if a message makes it hang or
 * swell, the parent ends it and starts another.
 */
import { type ReadingContext, readMessage } from "../core/payloads/payloads.ts";
import { FrameReader } from "./parser-frames.ts";

const frames = new FrameReader();
let work = Promise.resolve();

process.on("disconnect", () => process.stdin.destroy());
process.stdin.on("data", (piece: Buffer) => {
  for (const { request, octets } of frames.push(piece)) {
    work = work.then(() => answer(JSON.parse(request.toString()) as ReadingContext, octets));
  }
});

async function answer(context: ReadingContext, octets: Uint8Array): Promise<void> {
  process.send?.(await readMessage(octets, context));
}
