/** A server that is bound by no rule. */
import { createServer, type Server, type Socket } from "node:net";
import { createHash } from "node:crypto";

/** What it does with a client that has asked: all that the client then sees. */
export type Answer = (
  socket: Socket,
  request: Request,
) => void | Promise<void>;

/** What a client asked. */
interface Request {
  /** How many clients came before. */
  readonly number: number;
  /** What a right answer begins with, up to the empty line. */
  readonly accepting: string;
}

/** A server that is there until it is disposed of. */
export interface BadServer extends AsyncDisposable {
  readonly port: number;
}

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The lines of a right answer, without the empty line. */
function acceptingLines(head: string): string {
  const [, key = ""] = /^sec-websocket-key: (\S+)/im.exec(head) ?? [];
  const accept = createHash("sha1").update(key + guid).digest("base64");
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    "",
  ].join("\r\n");
}

/** Listens, reads each request, and has `answer` do what it likes. */
export async function startBadServer(answer: Answer): Promise<BadServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that hangs up on it does right.
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    const number = count++;
    socket.once("data", (bytes: Uint8Array) => {
      const accepting = acceptingLines(new TextDecoder().decode(bytes));
      void answer(socket, { number, accepting });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
