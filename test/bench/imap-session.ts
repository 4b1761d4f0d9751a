import type { Readable, Writable } from "node:stream";

/** Enough for the last line of an answer. */
const TAIL_OCTETS = 2000;

/** A client that sends commands and waits for the ends of their answers, without looking at the rest. */
export class Session {
  readonly #output: Writable;
  #tags = 0;
  #tail = "";
  #onData: () => void = () => {};

  constructor(input: Readable, output: Writable) {
    this.#output = output;
    input.on("error", () => undefined);
    output.on("error", () => undefined);
    input.on("data", (chunk: Buffer) => {
      this.#tail = (this.#tail + chunk.subarray(-TAIL_OCTETS).toString("latin1")).slice(-TAIL_OCTETS);
      this.#onData();
    });
  }

  greeting(): Promise<void> {
    return this.untilReceived(/^\* .*\r\n$/);
  }

  /** Throws when the answer is not OK. */
  async run(command: string): Promise<void> {
    const tag = `t${++this.#tags}`;
    this.#output.write(`${tag} ${command}\r\n`);
    await this.untilReceived(new RegExp(`(^|\n)${tag} (OK|NO|BAD).*\r\n$`));
    if (!this.#tail.includes(`${tag} OK`))
      throw new Error(`${command.slice(0, 50)}: ${this.#tail.slice(-100)}`);
  }

  /** Sends a command that asks for more. */
  async begin(command: string): Promise<void> {
    this.#tail = "";
    this.#output.write(`t${++this.#tags} ${command}\r\n`);
    await this.untilReceived(/\+ .*\r\n/);
  }

  /** Sends what ends it. */
  async finish(line: string): Promise<void> {
    this.#output.write(`${line}\r\n`);
    await this.untilReceived(new RegExp(`(^|\n)t${this.#tags} OK.*\r\n$`));
  }

  async untilReceived(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#tail)) {
      await new Promise<void>((resolve) => {
        this.#onData = resolve;
      });
    }
  }
}
