import { Buffer } from "node:buffer";
import type { OctetString } from "../../core/mime/mime.ts";
import type { Channel } from "./channel.ts";
import { bad, type Completion } from "./completion.ts";

/** What a client says in an AUTHENTICATE, one answer for each challenge (RFC 9051 §6.2.2). */
export class SaslResponses {
  readonly #channel: Channel;
  #initial: OctetString | undefined;

  /** `initial`: Base64 that came with the command (RFC 4959), in place of an answer to the first challenge. */
  constructor(channel: Channel, initial: OctetString | undefined) {
    this.#channel = channel;
    this.#initial = initial;
  }

  /** The octets that answer the challenge, or how the command ends when there are none. */
  async to(challenge: OctetString): Promise<{ readonly octets: OctetString } | Completion> {
    const written = this.#initial ?? (await this.#ask(challenge));
    this.#initial = undefined;
    if (written === undefined || written === "*") return bad("Authentication is cancelled");
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(written)) return bad("The response is not Base64");
    return { octets: Buffer.from(written, "base64").toString("latin1") };
  }

  async #ask(challenge: OctetString): Promise<OctetString | undefined> {
    await this.#channel.goOn(Buffer.from(challenge, "latin1").toString("base64"));
    return this.#channel.nextLine();
  }
}
