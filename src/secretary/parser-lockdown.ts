import { flushCompileCache, registerHooks } from "node:module";

/** Modules of Node that decoding needs, some of them loaded only when a message calls for them. */
const HARMLESS = /^(?:node:)?(?:buffer|crypto|events|punycode|stream|stream\/promises|string_decoder|util)$/;
/** Signals, among them the one that opens a debugger, and ways around the hook below. */
const DANGEROUS = ["kill", "_kill", "_debugProcess", "_getActiveHandles", "getBuiltinModule"];

/**
 * Takes from this process what Node's permission model leaves it: the network, for which Node 24 has no
 * permission yet, and signals to other processes. It cannot be undone. Against a fault in V8 itself only
 * the container helps.
 */
export function lockDown(): void {
  // What was compiled so far is kept for the next start; from here on nothing is written any more.
  flushCompileCache();
  const { permission } = process as unknown as { permission: Permission };
  if (permission.drop === undefined) throw new Error("Cannot give up permissions: use Node 24.21 or later");
  permission.drop("fs.write");
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      if (resolved.url.startsWith("node:") && !HARMLESS.test(resolved.url)) refuse();
      return resolved;
    },
  });
  // Standard input is a socket of this class, and so is everything that TLS, HTTP and fetch() connect.
  Object.getPrototypeOf(process.stdin).connect = refuse;
  for (const name of DANGEROUS) Object.defineProperty(process, name, { value: refuse });
}

/** Not in Node's types yet. */
interface Permission {
  drop?(scope: "fs.write"): void;
}

function refuse(): never {
  throw new Error("Not allowed in the parser process");
}
