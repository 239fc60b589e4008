import { certificate, certificateKey } from "../support/certificate.ts";
import type { Program } from "./peer.ts";

/** A proxy between our client and our server. */
export type StartProxy = (
  folder: string,
  ports: { readonly listen: number; readonly to: number },
) => Program;

/** How long nginx and HAProxy wait for a word, in milliseconds. */
export const idleCutMs = 1_000;

/** `proxy_read_timeout` is what cuts a link that says nothing. */
export function nginx({ isSecure }: { isSecure: boolean }): StartProxy {
  return (folder, { listen, to }) => ({
    command: "nginx",
    args: ["-c", `${folder}/nginx.conf`, "-e", "stderr"],
    folder,
    files: {
      "cert.pem": certificate,
      "key.pem": certificateKey,
      "nginx.conf": `daemon off;
error_log stderr;
pid ${folder}/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; "" close; }
  server {
    listen 127.0.0.1:${listen}${isSecure ? " ssl" : ""};
    ${
        isSecure
          ? `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;`
          : ""
      }
    location / {
      proxy_pass http://127.0.0.1:${to};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $http_host;
      proxy_read_timeout ${idleCutMs}ms;
    }
  }
}
`,
    },
  });
}

/** The ways of Apache: mod_proxy_wstunnel, or mod_proxy_http that upgrades. */
export function apache(way: "wstunnel" | "upgrade"): StartProxy {
  return (folder, { listen, to }) => ({
    command: "apache2",
    args: ["-f", `${folder}/httpd.conf`, "-D", "FOREGROUND"],
    folder,
    files: {
      "httpd.conf": `ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${listen}
PidFile ${folder}/httpd.pid
DefaultRuntimeDir ${folder}
Mutex file:${folder}
ErrorLog ${folder}/error.log
User www-data
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule proxy_wstunnel_module /usr/lib/apache2/modules/mod_proxy_wstunnel.so
ProxyPreserveHost On
${
        way === "wstunnel"
          ? `ProxyWebsocketFallbackToProxyHttp Off
ProxyPass / ws://127.0.0.1:${to}/`
          : `ProxyPass / http://127.0.0.1:${to}/ upgrade=websocket`
      }
`,
    },
  });
}

export const lighttpd: StartProxy = (folder, { listen, to }) => ({
  command: "lighttpd",
  args: ["-D", "-f", `${folder}/lighttpd.conf`],
  folder,
  files: {
    "lighttpd.conf": `server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${listen}
server.modules = ("mod_proxy")
proxy.server = ("" => (("host" => "127.0.0.1", "port" => ${to})))
proxy.header = ("upgrade" => "enable")
`,
  },
});

export const haproxy: StartProxy = (folder, { listen, to }) => ({
  command: "haproxy",
  args: ["-db", "-f", `${folder}/haproxy.cfg`],
  folder,
  files: {
    "haproxy.cfg": `defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
  timeout tunnel ${idleCutMs}ms
frontend here
  bind 127.0.0.1:${listen}
  default_backend there
backend there
  server one 127.0.0.1:${to}
`,
  },
});

export const caddy: StartProxy = (folder, { listen, to }) => ({
  command: "caddy",
  args: ["run", "--config", `${folder}/Caddyfile`, "--adapter", "caddyfile"],
  env: { HOME: folder },
  folder,
  files: {
    "Caddyfile": `{
  admin off
  auto_https off
}
http://127.0.0.1:${listen} {
  bind 127.0.0.1
  reverse_proxy 127.0.0.1:${to}
}
`,
  },
});
