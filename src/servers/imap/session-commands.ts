import type { Command } from "../../core/imap/imap.ts";
import { capabilitiesOf, ENABLEABLE } from "./capabilities.ts";
import { bad, type Completion, formatCompletion, no, ok } from "./completion.ts";
import type { Session } from "./session.ts";

type Of<Name extends Command["name"]> = Extract<Command, { readonly name: Name }>;

export async function tellCapabilities(session: Session): Promise<Completion> {
  session.out.untagged(`CAPABILITY ${capabilitiesOf(session)}`);
  return ok("Capabilities are told");
}

/** NOOP and CHECK look at the disk, so that a client which polls sees what the watcher has not seen yet. */
export async function poll(session: Session): Promise<Completion> {
  if (session.hasSelected) await session.selected.view.refresh();
  return ok("Nothing else to do");
}

/** LOGOUT (RFC 9051 §6.1.3). */
export async function logOut(session: Session): Promise<Completion> {
  session.out.untagged("BYE Until next time");
  session.end();
  return ok("Logged out");
}

/** ID (RFC 2971). */
export async function introduce(session: Session, command: Of<"ID">): Promise<Completion> {
  const { out, options, address } = session;
  options.log.debug({ address, client: Object.fromEntries(command.parameters) }, "IMAP client");
  out.untagged(`ID ("name" "Secretary" "version" "${options.version}")`);
  return ok("Pleased to meet you");
}

/** ENABLE (RFC 5161): what is not known is passed over. */
export async function enableExtensions(session: Session, command: Of<"ENABLE">): Promise<Completion> {
  const enabled = ENABLEABLE.filter((name) => command.capabilities.includes(name));
  for (const name of enabled) session.enable(name);
  const names = enabled.map((name) => (name === "IMAP4REV2" ? "IMAP4rev2" : name));
  session.out.untagged(["ENABLED", ...names].join(" "));
  return ok("Enabled");
}

/** STARTTLS (RFC 9051 §6.2.1); answers itself, since nothing may be sent behind its OK. */
export async function startTls(session: Session, tag: string): Promise<Completion | undefined> {
  const { channel, options } = session;
  if (channel.isSecure) return bad("TLS is in use already");
  await channel.startTls(options.tls.context, formatCompletion(tag, ok("Begin TLS now")));
  return undefined;
}

/** COMPRESS (RFC 4978); answers itself likewise. */
export async function compress(
  session: Session,
  command: Of<"COMPRESS">,
  tag: string,
): Promise<Completion | undefined> {
  const { channel } = session;
  if (command.algorithm !== "DEFLATE") return no("CANNOT", "Only DEFLATE is offered");
  if (channel.isCompressed) return no("COMPRESSIONACTIVE", "Compression is in use already");
  await channel.startDeflate(formatCompletion(tag, ok("Everything is compressed from now on")));
  return undefined;
}
