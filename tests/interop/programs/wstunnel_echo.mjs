/**
 * lighttpd's mod_wstunnel, which ends the WebSocket itself, and behind it what it
 * wants there: a bare TCP server, which sends back what it gets.
 *
 *     node wstunnel_echo.mjs serve PORT
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";

const [, port] = process.argv.slice(2);
const folder = mkdtempSync(`${tmpdir()}/wstunnel-`);
const backend = createServer((socket) =>
  socket.pipe(socket).on("error", () => {})
);
backend.listen(0, "127.0.0.1", () => {
  const { port: to } = backend.address();
  writeFileSync(
    `${folder}/lighttpd.conf`,
    `server.document-root = "${folder}"
server.bind = "127.0.0.1"
server.port = ${port}
server.modules = ("mod_wstunnel")
wstunnel.server = ("" => (("host" => "127.0.0.1", "port" => ${to})))
wstunnel.frame-type = "text"
`,
  );
  const child = spawn("lighttpd", ["-D", "-f", `${folder}/lighttpd.conf`]);
  const stop = () => {
    child.kill("SIGTERM");
    rmSync(folder, { recursive: true });
    process.exit();
  };
  process.on("SIGTERM", stop);
  child.on("exit", stop);
});
