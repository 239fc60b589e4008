/** How much is delivered, to how many, how fast. */
export interface Load {
  readonly updates: number;
  readonly clients: number;
  /** The time between two updates, in milliseconds. */
  readonly everyMs: number;
}

/** What is delivered first and not counted, so that everything is compiled. */
export function warmUpOf({ updates, clients, everyMs }: Load): Load {
  return {
    updates: Math.min(updates, 100),
    clients,
    everyMs: Math.min(everyMs, 5),
  };
}
