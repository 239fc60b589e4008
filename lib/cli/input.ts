import { concatAll } from "../bytes/chunks.ts";
import { isCapture } from "../capture/mod.ts";
import {
  base64Bytes,
  guessFormat,
  hexBytes,
  type InputFormat,
  isHexText,
  type TextBytes,
} from "./input_format.ts";
import { type Terminal, UnreachableError, UsageError } from "./terminal.ts";

/** Bytes to be inspected. */
export interface Input {
  /** How they were written down. */
  readonly format: InputFormat;
  /** How many there are to read; `undefined` if that is not known. */
  readonly byteLength: number | undefined;
  /** The bytes; a capture's own where it is one. */
  readonly parts: AsyncIterable<InputPart>;
}

/** A part of an input. */
export interface InputPart {
  /** The bytes in it. */
  readonly bytes: Uint8Array;
  /** How many bytes of the input have been read up to here. */
  readonly readBytes: number;
  /** Why the input cannot be read further. */
  readonly broken?: string | undefined;
}

/** Enough to tell what an input is; what comes later is not waited for. */
const peekBytes = 64;

/** More of the first bytes are not looked at. */
const largestPeekBytes = 4096;

/**
 * Opens what is named on a command line: a file, `-` for the standard input, or
 * the bytes themselves, in hexadecimal digits or base64.
 *
 * @param name Nothing is the standard input.
 * @param wanted The format, if it is not to be guessed.
 * @throws {UnreachableError} If there is such a file and it cannot be opened.
 * @throws {UsageError} If it is nothing of all that.
 */
export async function openInput(
  name: string | undefined,
  wanted: InputFormat | undefined,
  terminal: Terminal,
): Promise<Input> {
  if (name === undefined || name === "-") {
    if (terminal.isInputTyped) {
      terminal.note("Paste hexadecimal digits or base64; end with Ctrl-D.\n");
    }
    return await fromStream(terminal.input, undefined, wanted);
  }
  if (name === "") {
    throw new UsageError(
      'Cannot inspect "": found no bytes and no name of a file, wanted either',
    );
  }
  const file = await openFile(name);
  if (file !== undefined) {
    return await fromStream(file.readable, file.byteLength, wanted);
  }
  const bytes = new TextEncoder().encode(name);
  const format = wanted ?? guessFormat(bytes);
  if (format === "raw" && wanted === undefined || format === "capture") {
    throw new UsageError(
      `Cannot inspect ${JSON.stringify(name)}: there is no such file, and it ` +
        "is neither hexadecimal digits nor base64",
    );
  }
  return await fromStream(ReadableStream.from([bytes]), undefined, format);
}

/** The file of that name, if there is one. */
async function openFile(
  name: string,
): Promise<
  | {
    readonly readable: ReadableStream<Uint8Array>;
    readonly byteLength: number;
  }
  | undefined
> {
  try {
    const file = await Deno.open(name);
    const { size, isFile } = await file.stat();
    if (isFile) return { readable: file.readable, byteLength: size };
    file.close();
    throw new UnreachableError(`Cannot inspect ${name}: it is not a file`);
  } catch (error) {
    if (error instanceof UnreachableError) throw error;
    // Digits may be too long for a file's name.
    if (isHexText(name) || error instanceof Deno.errors.NotFound) {
      return undefined;
    }
    throw new UnreachableError(
      `Cannot read ${name}: ${(error as Error).message}`,
    );
  }
}

/** A stream with its format, known or told by its first bytes. */
async function fromStream(
  stream: ReadableStream<Uint8Array>,
  byteLength: number | undefined,
  wanted: InputFormat | undefined,
): Promise<Input> {
  const reader = stream.getReader();
  const first: Uint8Array[] = [];
  let peeked = 0;
  while (peeked < peekBytes) {
    const { value } = await reader.read();
    if (value === undefined) break;
    first.push(value);
    peeked += value.length;
    if (isCapture(first[0]!)) break;
  }
  const start = concatAll(first);
  const format = wanted ?? guessFormat(start.subarray(0, largestPeekBytes));
  const chunks = async function* () {
    try {
      if (start.length > 0) yield start;
      while (true) {
        const { value } = await reader.read();
        if (value === undefined) return;
        yield value;
      }
    } finally {
      await reader.cancel();
    }
  };
  return { format, byteLength, parts: decodeParts(chunks(), format) };
}

async function* decodeParts(
  chunks: AsyncIterable<Uint8Array>,
  format: InputFormat,
): AsyncGenerator<InputPart> {
  const text: TextBytes | undefined = format === "hex"
    ? hexBytes()
    : format === "base64"
    ? base64Bytes()
    : undefined;
  let readBytes = 0;
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    readBytes += chunk.length;
    const part = text === undefined
      ? { bytes: chunk }
      : text.read(decoder.decode(chunk, { stream: true }));
    yield { ...part, readBytes };
    if ("broken" in part) return;
  }
  if (text !== undefined) yield { ...text.end(), readBytes };
}
