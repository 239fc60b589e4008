import { dialDeno } from "../../lib/transport/deno_dial.ts";
import { listenDeno } from "../../lib/transport/deno_listen.ts";
import { testListen } from "./networks.ts";

testListen({
  name: "Deno",
  dial: dialDeno,
  listen: listenDeno,
  unixPath: ".sockets/test",
});
