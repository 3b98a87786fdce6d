/** Foreign input that nobody planned, the same in every run. */

/** Numbers from 0 to below `limit`, the same for the same seed. */
export function dice(seed: number): (limit: number) => number {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Copies of the bytes with a few of them changed, cut off or repeated. */
export function damaged(bytes: Buffer, count: number, seed = 1): Buffer[] {
  const roll = dice(seed);
  return Array.from({ length: count }, () => {
    let copy = Buffer.from(bytes);
    for (let times = 1 + roll(6); times > 0 && copy.length > 0; times--) copy[roll(copy.length)] = roll(256);
    const kind = roll(4);
    const from = roll(copy.length + 1);
    if (kind === 0) copy = copy.subarray(0, from);
    if (kind === 1) copy = Buffer.concat([copy.subarray(0, from), copy.subarray(roll(from + 1))]);
    return copy;
  });
}

/** Texts put together from pieces at random. */
export function shuffled(pieces: readonly string[], count: number, length: number, seed = 1): string[] {
  const roll = dice(seed);
  return Array.from({ length: count }, () =>
    Array.from({ length: roll(length) + 1 }, () => pieces[roll(pieces.length)] ?? '').join(''),
  );
}

/** Every string in a JSON-able value, keys too. */
export function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    yield key;
    yield* stringsOf(inner);
  }
}

/** Strings that must not leave an interpreter: with NUL or a lone surrogate. */
export function badStrings(value: unknown): string[] {
  return [...stringsOf(value)].filter((text) => text.includes('\u0000') || !text.isWellFormed());
}
