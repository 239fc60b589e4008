/** An echo that compresses: `sluice_deflate.ts PORT zlib|pako on|off`. */
import "./report_usage.mjs";
import { serveWebSocket } from "@sluice/websocket";
import {
  pakoEngine,
  permessageDeflate,
  zlibEngine,
} from "@sluice/websocket/deflate";

const [port, engineName, takeover] = Deno.args;
const engine = engineName === "pako" ? pakoEngine : zlibEngine();
if (engine === undefined) throw new Error("Found no zlib, wanted one");
const isReset = takeover === "off";

serveWebSocket({
  hostname: "127.0.0.1",
  port: Number(port),
  extensions: [permessageDeflate({
    engine,
    level: 6,
    thresholdBytes: 0,
    serverNoContextTakeover: isReset,
    clientNoContextTakeover: isReset,
  })],
}, {
  message: (connection, data) => connection.send(data),
});
