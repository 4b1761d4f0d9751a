import { BlockList, isIPv6, type Socket } from "node:net";
import { normalizeAddress } from "./networks.ts";
import { type ProxySource, parseProxyHeader } from "./proxy-header.ts";

/** A proxy sends the header with its first packet. */
const HEADER_MS = 5_000;

/**
 * Builds the answer to who is at the other end of a new connection: for the listed proxies (addresses
 * or networks), who they say it is, and they must say it; for everybody else, who it is. Must be asked
 * before anything is read. Rejects when a proxy sends no valid header; the connection is then to be closed.
 */
export function createPeerLookup(proxies: readonly string[]): (socket: Socket) => Promise<ProxySource> {
  const listed = toBlockList(proxies);
  return async (socket) => {
    const address = normalizeAddress(socket.remoteAddress ?? "");
    const itself = { address, port: socket.remotePort ?? 0 };
    if (!listed.check(address, isIPv6(address) ? "ipv6" : "ipv4")) return itself;
    const source = await readProxyHeader(socket);
    return source ? { ...source, address: normalizeAddress(source.address) } : itself;
  };
}

function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Reads up to the end of the header, not one octet of what follows. */
function readProxyHeader(socket: Socket): Promise<ProxySource | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<ProxySource | undefined>();
  let received = Buffer.alloc(0);

  function read(): void {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      received = Buffer.concat([received, chunk]);
      const header = parseProxyHeader(received);
      if (header.kind === "incomplete") continue;
      if (header.kind === "invalid") fail("sent no valid header");
      else {
        if (header.octets < received.length) socket.unshift(received.subarray(header.octets));
        resolve(header.source);
      }
      return;
    }
  }
  function fail(what: string): void {
    reject(new Error(`The proxy ${socket.remoteAddress} ${what}`));
  }
  const onEnd = () => fail("left before its header");
  const timer = setTimeout(() => fail("sent no header in time"), HEADER_MS).unref();

  socket.on("readable", read).on("error", onEnd).on("close", onEnd).on("end", onEnd);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off("readable", read).off("error", onEnd).off("close", onEnd).off("end", onEnd);
  });
}
