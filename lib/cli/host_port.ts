import { UsageError } from "./terminal.ts";

/** Where to listen, or to connect to. */
export interface HostPort {
  /** A name or an address; an IPv6 address without its brackets. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
}

/**
 * Reads `3000`, `:3000`, `host:3000` or `[::1]:3000`.
 *
 * @param option What it is the value of, for the error.
 */
export function parseHostPort(text: string, option: string): HostPort {
  const [, bracketed, plain, digits = ""] =
    /^(?:\[([^\]]+)\]:|([^:]*):)?(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65535) {
    throw new UsageError(
      `Cannot read --${option}: found ${
        JSON.stringify(text)
      }, wanted a port, or host:port`,
    );
  }
  return { hostname: bracketed ?? (plain || "127.0.0.1"), port };
}

/** `host:port` as a URL has it. */
export function formatHostPort({ hostname, port }: HostPort): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
