import { createTransport } from "nodemailer";
import { SECRETARY } from "./test-settings.ts";

/** Sends mail as another server does: SMTP with STARTTLS, one connection, one message after the other. */
export interface MailClient {
  /** Resolves with the text of the 250. */
  send(message: string, recipients?: string | string[]): Promise<string>;
  close(): void;
}

export function connectMail(port: number): MailClient {
  const transport = createTransport({
    host: "127.0.0.1",
    port,
    requireTLS: true,
    tls: { rejectUnauthorized: false }, // the server made its certificate itself
    pool: true,
    maxConnections: 1,
    maxMessages: Number.POSITIVE_INFINITY,
  });
  transport.on("error", () => undefined); // whoever sends is told
  return {
    async send(message, recipients = SECRETARY) {
      const { response } = await transport.sendMail({
        envelope: { from: "ann@example.org", to: recipients },
        raw: message.replace(/\r?\n/g, "\r\n"),
      });
      return response;
    },
    close: () => transport.close(),
  };
}
