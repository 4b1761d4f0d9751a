import { Buffer } from "node:buffer";
import {
  type ChannelBinding,
  type ProofOutcome,
  parseClientFirst,
  ScramExchange,
} from "../../core/scram/scram.ts";
import { bad, type Completion } from "./completion.ts";
import { finishLogin } from "./login.ts";
import { type Mechanism, mechanismsOf } from "./mechanisms.ts";
import type { SaslResponses } from "./sasl-responses.ts";
import type { Session } from "./session.ts";

const NONCE_OCTETS = 18;

/** Why the channel cannot be bound as the client says (RFC 5802 §6). */
function refusalOf(session: Session, mechanism: Mechanism, binding: ChannelBinding): Completion | undefined {
  const isPlus = mechanism === "SCRAM-SHA-256-PLUS";
  if (isPlus !== (binding.kind === "bound")) return bad("Channel binding belongs to SCRAM-SHA-256-PLUS");
  if (binding.kind === "bound" && binding.type !== "tls-exporter")
    return bad("The channel can be bound by tls-exporter only");
  // Somebody between us took PLUS out of the capabilities.
  if (binding.kind === "unused" && mechanismsOf(session).includes("SCRAM-SHA-256-PLUS"))
    return bad("SCRAM-SHA-256-PLUS is offered");
  return undefined;
}

/** SCRAM-SHA-256, and with -PLUS bound to the TLS connection (RFC 7677, RFC 5802, RFC 9266). */
export async function logInByScram(
  session: Session,
  mechanism: Mechanism,
  responses: SaslResponses,
): Promise<Completion> {
  const { scram } = session.options;
  if (scram === undefined) throw new Error(`Cannot log in by ${mechanism}: the password is not known`);
  const opening = await responses.to("");
  if (!("octets" in opening)) return opening;
  const first = parseClientFirst(opening.octets);
  if (first === undefined) return bad("The response is not of SCRAM");
  const refusal = refusalOf(session, mechanism, first.binding);
  if (refusal !== undefined) return refusal;
  const isBound = first.binding.kind === "bound";
  const exchange = new ScramExchange(first, {
    keys: scram.keysOf(first.user),
    serverNonce: Buffer.from(scram.random(NONCE_OCTETS)).toString("base64"),
    channel: (isBound ? session.channel.exporter : undefined) ?? new Uint8Array(0),
  });
  const closing = await responses.to(exchange.serverFirst);
  if (!("octets" in closing)) return closing;
  // Nobody may act for somebody else: there is nobody else.
  const isSame = first.authorizeAs === undefined || first.authorizeAs === first.user;
  let proof: ProofOutcome | undefined;
  const outcome = await scram.attempt(session.address, async () => {
    proof = exchange.checkFinal(closing.octets);
    return proof.kind === "right" && isSame;
  });
  if (proof?.kind === "malformed") return bad("The response is not of this exchange");
  if (outcome === "accepted" && proof?.kind === "right") {
    // The client looks whether we know the password, too, and may go away.
    const agreed = await responses.to(proof.serverFinal);
    if (!("octets" in agreed)) return agreed;
  }
  return finishLogin(session, outcome);
}
