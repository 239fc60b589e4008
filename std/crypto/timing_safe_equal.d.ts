/** The function of `@std/crypto/timing-safe-equal` that Sluice uses. */
export declare function timingSafeEqual(
  a: ArrayBufferView | ArrayBufferLike | DataView,
  b: ArrayBufferView | ArrayBufferLike | DataView,
): boolean;
