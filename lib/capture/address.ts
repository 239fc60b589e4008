import { readUint16 } from "./integers.ts";

/** How many bytes an IPv4 address has. */
export const ipv4Bytes = 4;

/** How many bytes an IPv6 address has. */
export const ipv6Bytes = 16;

/**
 * An IP address as text.
 *
 * Source: {@link https://www.rfc-editor.org/rfc/rfc5952#section-4 | RFC 5952 §4}.
 *
 * @param bytes 4 or 16 bytes.
 */
export function formatAddress(bytes: Uint8Array): string {
  return bytes.length === ipv4Bytes ? bytes.join(".") : formatIpv6(bytes);
}

function formatIpv6(bytes: Uint8Array): string {
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups = groupsOf(bytes);
  const { at, length } = longestZeros(groups);
  if (length < 2) return hexGroups(groups);
  return `${hexGroups(groups.slice(0, at))}::${
    hexGroups(groups.slice(at + length))
  }`;
}

/** Whether it is an IPv4 address in the form of IPv6, RFC 4291 §2.5.5.2. */
function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff && bytes[11] === 0xff;
}

function groupsOf(bytes: Uint8Array): number[] {
  return Array.from({ length: 8 }, (_, at) => readUint16(bytes, 2 * at));
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}

/** The first of the longest runs of zeros. */
function longestZeros(
  groups: readonly number[],
): { readonly at: number; readonly length: number } {
  let longest = { at: 0, length: 0 };
  for (let at = 0; at < groups.length; at++) {
    const rest = groups.slice(at);
    const end = rest.findIndex((group) => group !== 0);
    const length = end === -1 ? rest.length : end;
    if (length > longest.length) longest = { at, length };
  }
  return longest;
}

/**
 * The bytes of an IP address that is written as text, in any of the forms of
 * {@link https://www.rfc-editor.org/rfc/rfc4291#section-2.2 | RFC 4291 §2.2};
 * nothing if it is none.
 */
export function parseAddress(text: string): Uint8Array | undefined {
  const bytes = text.includes(":") ? parseIpv6(text) : parseIpv4(text);
  return bytes === undefined ? undefined : Uint8Array.from(bytes);
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  const isByte = (part: string) => /^\d{1,3}$/.test(part) && +part <= 255;
  if (parts.length !== ipv4Bytes || !parts.every(isByte)) return undefined;
  return parts.map(Number);
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half, at) =>
    parseGroups(half, at === halves.length - 1)
  );
  if (front === undefined) return undefined;
  if (halves.length === 1) {
    return front.length === ipv6Bytes ? front : undefined;
  }
  if (back === undefined) return undefined;
  const zeros = ipv6Bytes - front.length - back.length;
  return zeros < 2
    ? undefined
    : [...front, ...new Array<number>(zeros).fill(0), ...back];
}

/** Groups between colons; the last of all may be an IPv4 address. */
function parseGroups(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [at, group] of groups.entries()) {
    const isLast = isEnd && at === groups.length - 1;
    const parsed = isLast && group.includes(".")
      ? parseIpv4(group)
      : parseGroup(group);
    if (parsed === undefined) return undefined;
    bytes.push(...parsed);
  }
  return bytes;
}

function parseGroup(group: string): number[] | undefined {
  if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
  const value = parseInt(group, 16);
  return [value >>> 8, value & 0xff];
}
