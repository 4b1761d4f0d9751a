import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Makes a Maildir with so many messages, as if another program had filled it: nothing is indexed. */
export function fillMaildir(folder: string, size: number): void {
  for (const subfolder of ["cur", "new", "tmp"]) mkdirSync(join(folder, subfolder), { recursive: true });
  for (let number = 1; number <= size; number++) {
    const message = messageNumber(number);
    const name = `${1_700_000_000 + number}.M${number}P1.bench,S=${message.length},W=${message.length}`;
    writeFileSync(join(folder, "cur", `${name}:2,${number % 3 === 0 ? "" : "S"}`), message);
  }
}

/** Mail as it comes: a chain of Received, text and HTML, now and then an answer. 3.4 KB. */
export function messageNumber(number: number): string {
  const received = (hop: number): string =>
    `Received: from host${hop}.example.net (host${hop}.example.net [192.0.2.${hop}])\r\n\tby mx.example.test with ESMTPS id ${number}.${hop};\r\n\tMon, 1 Jan 2024 10:00:00 +0000\r\n`;
  const date = new Date(1_700_000_000_000 + number * 600_000).toUTCString().replace("GMT", "+0000");
  const answered = number % 4 === 0 ? number - 3 : undefined;
  return [
    received(1) + received(2) + received(3).trimEnd(),
    `From: Person ${number % 500} <person${number % 500}@example.org>`,
    `To: Anna <anna@example.test>, person${number % 7}@example.net`,
    `Subject: ${answered === undefined ? "" : "Re: "}Message number ${answered ?? number}`,
    `Date: ${date}`,
    `Message-ID: <${number}@example.org>`,
    ...(answered === undefined ? [] : [`References: <${answered}@example.org>`]),
    "MIME-Version: 1.0",
    "Content-Type: multipart/alternative; boundary=bench",
    "",
    "--bench",
    "Content-Type: text/plain; charset=utf-8",
    "",
    `Here is needle ${number} among words. ${"All work and no play makes a dull day.\r\n".repeat(25)}`,
    "--bench",
    "Content-Type: text/html; charset=utf-8",
    "",
    `<p>Here is needle ${number} among words.</p>${"<p>All work and no play makes a dull day.</p>\r\n".repeat(25)}`,
    "--bench--",
    "",
  ].join("\r\n");
}
