import type { Socket } from "node:net";
import { type CommandName, type Incoming, parseCommand } from "../../core/imap/imap.ts";
import { appendMessages } from "./append.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { carryOut } from "./carry-out.ts";
import { Channel } from "./channel.ts";
import { bad, type Completion, formatCompletion, no } from "./completion.ts";
import { BrokenAnswer } from "./fetch.ts";
import { isFailure } from "./imap-failure.ts";
import type { ImapContext } from "./imap-options.ts";
import { announceNews } from "./news.ts";
import { resolveNames } from "./resolve-names.ts";
import { Session } from "./session.ts";
import { ACCEPTED, allowsExpunges, needsMessages } from "./states.ts";
import { traceOf } from "./trace.ts";
import { isClientGone, Transport } from "./transport.ts";

/** A command as far as the states are concerned. */
interface Named {
  readonly name: CommandName;
  readonly isUid?: boolean;
}

/** A connection that is let in. */
export interface Arrival {
  readonly socket: Socket;
  /** The client's. */
  readonly address: string;
  readonly mode: "starttls" | "implicit-tls";
}

const GOODBYE = "BYE Server is stopping";

const GONE = no("NONEXISTENT", "The mailbox is not there any more");

/** One client, from the greeting to the end. Commands are carried out one after the other. */
export class Connection {
  readonly #context: ImapContext;
  readonly #transport: Transport;
  readonly #session: Session;
  #isBusy = false;
  #isStopping = false;
  #badCommands = 0;
  #strangerCommands = 0;

