/** An echo with what Bun has built in, in C++. */
import "./report_usage.mjs";
import process from "node:process";

/** As much of Bun's types as is used here. */
interface BunSocket {
  send(data: string | Uint8Array): number;
}
declare const Bun: {
  serve(options: {
    readonly hostname: string;
    readonly port: number;
    readonly fetch: (
      request: Request,
      server: { upgrade(request: Request): boolean },
    ) => Response | undefined;
    readonly websocket: {
      readonly message: (socket: BunSocket, data: string | Uint8Array) => void;
    };
  }): void;
};

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  fetch: (request, server) =>
    server.upgrade(request)
      ? undefined
      : new Response("Not a WebSocket", { status: 426 }),
  websocket: { message: (socket, data) => void socket.send(data) },
});
