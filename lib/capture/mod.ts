/**
 * Network captures, as tcpdump and Wireshark write them, into the bytes of the
 * TCP connections in them, step by step and in bounded memory; and connections
 * into captures. Knows nothing of WebSocket.
 *
 * @example What a capture holds, in pieces as they come from a file
 * ```ts
 * import {
 *   createCaptureReader,
 *   createCaptureWriter,
 * } from "@sluice/websocket/capture";
 * import { assertEquals } from "@std/assert";
 *
 * const writer = createCaptureWriter({ format: "pcap" });
 * const { open, data, close } = writer.connection({
 *   client: { address: "192.0.2.1", port: 50000 },
 *   server: { address: "192.0.2.2", port: 80 },
 * });
 * const file = ReadableStream.from([
 *   writer.header,
 *   open(0),
 *   data("client", new TextEncoder().encode("Hello"), 1),
 *   close("client", 2),
 * ]);
 *
 * const reader = createCaptureReader();
 * let text = "";
 * for await (const chunk of file) {
 *   for (const event of reader.read(chunk)) {
 *     if (event.type === "data") text += new TextDecoder().decode(event.bytes);
 *   }
 * }
 *
 * assertEquals(text, "Hello");
 * assertEquals(reader.end(), []);
 * ```
 *
 * @module
 */
export * from "./capture_event.ts";
export type { CaptureReaderOptions } from "./capture_limits.ts";
export type { CaptureFormat } from "./capture_file.ts";
export * from "./capture_reader.ts";
export * from "./capture_writer.ts";
export { isCapture } from "./magic.ts";
