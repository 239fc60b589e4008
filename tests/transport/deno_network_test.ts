import { dialDeno, listenDeno } from "../../lib/transport/deno_network.ts";
import { testNetwork } from "./networks.ts";

testNetwork({
  name: "Deno",
  dial: dialDeno,
  listen: listenDeno,
  unixPath: ".sockets/test",
});
