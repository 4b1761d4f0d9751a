import { type OctetString, toOctetString } from "../mime/mime.ts";

/** What came in; each is to be dealt with before the next is asked for. */
export type Incoming =
  /** A command, or a line that continues one: literals inside, without the final line end. */
  | { readonly kind: "command"; readonly text: OctetString }
  /** The client sends the next literal when it is told to go on (RFC 9051 §7.6). */
  | { readonly kind: "literal-announced" }
  /** A message of an APPEND comes next: answer with `acceptMessage` or `refuse`. */
  | {
      readonly kind: "message-announced";
      /** The command, or what of it came since the message before, up to the mark of the literal. */
      readonly text: OctetString;
      readonly octets: number;
      /** Whether the client waits to be told to go on. */
      readonly isSynchronizing: boolean;
    }
  | { readonly kind: "message-octets"; readonly octets: Uint8Array }
  | { readonly kind: "message-end" }
  /** More than a limit allows; the rest of the command was read and dropped. The beginning tells the tag. */
  | { readonly kind: "overflow"; readonly text: OctetString };

export interface ReaderLimits {
  /** A command without the messages of an APPEND; literals count. */
  readonly maxCommandOctets: number;
}

/** The mark of a literal at the end of a line (RFC 9051 §4.3, RFC 7888 §4). */
const LITERAL_MARK = /~?\{(\d{1,15})(\+?)\}\r?\n$/;

/** As long as the longest mark. */
const MAX_MARK_OCTETS = 30;

/**
 * An APPEND whose mailbox has been read: the literal at its end is a message. The mailbox may be a literal
 * itself, which then stands at the end of the first line.
 */
const APPEND_WITH_MAILBOX = /^\S+ APPEND (?:[^{]|\{\d+\+?\}\r?\n.)/is;

/** Of a command that is dropped as much is kept as its tag may need. */
const MAX_KEPT_OCTETS = 200;

const NEWLINE = 0x0a;

type State =
  | { readonly in: "line" }
  | { readonly in: "literal"; left: number }
  | { readonly in: "announced-message"; readonly octets: number; readonly isSynchronizing: boolean }
  | { readonly in: "message"; left: number };

/**
 * Cuts the octets of a connection into commands (RFC 9051 §2.2.1). They are pushed as they come;
 * `next` gives one thing at a time, so that a slow consumer keeps the rest waiting.
 */
export class CommandReader {
  #limits: ReaderLimits;
  readonly #waiting: Uint8Array[] = [];
  #state: State = { in: "line" };
  /** The command so far or, when it is dropped, its beginning. */
  #text: OctetString = "";
  /** The end of the line so far. */
  #tail: OctetString = "";
  /** Set when the rest of the command is not wanted: it is read all the same, or it became commands. */
  #dropped: "overflow" | "refused" | undefined;
  #isAppend = false;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
  }

  set limits(limits: ReaderLimits) {
    this.#limits = limits;
  }

  /** The octets are not copied: they must stay as they are until `next` gives undefined. */
  push(octets: Uint8Array): void {
    if (octets.length > 0) this.#waiting.push(octets);
  }

  /** Forgets everything: what a client sent before TLS is not to be believed (RFC 9051 §6.2.1). */
  clear(): void {
    this.#waiting.length = 0;
    this.#endCommand();
  }

  /** The next thing that is complete, or undefined when it needs more octets or an answer. */
  next(): Incoming | undefined {
    for (;;) {
      if (this.#state.in === "announced-message") return undefined;
      if (this.#state.in === "message" && this.#state.left === 0) {
        this.#state = { in: "line" };
        return { kind: "message-end" };
      }
      const chunk = this.#waiting.shift();
      if (chunk === undefined) return undefined;
      const found = this.#take(chunk);
      if (found !== undefined) return found;
    }
  }

  /** Takes the message that was announced. */
  acceptMessage(): void {
    if (this.#state.in === "announced-message") this.#state = { in: "message", left: this.#state.octets };
  }

  /**
   * Drops the message that was announced, or the rest of one that was accepted, and the rest of the
   * command, of which nothing more is heard.
   */
  refuseMessage(): void {
    const state = this.#state;
    if (state.in === "announced-message" && state.isSynchronizing) this.#endCommand();
    else if (state.in === "announced-message" || state.in === "message") {
      this.#dropped = "refused";
      this.#state = { in: "literal", left: "left" in state ? state.left : state.octets };
    }
  }

  /** Takes of the chunk what the state wants and puts the rest back. */
  #take(chunk: Uint8Array): Incoming | undefined {
    const state = this.#state;
    if (state.in === "line") {
      const newline = chunk.indexOf(NEWLINE);
      const line = chunk.subarray(0, newline < 0 ? chunk.length : newline + 1);
      this.#putBack(chunk.subarray(line.length));
      return this.#takeLine(toOctetString(line), newline >= 0);
    }
    if (state.in === "announced-message") return undefined;
    const octets = chunk.subarray(0, state.left);
    this.#putBack(chunk.subarray(octets.length));
    state.left -= octets.length;
    if (state.in === "message") return { kind: "message-octets", octets };
    if (this.#dropped === undefined) this.#text += toOctetString(octets);
    if (state.left === 0) this.#state = { in: "line" };
    return undefined;
  }

  #putBack(rest: Uint8Array): void {
    if (rest.length > 0) this.#waiting.unshift(rest);
  }

  #takeLine(piece: OctetString, isComplete: boolean): Incoming | undefined {
    this.#tail = (this.#tail + piece).slice(-MAX_MARK_OCTETS);
    this.#keep(piece, piece.length);
    if (!isComplete) return undefined;
    const mark = LITERAL_MARK.exec(this.#tail);
    this.#tail = "";
    return mark === null ? this.#endLine() : this.#takeMark(Number(mark[1]), mark[2] !== "+");
  }

  /** Adds to the command, unless it and the `octets` that are to come are too many. */
  #keep(piece: OctetString, octets: number): void {
    if (this.#dropped === undefined && this.#text.length + octets > this.#limits.maxCommandOctets) {
      this.#text = (this.#text + piece).slice(0, MAX_KEPT_OCTETS);
      this.#dropped = "overflow";
    }
    if (this.#dropped === undefined) this.#text += piece;
  }

  #takeMark(octets: number, isSynchronizing: boolean): Incoming | undefined {
    this.#isAppend ||= APPEND_WITH_MAILBOX.test(this.#text);
    if (this.#isAppend && this.#dropped === undefined) {
      const text = withoutLineEnd(this.#text);
      this.#text = "";
      this.#state = { in: "announced-message", octets, isSynchronizing };
      return { kind: "message-announced", text, octets, isSynchronizing };
    }
    this.#keep("", octets);
    // A client that waits for our word is told no and does not send the literal.
    if (this.#dropped !== undefined && isSynchronizing) return this.#endLine();
    this.#state = octets === 0 ? { in: "line" } : { in: "literal", left: octets };
    return isSynchronizing ? { kind: "literal-announced" } : undefined;
  }

  #endLine(): Incoming | undefined {
    const text = withoutLineEnd(this.#text);
    const dropped = this.#dropped;
    this.#endCommand();
    if (dropped === "refused") return undefined;
    return dropped === "overflow" ? { kind: "overflow", text } : { kind: "command", text };
  }

  #endCommand(): void {
    this.#state = { in: "line" };
    this.#text = "";
    this.#tail = "";
    this.#dropped = undefined;
    this.#isAppend = false;
  }
}

function withoutLineEnd(text: OctetString): OctetString {
  return text.replace(/\r?\n$/, "");
}
