import { concat } from "../bytes/chunks.ts";
import { parseRequestHead } from "../handshake/head.ts";
import { headerValues } from "../handshake/headers.ts";
import { serializeResponseHead } from "../handshake/serialize_head.ts";
import { acceptRequest, checkRequest } from "../handshake/server.ts";
import type { ConnectTransport } from "../transport/connect_transport.ts";
import {
  isFault,
  type ServerExchange,
  toRequest,
} from "../transport/server_exchange.ts";
import type { Transport } from "../transport/transport.ts";
import { readHeadFrom } from "./handshake_io.ts";

/** The exchange that a transport brings with it, or else that of HTTP/1.1. */
export function exchangeOn(
  transport: Transport | ConnectTransport,
): ServerExchange {
  return "exchange" in transport
    ? transport.exchange
    : upgradeExchange(transport);
}

/** HTTP/1.1: the request is read from the transport, the answer written to it. */
function upgradeExchange(transport: Transport): ServerExchange {
  return {
    receive: async (limits) => {
      const { head, rest } = await readHeadFrom(
        transport,
        (bytes) => parseRequestHead(bytes, limits),
      );
      const { method, target, headers } = head;
      const checked = checkRequest(head);
      const toPage = () => {
        if (!isFault(checked, "not-an-upgrade")) return undefined;
        const [host] = headerValues(headers, "host");
        return toRequest({ method, target, host, headers });
      };
      return { checked, toPage, leftover: rest };
    },
    accept: async (request, options) => {
      const bytes = serializeResponseHead(
        await acceptRequest(request, options),
      );
      return () => transport.write(bytes);
    },
    refuse: (head, body) =>
      transport.write(concat(serializeResponseHead(head), body)),
  };
}
