/**
 * An echo by undici, which is what Node has built in, as a client:
 *
 *     node undici_echo.mjs connect URL
 */
import { createRequire } from "node:module";

const { WebSocket } = createRequire(`${process.env.PEERS}/package.json`)(
  "undici",
);
const socket = new WebSocket(process.argv[3], ["echo"]);
socket.binaryType = "arraybuffer";
socket.onmessage = ({ data }) => socket.send(data);
