// The checks in a page, which keeps what came of them in `outcomes`.
import { runChecks } from "./bundle.mjs";

/** Raw bytes to the echo through a WebSocket of the browser's own. */
async function carry() {
  const socket = new WebSocket(`ws://${location.host}/tunnel`);
  socket.binaryType = "arraybuffer";
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("The tunnel cannot be opened"));
  });
  return {
    readable: new ReadableStream({
      start(controller) {
        socket.onmessage = ({ data }) =>
          controller.enqueue(new Uint8Array(data));
        socket.onclose = () => {
          try {
            controller.close();
          } catch {
            // It was cancelled.
          }
        };
      },
      cancel: () => socket.close(),
    }),
    writable: new WritableStream({
      write: (bytes) => socket.send(bytes),
      close: () => socket.close(),
      abort: () => socket.close(),
    }),
  };
}

const environment = await (await fetch("./settings.json")).json();
globalThis.outcomes = await runChecks({ ...environment, carry });
