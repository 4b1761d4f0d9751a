import { BlockList, isIPv6, type Socket } from "node:net";
import { normalizeAddress } from "./networks.ts";
import { parseProxyHeader } from "./proxy-header.ts";

/** A proxy sends the header with its first packet. */
const HEADER_MS = 5_000;

/** Who is at the other end of a connection. */
export interface Peer {
  /** In its normal form. */
  readonly address: string;
  readonly port: number;
  /** A listed proxy that does not say, with the PROXY protocol, for whom it speaks. */
  readonly isProxy: boolean;
}

/** The proxies in front of us, whose word is taken. */
export interface Proxies {
  has(address: string): boolean;
  /**
   * Finds out who a new connection is from: who it is, or, from a listed proxy, who that says it is. To be
   * asked before anything is read; what follows the header stays to be read. Resolves to nothing when the
   * peer has left before it said a word, as health checks do; rejects when a listed proxy sends no valid
   * header, or none at all where it is `required`. The connection is then to be closed.
   */
  identify(socket: Socket, header: "required" | "optional"): Promise<Peer | undefined>;
}

/** @param networks addresses and networks in CIDR form */
export function createProxies(networks: readonly string[]): Proxies {
  const listed = toBlockList(networks);
  function has(address: string): boolean {
    const normal = normalizeAddress(address);
    return listed.check(normal, isIPv6(normal) ? "ipv6" : "ipv4");
  }
  return {
    has,
    async identify(socket, header) {
      const address = normalizeAddress(socket.remoteAddress ?? "");
      const itself = { address, port: socket.remotePort ?? 0, isProxy: has(address) };
      if (!itself.isProxy) return itself;
      const found = await readProxyHeader(socket);
      if (found === "nobody") return undefined;
      if (found === "absent" && header === "required") {
        throw new Error(
          `The proxy ${address} does not speak the PROXY protocol: switch it on there, or remove the proxy from TRUSTED_PROXIES`,
        );
      }
      if (typeof found === "string") return itself;
      return { ...found, address: normalizeAddress(found.address), isProxy: false };
    },
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

/** The client that a header names, or why there is none. */
type Found = { readonly address: string; readonly port: number } | "itself" | "absent" | "nobody";

/** Takes the header off what has come, and not one octet of what follows it. */
function readProxyHeader(socket: Socket): Promise<Found> {
  const { promise, resolve, reject } = Promise.withResolvers<Found>();
  let received = Buffer.alloc(0);

  function read(): void {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      received = Buffer.concat([received, chunk]);
      const header = parseProxyHeader(received);
      if (header.kind === "incomplete") continue;
      leave(); // before anything is put back, which would be read here again
      const octets = header.kind === "complete" ? header.octets : 0;
      if (octets < received.length) socket.unshift(received.subarray(octets));
      if (header.kind === "invalid") fail("sent no valid header");
      else resolve(header.kind === "complete" ? (header.source ?? "itself") : "absent");
      return;
    }
  }
  function fail(what: string): void {
    leave();
    reject(new Error(`The proxy ${socket.remoteAddress} ${what}`));
  }
  function onEnd(): void {
    leave();
    if (received.length === 0) resolve("nobody");
    else fail("left in the middle of its header");
  }
  function leave(): void {
    clearTimeout(timer);
    socket.off("readable", read).off("error", onEnd).off("close", onEnd).off("end", onEnd);
  }
  const timer = setTimeout(() => fail("sent no header in time"), HEADER_MS).unref();
  socket.on("readable", read).on("error", onEnd).on("close", onEnd).on("end", onEnd);
  return promise;
}
