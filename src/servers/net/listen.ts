import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

/** Where to listen. Without a host: all addresses of this machine, IPv6 and IPv4. */
export interface ListenAddress {
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/**
 * Starts listening and returns the address that was bound. Rejects with what to do when the port
 * is taken or needs privileges.
 */
export async function listen(server: Server, address: ListenAddress): Promise<Required<ListenAddress>> {
  server.listen({ ...address });
  try {
    await once(server, "listening");
  } catch (cause) {
    const shown = `${address.host ?? ""}:${address.port}`;
    throw new Error(`Cannot listen on ${shown}: ${reasonOf(cause as NodeJS.ErrnoException)}`, { cause });
  }
  const bound = server.address() as AddressInfo;
  return { host: bound.address, port: bound.port };
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "EADDRINUSE":
      return "another program listens there";
    case "EACCES":
      return "ports below 1024 need the capability CAP_NET_BIND_SERVICE; choose a higher one and forward it";
    case "EADDRNOTAVAIL":
      return "this machine does not have that address";
    default:
      return message;
  }
}

/** What listening on an address would meet. */
export interface ListenTrial {
  readonly address: ListenAddress;
  /** What `listen` would reject with. */
  readonly problem?: Error;
  /** The problem is that somebody listens there. */
  readonly isTaken: boolean;
}

/** Listens for a moment on each of the addresses, one after the other. */
export async function tryToListen(addresses: readonly ListenAddress[]): Promise<ListenTrial[]> {
  const trials: ListenTrial[] = [];
  for (const address of addresses) {
    const server = createServer((socket) => socket.destroy());
    try {
      await listen(server, address);
      trials.push({ address, isTaken: false });
    } catch (error) {
      trials.push({ address, problem: error as Error, isTaken: isTaken(error) });
    } finally {
      server.close();
    }
  }
  return trials;
}

/**
 * Whether who listens on one of the addresses takes the other as well. The system is asked: it knows what a
 * host's name means, and whether `::` is all of IPv4, too.
 */
export async function isSameAddress(one: ListenAddress, other: ListenAddress): Promise<boolean> {
  if (one.port !== other.port || one.port === 0) return false;
  const [first, second] = [createServer(), createServer()];
  try {
    // By another port: on theirs somebody may be listening.
    const { port } = await listen(first, { ...one, port: 0 });
    await listen(second, { ...other, port });
    return false;
  } catch (error) {
    return isTaken(error);
  } finally {
    first.close();
    second.close();
  }
}

/** Whether that is why `listen` failed. */
function isTaken(error: unknown): boolean {
  return (error as { cause?: NodeJS.ErrnoException }).cause?.code === "EADDRINUSE";
}

/** How far from the port that was wished for another one is still easy to recognize. */
const MAX_PORTS_TRIED = 50;

/** The port, or the next one above it that nobody listens on. Somebody may take it before it is used. */
export async function findFreePort({ host, port }: Required<ListenAddress>): Promise<number> {
  for (let tried = port; tried < port + MAX_PORTS_TRIED; tried++) {
    const server = createServer();
    try {
      server.listen({ host, port: tried });
      await once(server, "listening");
      return tried;
    } catch {
      // taken: the next one
    } finally {
      server.close();
    }
  }
  throw new Error(`Cannot find a free port between ${port} and ${port + MAX_PORTS_TRIED - 1} on ${host}`);
}
