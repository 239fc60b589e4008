import { assertEquals, assertRejects } from "@std/assert";
import { EventEmitter } from "node:events";
import { type NodeSocket, nodeTransport } from "../../lib/transport/node.ts";
import { hex } from "../support/hex.ts";

/** A socket that does what a test says; transport_test.ts has real ones. */
class FakeSocket extends EventEmitter {
  paused = false;
  readonly written: Uint8Array[] = [];
  failing = false;
  pause = () => (this.paused = true, this);
  resume = () => (this.paused = false, this);
  write = (bytes: Uint8Array, done: (error?: Error) => void) => {
    this.written.push(bytes);
    done(this.failing ? new Error("gone") : undefined);
    return true;
  };
  end = (done: () => void) => (done(), this);
  destroy = () => this;
}

function transportOf(socket: FakeSocket, leftover?: Uint8Array) {
  return nodeTransport(socket as unknown as NodeSocket, leftover);
}

Deno.test("a socket is paused while nobody reads, and goes on when somebody does", async () => {
  const socket = new FakeSocket();
  const transport = transportOf(socket);
  assertEquals(socket.paused, true);
  const first = transport.read();
  assertEquals(socket.paused, false);
  socket.emit("data", hex("06"));
  assertEquals(await first, hex("06"));
  socket.emit("data", new Uint8Array(64 * 1024));
  assertEquals(socket.paused, false);
  socket.emit("data", new Uint8Array(1));
  assertEquals(socket.paused, true);
  assertEquals((await transport.read())!.length, 64 * 1024);
  assertEquals((await transport.read())!.length, 1);
  const reading = transport.read();
  assertEquals(socket.paused, false);
  socket.emit("data", hex("07"));
  assertEquals(await reading, hex("07"));
});

Deno.test("what has been read already is read first, then the rest, then the end", async () => {
  const socket = new FakeSocket();
  const transport = transportOf(socket, hex("01"));
  socket.emit("data", hex("02"));
  socket.emit("end");
  assertEquals(await transport.read(), hex("01"));
  assertEquals(await transport.read(), hex("02"));
  assertEquals(await transport.read(), null);
  assertEquals(await transport.read(), null);
});

Deno.test("an error of the socket fails reads and writes, waiting or later", async () => {
  const socket = new FakeSocket();
  const transport = transportOf(socket);
  const reading = transport.read();
  socket.emit("error", new Error("reset"));
  await assertRejects(() => reading, Error, "reset");
  await assertRejects(() => transport.read(), Error, "reset");
  socket.failing = true;
  await assertRejects(() => transport.write(hex("01")), Error, "gone");
});
