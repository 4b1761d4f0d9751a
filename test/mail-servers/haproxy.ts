import type { MailServerSetup } from "./mail-server.ts";

/** What HAProxy listens to, and how it hands it on. */
export interface ProxiedPort {
  readonly port: number;
  readonly target: number;
  /** `tcp` passes octets on, `http` requests, with `X-Forwarded-For`. */
  readonly mode: "tcp" | "http";
  /** Which version of the PROXY protocol it speaks, if any. */
  readonly header?: "send-proxy" | "send-proxy-v2";
}

/** HAProxy on the loopback, in front of servers of this machine. */
export function haproxy(ports: readonly ProxiedPort[]): MailServerSetup {
  const sections = ports.map(
    ({ port, target, mode, header = "" }) => `
listen port${port}
  mode ${mode}
  bind 127.0.0.1:${port}
  ${mode === "http" ? "option forwardfor" : ""}
  server ours 127.0.0.1:${target} ${header}
`,
  );
  const timeouts = "defaults\n  timeout connect 10s\n  timeout client 10s\n  timeout server 10s\n";
  return {
    script: 'exec haproxy -db -f "$FOLDER/haproxy.cfg"',
    files: { "haproxy.cfg": `${timeouts}${sections.join("")}` },
  };
}
