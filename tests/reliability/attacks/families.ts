/** Every attack there is. */
import type { Attack, Outcome } from "./attack.ts";
import { badServers } from "./bad_servers.ts";
import { bombs } from "./bombs.ts";
import { clocks } from "./clocks.ts";
import { controlFrames } from "./control_frames.ts";
import { cuts } from "./cuts.ts";
import { disk } from "./disk.ts";
import { floods } from "./floods.ts";
import { fragments } from "./fragments.ts";
import { frames } from "./frames.ts";
import { heads } from "./heads.ts";
import { http2Streams } from "./http2.ts";
import { lengths } from "./lengths.ts";
import { runAttack } from "./run_attack.ts";
import { slowPeers } from "./slow_peers.ts";
import { text } from "./text.ts";
import { tls } from "./tls.ts";
import { unread } from "./unread.ts";

/** An attack that brings all that it needs. */
export interface Trial
  extends Pick<Attack, "name" | "source" | "bound" | "isMeasured"> {
  readonly run: () => Promise<Outcome>;
}

/** Attacks of one kind, ready to be tried. */
export interface Trials {
  readonly name: string;
  readonly trials: readonly Trial[];
}

const onServers: readonly Trials[] = [
  slowPeers,
  floods,
  controlFrames,
  fragments,
  unread,
  lengths,
  bombs,
  text,
  frames,
  heads,
  tls,
  http2Streams,
  cuts,
  disk,
  clocks,
].map(({ name, attacks }) => ({
  name,
  trials: attacks.map((attack) => ({
    ...attack,
    run: () => runAttack(name, attack),
  })),
}));

const onClients: Trials = {
  name: badServers.name,
  trials: badServers.attacks.map((attack) => ({
    ...attack,
    isMeasured: true,
    run: async () => ({
      ...await attack.run(),
      family: badServers.name,
      attack,
    }),
  })),
};

/** Every attack, in the order of the table. */
export const families: readonly Trials[] = [...onServers, onClients];
