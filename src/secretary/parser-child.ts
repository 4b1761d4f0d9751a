/**
 * The parser process: octets of foreign messages in on standard input, readings out to the parent. It may
 * read its own code and nothing else, start nothing, reach nobody and write nowhere; if a message makes it
 * hang or swell, the parent ends it and starts another.
 */
import { type MessageReading, type ReadingContext, readMessage } from "../core/payloads/payloads.ts";
import { FrameReader } from "./parser-frames.ts";
import { lockDown } from "./parser-lockdown.ts";

const frames = new FrameReader();

// The parent is gone: nobody waits for an answer.
process.on("disconnect", () => process.stdin.destroy());
lockDown();
process.send?.("ready");

/** Each answer by itself would cost both processes as much as a short message. */
const ANSWER_WITHIN_MS = 20;

let answers: MessageReading[] = [];

function answer(): void {
  if (answers.length > 0) process.send?.(answers);
  answers = [];
}

// One message after the other; what comes meanwhile waits in the pipe, and the parent with it.
for await (const piece of process.stdin) {
  let answeredAt = performance.now();
  for (const { request, octets } of frames.push(piece as Buffer)) {
    answers.push(await readMessage(octets, JSON.parse(request.toString()) as ReadingContext));
    if (performance.now() - answeredAt < ANSWER_WITHIN_MS) continue;
    answer();
    answeredAt = performance.now();
  }
  answer();
}
