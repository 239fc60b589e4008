import type { Transport } from "@sluice/websocket";

/** Reads text piece by piece, wherever it was cut on its way. */
export interface TextReader {
  /** The text before the next `mark`, which is let go. */
  readonly until: (mark: string) => Promise<string>;
  /** So many characters. */
  readonly take: (length: number) => Promise<string>;
}

/** Reads ASCII, of which a character is a byte. */
export function readText({ read }: Transport): TextReader {
  const decoder = new TextDecoder("ascii");
  let text = "";
  const more = async () => {
    const bytes = await read();
    if (bytes === null) throw new Error("The server has hung up");
    text += decoder.decode(bytes);
  };
  const cut = (length: number, skipped = 0) => {
    const piece = text.slice(0, length);
    text = text.slice(length + skipped);
    return piece;
  };
  return {
    until: async (mark) => {
      let at = text.indexOf(mark);
      while (at === -1) {
        await more();
        at = text.indexOf(mark);
      }
      return cut(at, mark.length);
    },
    take: async (length) => {
      while (text.length < length) await more();
      return cut(length);
    },
  };
}
