import { isSameAddress, type ListenAddress } from "../servers/net/net.ts";
import type { Config } from "./config.ts";
import { formatListenAddress } from "./setting-text.ts";

/** A setting that says where to listen. */
export interface Listener {
  readonly setting: string;
  readonly address: ListenAddress;
}

/** In the order of a start. */
export function listenersOf({ smtpListen, imapListen, imapsListen, webcal }: Config): Listener[] {
  const addresses = {
    WEBCAL_LISTEN: webcal?.listen,
    IMAP_LISTEN: imapListen,
    IMAPS_LISTEN: imapsListen,
    SMTP_LISTEN: smtpListen,
  };
  return Object.entries(addresses).flatMap(([setting, address]) => (address ? [{ setting, address }] : []));
}

/** A sentence for each two that no two servers of ours can listen on, whatever else does. */
export async function clashesOf(listeners: readonly Listener[]): Promise<string[]> {
  const clashes: string[] = [];
  for (const [nth, one] of listeners.entries()) {
    for (const other of listeners.slice(nth + 1)) {
      if (!(await isSameAddress(one.address, other.address))) continue;
      const [first, second] = [one, other].map(
        ({ setting, address }) => `${setting}=${formatListenAddress(address)}`,
      );
      clashes.push(`${first} and ${second} name the same address: choose another port for one of them`);
    }
  }
  return clashes;
}
