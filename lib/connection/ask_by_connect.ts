import type { Extension } from "../extension/extension.ts";
import { offerExtensions } from "../extension/negotiate.ts";
import type { CheckResponseResult } from "../handshake/client.ts";
import {
  checkConnectResponse,
  createConnectRequest,
} from "../handshake/extended_connect.ts";
import {
  parseResponseFields,
  serializeRequestFields,
} from "../handshake/fields.ts";
import type { HeadLimits } from "../handshake/head.ts";
import type { HeaderListInit } from "../handshake/headers.ts";
import type { ConnectSession, Transport } from "../transport/transport.ts";

/** A stream that has been answered, and what is to be said of the answer. */
export interface AnsweredStream {
  readonly transport: Transport;
  readonly judge: () => CheckResponseResult;
}

/** Asks for a WebSocket on a stream of HTTP/2 or HTTP/3 (RFC 8441 §4). */
export async function askByConnect(
  url: string,
  session: ConnectSession,
  options: HeadLimits & {
    readonly protocols?: readonly string[];
    readonly headers?: HeaderListInit;
    readonly extensions?: readonly Extension[];
  },
  signal: AbortSignal,
): Promise<AnsweredStream> {
  const { protocols = [], headers = [], extensions = [] } = options;
  const request = createConnectRequest(url, {
    protocols,
    headers,
    extensions: offerExtensions(extensions),
  });
  const fields = serializeRequestFields(request);
  const { response, transport } = await session.connect(fields, signal);
  const judge = () => {
    const read = parseResponseFields(response, options);
    return read.status === "invalid"
      ? read
      : checkConnectResponse(read.head, { protocols, extensions });
  };
  return { transport, judge };
}
