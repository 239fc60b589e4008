/** The functions of `@std/assert` that this repository's tests use. */
export declare function assert(
  condition: unknown,
  message?: string,
): asserts condition;
export declare function assertEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void;
export declare function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T;
export declare function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  message?: string,
): void;
export declare function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void;
export declare function assertMatch(
  actual: string,
  expected: RegExp,
  message?: string,
): void;
export declare function assertInstanceOf<
  // A constructor of any arguments: `never[]` accepts them all.
  T extends abstract new (...args: never[]) => unknown,
>(
  actual: unknown,
  expectedType: T,
  message?: string,
): asserts actual is InstanceType<T>;
export declare function assertThrows<E extends Error = Error>(
  run: () => unknown,
  errorClass: new (...args: never[]) => E,
  messageIncludes?: string,
  message?: string,
): E;
export declare function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  errorClass: new (...args: never[]) => E,
  messageIncludes?: string,
  message?: string,
): Promise<E>;
