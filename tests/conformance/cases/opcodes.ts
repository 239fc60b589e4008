import {
  type ConformanceCase,
  type Failure,
  failure,
  frame,
  type Group,
  ping,
  text,
  textItem,
} from "../conformance_case.ts";

const hello = "Hello, world!";
const reservedOpcode: Failure = [1002, "reserved-opcode"];

/** Group 4. */
export const opcodes: Group = {
  number: 4,
  title: "Opcodes",
  cases: [...casesFrom("4.1", 3), ...casesFrom("4.2", 11)],
};

/** Five reserved opcodes in a row: alone, or after a text and before a Ping. */
function casesFrom(section: string, opcode: number): ConformanceCase[] {
  const alone = (at: number, payload: string) =>
    failure(
      `${section}.${at + 1}`,
      `Opcode ${opcode + at}${payload && " with payload"}`,
      { frames: () => [frame(opcode + at, payload)] },
      reservedOpcode,
    );
  const between = (at: number, payload: string, chop: "whole" | 1) =>
    failure(
      `${section}.${at + 1}`,
      `Text, opcode ${opcode + at}${payload && " with payload"}, Ping` +
        (chop === 1 ? ", octet by octet" : ""),
      {
        frames: () => [text(hello), frame(opcode + at, payload), ping()],
        chop,
      },
      reservedOpcode,
      [textItem(hello)],
    );
  return [
    alone(0, ""),
    alone(1, hello),
    between(2, "", "whole"),
    between(3, hello, "whole"),
    between(4, hello, 1),
  ];
}
