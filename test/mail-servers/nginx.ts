import type { ProxiedPort } from "./haproxy.ts";
import type { MailServerSetup } from "./mail-server.ts";

/** nginx on the loopback, in front of servers of this machine. It knows version 1 of the PROXY protocol only. */
export function nginx(ports: readonly ProxiedPort[]): MailServerSetup {
  const servers = (mode: ProxiedPort["mode"], serverOf: (port: ProxiedPort) => string) =>
    ports.filter((port) => port.mode === mode).map((port) => `  server {\n${serverOf(port)}\n  }\n`);
  const passing = servers(
    "tcp",
    ({ port, target, header }) => `    listen 127.0.0.1:${port};
    proxy_pass 127.0.0.1:${target};
    proxy_protocol ${header === undefined ? "off" : "on"};`,
  );
  const asking = servers(
    "http",
    ({ port, target }) => `    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${target};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }`,
  );
  const config = `load_module /usr/lib/nginx/modules/ngx_stream_module.so;
user root;
daemon off;
pid nginx.pid;
error_log stderr;
events {}
stream {
${passing.join("")}}
http {
  access_log off;
${asking.join("")}}
`;
  return { script: 'exec nginx -p "$FOLDER" -c nginx.conf', files: { "nginx.conf": config } };
}
