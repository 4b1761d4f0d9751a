import { bad, type Completion, ok } from "./completion.ts";
import { isFailure } from "./imap-failure.ts";
import { announceNews } from "./news.ts";
import type { Session } from "./session.ts";

/** What ends the waiting in IDLE. */
type Event = "input" | "change" | "keep-alive" | "expired";

/** IDLE (RFC 2177): tells what happens when it happens, until the client says DONE. */
export async function idle(session: Session): Promise<Completion> {
  const { channel, out, options } = session;
  const events = new EventBox();
  if (session.hasSelected) session.selected.onChange = () => events.put("change");
  const keepAlive = setInterval(() => events.put("keep-alive"), options.limits.keepAliveMs);
  const expiry = setTimeout(() => events.put("expired"), options.limits.idleMs);
  session.isIdling = true;
  options.calm.end();
  try {
    await channel.goOn("Idling");
    const line = channel.nextLine().finally(() => events.put("input"));
    line.catch(() => {}); // when sending fails as well, nobody takes it
    await look(session);
    for (;;) {
      await announceNews(session, { expunges: true });
      await out.flush();
      const happened = await events.take();
      if (happened.has("input")) return isDone(await line) ? ok("Idling is over") : bad("Expected DONE");
      if (happened.has("expired")) {
        out.untagged("BYE Nothing was heard of you for too long");
        session.end();
        return ok("Idling is over");
      }
      if (session.hasSelected && session.selected.isGone) return ok("Idling is over");
      if (happened.has("keep-alive")) out.untagged("OK Still here");
    }
  } finally {
    session.isIdling = false;
    options.calm.begin();
    clearInterval(keepAlive);
    clearTimeout(expiry);
    if (session.hasSelected) session.selected.onChange = () => {};
  }
}

/** What cannot be seen now is told when it can be: a client that was asked to go on has no use for a NO. */
async function look(session: Session): Promise<void> {
  const { address, options } = session;
  try {
    if (session.hasSelected) await session.selected.view.refresh();
  } catch (err) {
    if (!isFailure(err)) throw err;
    options.log.error({ address, err }, "IMAP cannot look at a mailbox for a client in IDLE");
  }
}

function isDone(line: string | undefined): boolean {
  return line?.toUpperCase() === "DONE";
}

/** What happened since it was last looked at. */
class EventBox {
  #happened = new Set<Event>();
  #wake: () => void = () => {};

  put(event: Event): void {
    this.#happened.add(event);
    this.#wake();
  }

  /** Waits for something to happen, and empties the box. */
  async take(): Promise<ReadonlySet<Event>> {
    if (this.#happened.size === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const happened = this.#happened;
    this.#happened = new Set();
    return happened;
  }
}
