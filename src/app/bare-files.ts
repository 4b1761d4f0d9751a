/** What `ingest` takes besides messages, and the Content-Type under which it is put into one. */
const BARE_FILES = [
  { start: Buffer.from("BEGIN:VCALENDAR"), contentType: "text/calendar", fileName: "invitation.ics" },
  {
    start: Buffer.from([0x78, 0x9f, 0x3e, 0x22]),
    contentType: "application/ms-tnef",
    fileName: "winmail.dat",
  },
] as const;

/** RFC 2045 §6.8. */
const BASE64_LINE = 76;

/**
 * The octets of a message. A bare `.ics` or `winmail.dat` is put into a message from `sender`, since only
 * messages can be in a mailbox.
 */
export async function* asMessage(
  octets: AsyncIterable<Uint8Array>,
  sender: string,
): AsyncGenerator<Uint8Array> {
  const chunks = octets[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const bare = BARE_FILES.find(({ start }) => hasStart(first.value, start));
  const all = (async function* () {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  })();
  if (bare === undefined) yield* all;
  else yield* wrap(all, bare, sender);
}

function hasStart(octets: Uint8Array, start: Uint8Array): boolean {
  // A calendar may begin with a byte order mark.
  const offset = octets[0] === 0xef ? 3 : 0;
  return Buffer.compare(octets.subarray(offset, offset + start.length), start) === 0;
}

async function* wrap(
  octets: AsyncIterable<Uint8Array>,
  { contentType, fileName }: (typeof BARE_FILES)[number],
  sender: string,
): AsyncGenerator<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of octets) chunks.push(chunk);
  const body = Buffer.concat(chunks)
    .toString("base64")
    .replace(new RegExp(`.{1,${BASE64_LINE}}`, "g"), "$&\r\n");
  yield Buffer.from(
    `From: <${sender}>\r\nTo: <${sender}>\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: ${contentType}; name="${fileName}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}`,
  );
}
