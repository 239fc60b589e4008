import { type CaptureConnection, createCaptureWriter } from "../capture/mod.ts";
import type { Role } from "../frame/frame.ts";
import { UnreachableError } from "./terminal.ts";

/** A connection that is being saved. */
export interface SavedConnection {
  /** One side sent these bytes; they may be written to afterwards. */
  readonly data: (from: Role, bytes: Uint8Array) => void;
  /** One side has ended its half; with the second the connection ends. */
  readonly close: (from: Role) => void;
}

/** A file into which what is relayed is written, for Wireshark to read. */
export interface CaptureSaver {
  /** A connection has begun. */
  readonly begin: (
    client: Deno.NetAddr,
    server: Deno.NetAddr,
  ) => SavedConnection;
  /** Nothing more comes. */
  readonly close: () => void;
}

/**
 * Makes a capture file of the connections that are relayed: the bytes are those
 * that passed; the packets are made for them.
 *
 * @throws {UnreachableError} If the file cannot be made.
 */
export function createCaptureSaver(path: string): CaptureSaver {
  const file = createFile(path);
  const format = path.endsWith(".pcap") ? "pcap" : "pcapng";
  const writer = createCaptureWriter({ format });
  const put = (bytes: Uint8Array): void => {
    let written = 0;
    while (written < bytes.length) {
      written += file.writeSync(bytes.subarray(written));
    }
  };
  let isOver = false;
  put(writer.header);
  return {
    begin: (client, server) => {
      const connection = connectionOf(client, server, writer.connection);
      put(connection.open(Date.now()));
      // Who has ended its half may still be sent something.
      const ended: Role[] = [];
      return {
        data: (from, bytes) => {
          if (ended.length < 2 && !isOver) {
            put(connection.data(from, bytes, Date.now()));
          }
        },
        close: (from) => {
          if (isOver || ended.includes(from)) return;
          ended.push(from);
          if (ended.length === 2) put(connection.close(ended[0]!, Date.now()));
        },
      };
    },
    close: () => {
      isOver = true;
      file.close();
    },
  };
}

function createFile(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    throw new UnreachableError(
      `Cannot save to ${path}: ${(error as Error).message}`,
    );
  }
}

/** Both addresses of one version of IP: one that listens on both is as IPv6. */
function connectionOf(
  client: Deno.NetAddr,
  server: Deno.NetAddr,
  create: ReturnType<typeof createCaptureWriter>["connection"],
): CaptureConnection {
  const isSix = [client, server].some(({ hostname }) => hostname.includes(":"));
  const endpoint = ({ hostname, port }: Deno.NetAddr) => ({
    address: isSix && !hostname.includes(":") ? `::ffff:${hostname}` : hostname,
    port,
  });
  return create({ client: endpoint(client), server: endpoint(server) });
}
