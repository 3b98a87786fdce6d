/**
 * What every implementation of the port refuses, so that what works on one works on all. Owns: names, sizes, and the JSON
 * text of values. Must not: look at what is stored.
 */
import type { Json, LeaseOptions, ListOptions, SpendOptions, StateWrite } from './port.js';

/** No slash: a collection and a key joined by one name exactly one place (vault.ts). */
const COLLECTION = /^[a-z][a-z0-9-]{0,63}$/u;
const KEY_LENGTH = 1024;
export const LIST_LIMIT = 1000;

function isText(text: unknown): text is string {
  // Neither NUL nor half a surrogate pair can be kept by every database.
  return typeof text === 'string' && text.isWellFormed() && !text.includes('\0');
}

/** @throws TypeError for a collection that is no lower-case word */
export function checkCollection(collection: string): void {
  if (!COLLECTION.test(collection)) throw new TypeError(`No name of a collection: ${collection}`);
}

/** @throws TypeError for a key, a lease or a window whose name cannot be kept as it is */
export function checkName(name: string): void {
  if (!isText(name) || name === '' || name.length > KEY_LENGTH) {
    throw new TypeError(`A name needs 1 to ${KEY_LENGTH} characters, without NUL.`);
  }
}

/** @throws TypeError as checkCollection and checkName do */
export function checkPlace(collection: string, key: string): void {
  checkCollection(collection);
  checkName(key);
}

/** @throws TypeError when a key occurs twice, whose outcome would depend on the order */
export function checkWrites(writes: readonly StateWrite[]): void {
  const places = new Set<string>();
  for (const { collection, key, expiresAt } of writes) {
    checkPlace(collection, key);
    if (expiresAt !== undefined && !Number.isSafeInteger(expiresAt)) {
      throw new TypeError('An entry expires at a whole number of milliseconds.');
    }
    places.add(`${collection}/${key}`);
  }
  if (places.size < writes.length) throw new TypeError('A commit writes every key at most once.');
}

/** @throws TypeError for a prefix or a start that is no text, or a limit that is no positive whole number */
export function checkList({ prefix = '', after = '', limit = LIST_LIMIT }: ListOptions): void {
  if (!isText(prefix) || !isText(after) || !Number.isSafeInteger(limit) || limit < 1) {
    throw new TypeError('A list needs texts to begin with and a positive limit.');
  }
}

/** @throws TypeError for a time that is not positive */
export function checkLease({ holder, ttlMs }: LeaseOptions): void {
  checkName(holder);
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1)
    throw new TypeError('A lease needs a positive time in whole milliseconds.');
}

/** @throws TypeError for negative or broken numbers, or an id that is no name */
export function checkSpend({ amount, limit, windowMs, id }: SpendOptions): void {
  const whole = [amount, limit, windowMs].every((one) => Number.isSafeInteger(one) && one >= 0);
  if (!whole || windowMs === 0) throw new TypeError('A budget counts in whole numbers.');
  if (id !== undefined) checkName(id);
}

/** @throws TypeError for what JSON does not have at the top: undefined, a function, a bigint */
export function textOf(value: Json): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError('A value must be JSON.');
  return text;
}

export function valueOf(text: string): Json {
  return JSON.parse(text) as Json;
}
