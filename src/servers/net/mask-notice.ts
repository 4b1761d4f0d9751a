import type { Log } from "./log-port.ts";
import { scopeOf } from "./networks.ts";

/** Fewer could be the tests of whoever is setting the server up. */
const CONVINCING = 20;

/**
 * Watches the addresses of clients, and says loudly, once, when all of them are the same private
 * one: then a container without host networking, or a proxy, hides who they are.
 */
export function createMaskNotice(log: Log): (address: string) => void {
  let suspect: string | undefined;
  let seen = 0;
  return (address) => {
    if (seen > CONVINCING) return;
    suspect ??= address;
    if (address !== suspect || scopeOf(address) !== "private")
      seen = CONVINCING + 1; // all is well
    else if (++seen === CONVINCING) {
      seen++;
      log.warn(
        { address },
        `All clients seem to come from ${address}: something hides their addresses, so limits per network, ` +
          "greylisting, SPF and refusing by DMARC cannot work; give the container the host's network, or have " +
          "the proxy speak the PROXY protocol and name it in TRUSTED_PROXIES",
      );
    }
  };
}
