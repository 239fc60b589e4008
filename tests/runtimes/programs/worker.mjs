// The checks in a Worker, which answers a request with what came of them.
import { connect } from "cloudflare:sockets";
import { dialCloudflare, runChecks } from "bundle";

export default {
  async fetch(request) {
    const environment = await request.json();
    const outcomes = await runChecks({
      ...environment,
      carry: (url) => dialCloudflare(connect, url),
    });
    return Response.json(outcomes);
  },
};
