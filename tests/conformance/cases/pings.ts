import {
  exchange,
  failure,
  frame,
  type Group,
  ping,
  pongItem,
} from "../conformance_case.ts";

const someBytes = Uint8Array.of(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff);
const longest = new Uint8Array(125).fill(0xfe);
const tooLong = new Uint8Array(126).fill(0xfe);
const ten = Array.from({ length: 10 }, (_, at) => `payload-${at}`);
const tenPings = () => ten.map((payload) => ping(payload));
const tenPongs = () => ten.map((payload) => pongItem(payload));

/** Group 2. */
export const pings: Group = {
  number: 2,
  title: "Pings and Pongs",
  cases: [
    exchange("2.1", "Ping without payload", {
      frames: () => [ping()],
    }, () => [pongItem("")]),
    exchange("2.2", "Ping with a small text", {
      frames: () => [ping("Hello, world!")],
    }, () => [pongItem("Hello, world!")]),
    exchange("2.3", "Ping with bytes that are no text", {
      frames: () => [ping(someBytes)],
    }, () => [pongItem(someBytes)]),
    exchange("2.4", "Ping of 125 bytes", {
      frames: () => [ping(longest)],
    }, () => [pongItem(longest)]),
    failure("2.5", "Ping of 126 bytes", {
      frames: () => [ping(tooLong)],
    }, [1002, "control-frame-too-large"]),
    exchange("2.6", "Ping of 125 bytes, octet by octet", {
      frames: () => [ping(longest)],
      chop: 1,
    }, () => [pongItem(longest)]),
    exchange("2.7", "Unsolicited Pong without payload", {
      frames: () => [frame(0xa)],
    }, () => []),
    exchange("2.8", "Unsolicited Pong with payload", {
      frames: () => [frame(0xa, "unsolicited pong payload")],
    }, () => []),
    exchange("2.9", "Unsolicited Pong, then a Ping", {
      frames: () => [
        frame(0xa, "unsolicited pong payload"),
        ping("ping payload"),
      ],
    }, () => [pongItem("ping payload")]),
    exchange("2.10", "Ten Pings", { frames: tenPings }, tenPongs),
    exchange("2.11", "Ten Pings, octet by octet", {
      frames: tenPings,
      chop: 1,
    }, tenPongs),
  ],
};