  constructor(context: ImapContext, { socket, address, mode }: Arrival) {
    this.#context = context;
    this.#transport = new Transport(socket);
    this.#transport.setIdleTimeout(context.limits.loginMs);
    if (mode === "implicit-tls") this.#transport.startTls(context.tls.context);
    const channel = new Channel(this.#transport, context.limits.commandOctets);
    this.#session = new Session(context, channel, address);
  }

  /** Serves the client. Never rejects; when it resolves, the connection is closing. */
  async run(): Promise<void> {
    const { out, channel } = this.#session;
    try {
      // What is offered depends on what the handshake agrees on.
      await this.#transport.secured();
      out.untagged(`OK [CAPABILITY ${capabilitiesOf(this.#session)}] ${this.#context.domain} is ready`);
      while (this.#session.state !== "logout") {
        const incoming = await channel.next();
        if (incoming === undefined) break;
        this.#isBusy = true;
        this.#context.calm.begin();
        await this.#answer(incoming).finally(() => this.#context.calm.end());
        this.#isBusy = false;
      }
      if (this.#isStopping) out.untagged(GOODBYE);
      await out.flush();
    } catch (error) {
      await this.#giveUp(error);
    } finally {
      this.#session.deselect();
      this.#transport.end();
    }
  }

  get isLoggedIn(): boolean {
    const { state } = this.#session;
    return state === "authenticated" || state === "selected";
  }

  /** Says goodbye: at once, or when the command under way is done. */
  stop(goodbye = GOODBYE): void {
    const { out } = this.#session;
    this.#session.end();
    this.#isStopping = this.#isBusy && !this.#session.isIdling;
    if (this.#isStopping) return;
    out.untagged(goodbye);
    out.flush().then(
      () => this.#transport.end(),
      () => this.#transport.destroy(),
    );
  }

  destroy(): void {
    this.#transport.destroy();
  }

  async #answer(incoming: Incoming): Promise<void> {
    const session = this.#session;
    if (incoming.kind === "message-announced") {
      const [tag = "*", , ...rest] = incoming.text.split(" ");
      const first = { ...incoming, text: rest.join(" ") };
      this.#trace(incoming.text, "APPEND");
      await this.#run(tag, { name: "APPEND" }, () => appendMessages(session, first));
    } else if (incoming.kind === "command") {
      const parsed = parseCommand(incoming.text, session.nameForm);
      const { tag } = parsed;
      this.#trace(incoming.text, parsed.ok ? parsed.command.name : "?");
      if (parsed.ok)
        await this.#run(parsed.tag, parsed.command, async () =>
          carryOut(session, await resolveNames(session, parsed.command), parsed.tag),
        );
      else this.#complete(tag ?? "*", bad(parsed.problem.message));
    } else if (incoming.kind === "overflow") {
      this.#complete(/^[^\s+]+/.exec(incoming.text)?.[0] ?? "*", bad("The command is too long"));
    }
  }

  /** Logs a line, and before the login only what stands for it: the line may be a password, its tag too. */
  #trace(line: string, instead: string): void {
    const { state, address } = this.#session;
    this.#context.log.debug(
      { address, line: state === "not-authenticated" ? instead : traceOf(line) },
      "IMAP",
    );
  }

  async #run(tag: string, command: Named, act: () => Promise<Completion | undefined>): Promise<void> {
    const session = this.#session;
    const { state } = session;
    if (!ACCEPTED[state].includes(command.name)) {
      session.channel.refuseMessage();
      return this.#complete(tag, bad(`${command.name} is not for this state: ${state}`));
    }
    const isTooLate = needsMessages(command.name) && session.hasSelected && session.selected.isGone;
    const completion = isTooLate ? GONE : await this.#attempt(command, act);
    if (session.hasSelected && session.selected.isGone) this.#leaveMailbox(command);
    else await announceNews(session, { expunges: allowsExpunges(command) });
    if (completion !== undefined) this.#complete(tag, this.#withModSeq(completion));
  }

  /** Who deletes or renames its own mailbox has none selected then; to others the session is of no use. */
  #leaveMailbox({ name }: Named): void {
    const session = this.#session;
    if (name === "DELETE" || name === "RENAME") {
      session.out.untagged("OK [CLOSED] The mailbox is closed");
      session.deselect();
    } else if (session.state !== "logout") {
      session.out.untagged("BYE The mailbox is not what it was");
      session.end();
    }
  }

  /** A client that is cut off before it is told of expunged messages must ask for them again (RFC 7162 §3.2). */
  #withModSeq(completion: Completion): Completion {
    const session = this.#session;
    if (!session.hasSelected || !session.isEnabled("QRESYNC")) return completion;
    const { toldModSeq } = session.selected;
    const isFree = completion.status === "OK" && completion.code === undefined;
    return isFree && toldModSeq !== undefined
      ? { ...completion, code: `HIGHESTMODSEQ ${toldModSeq}` }
      : completion;
  }

  /** A failure of ours is told as such, and the session goes on; a bug ends it. */
  async #attempt(
    command: Named,
    act: () => Promise<Completion | undefined>,
  ): Promise<Completion | undefined> {
    const { address, channel } = this.#session;
    try {
      return await act();
    } catch (error) {
      if (!isFailure(error) || isClientGone(error) || error instanceof BrokenAnswer) throw error;
      this.#context.log.error({ address, command: command.name, err: error }, "IMAP command failed");
      channel.refuseMessage();
      return no("UNAVAILABLE", "This cannot be done at present, try again later");
    }
  }

  #complete(tag: string, completion: Completion): void {
    const { out } = this.#session;
    this.#badCommands = completion.status === "BAD" ? this.#badCommands + 1 : 0;
    const line = formatCompletion(tag, completion);
    this.#trace(line, line.slice(tag.length + 1).trimEnd());
    out.write(line);
    const { badCommands, strangerCommands } = this.#context.limits;
    if (this.#badCommands >= badCommands) out.untagged("BYE Too many bad commands");
    else if (!this.isLoggedIn && ++this.#strangerCommands >= strangerCommands)
      out.untagged("BYE Too many commands without a login");
    else return;
    this.#session.end();
  }

  async #giveUp(error: unknown): Promise<void> {
    const { address, out } = this.#session;
    const { log } = this.#context;
    if (isClientGone(error)) return log.debug({ address }, "IMAP client is gone");
    log.error({ address, err: error }, "IMAP session failed");
    // In the middle of an answer no word would be understood.
    if (error instanceof BrokenAnswer) return this.#transport.destroy();
    out.untagged("BYE Internal error");
    await out.flush().catch(() => this.#transport.destroy());
  }
}
