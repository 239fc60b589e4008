import { protocolError } from "../../lib/error/protocol_rules.ts";
import type {
  Agreement,
  Extension,
  ExtensionCodec,
  IncomingPiece,
} from "../../lib/extension/extension.ts";
import { joined } from "../deflate/engines.ts";

/**
 * A codec that puts a byte in front of every message and marks it with `rsv`,
 * and takes the byte off again; another byte there is an error.
 */
export function prefixing(
  mark: number,
  rsv = 0,
  log: string[] = [],
): ExtensionCodec {
  let isExpected = false;
  return {
    encode: ({ first, payload }) => ({
      payload: first ? joined([Uint8Array.of(mark), payload]) : payload,
      rsv,
    }),
    decode: (piece) => {
      const { payload, offset } = piece;
      log.push(describe(piece));
      if (piece.first) isExpected = true;
      if (!isExpected || payload.length === 0) {
        return { status: "valid", payloads: [payload] };
      }
      isExpected = false;
      if (payload[0] !== mark) {
        const found = `${payload[0]}, not ${mark}`;
        const error = protocolError("invalid-extension-data", {
          found,
          offset,
        });
        return { status: "invalid", error };
      }
      return { status: "valid", payloads: [payload.subarray(1)] };
    },
    close: () => void log.push(`close ${mark}`),
  };
}

/** A codec that says every byte so many times over. */
export function repeating(times: number): ExtensionCodec {
  return {
    encode: ({ payload }) => ({
      payload: payload.filter((_, index) => index % times === 0),
      rsv: 0,
    }),
    decode: ({ payload }, maxBytes) => {
      const payloads: Uint8Array[] = [];
      let byteLength = 0;
      for (const byte of payload) {
        if (byteLength > maxBytes) break;
        payloads.push(new Uint8Array(times).fill(byte));
        byteLength += times;
      }
      return { status: "valid", payloads };
    },
    close: () => {},
  };
}

/** A codec that takes every second byte away, and puts it back as a zero. */
export function halving(): ExtensionCodec {
  let count = 0;
  return {
    encode: ({ payload }) => ({
      payload: joined(Array.from(payload, (byte) => Uint8Array.of(byte, 0))),
      rsv: 0,
    }),
    decode: ({ payload, first }) => {
      if (first) count = 0;
      const kept = payload.filter((_, index) => (count + index) % 2 === 0);
      count += payload.length;
      return { status: "valid", payloads: [kept] };
    },
    close: () => {},
  };
}

function describe(piece: IncomingPiece): string {
  const { first, start, last, payload } = piece;
  const words = [
    ...first ? ["first"] : [],
    ...start ? ["start"] : [],
    ...last ? ["last"] : [],
  ];
  return `${words.join("+") || "middle"} [${payload.join(" ")}]`;
}

/** An extension that accepts the parameters that it is told to. */
export function extensionOf(
  name: string,
  {
    rsv = 0,
    offers = [[]],
    accepts = () => true,
    codec = () => prefixing(1, rsv),
  }: {
    readonly rsv?: number;
    readonly offers?: readonly Agreement["parameters"][];
    readonly accepts?: (parameters: Agreement["parameters"]) => boolean;
    readonly codec?: () => ExtensionCodec;
  } = {},
): Extension {
  return {
    name,
    rsv,
    offer: () => offers,
    accept: (parameters) =>
      accepts(parameters) ? { parameters, open: codec } : undefined,
    confirm: (parameters) =>
      accepts(parameters) ? { parameters, open: codec } : "with what is wrong",
  };
}
