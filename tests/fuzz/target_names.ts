/** The targets there are, each a file in `targets/`. */
export const targetNames = [
  "head",
  "extensions",
  "frames",
  "session",
  "inflate",
  "capture",
] as const;
