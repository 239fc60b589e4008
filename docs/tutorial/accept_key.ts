/**
 * How a server makes the accept key of its answer, step by step.
 *
 *     deno run docs/tutorial/accept_key.ts KEY
 */
import { acceptKey } from "@sluice/websocket";
import { assertEquals } from "@std/assert";

const [key = "dGhlIHNhbXBsZSBub25jZQ=="] = Deno.args;
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const bytes = new TextEncoder().encode(key + guid);
const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0"));
const answer = btoa(String.fromCharCode(...hash));
assertEquals(answer, await acceptKey(key));

console.log(`key     ${key}
+ GUID  ${key}${guid}
SHA-1   ${hex.join(" ")}
base64  ${answer}`);
