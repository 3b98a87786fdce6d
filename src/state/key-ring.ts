/**
 * Keys as text: where the environment holds them, and how a line of a key file is read. Owns: the spelling of keys.
 * Must not: put a key, or a part of one, into a message.
 */
import { Failure } from '../errors/index.js';
import { KEY_BYTES } from './vault.js';

export const KEY_VARIABLE = 'M365_EMAIL_KEY';

/** Base64 of exactly 32 bytes: 43 characters, of which the last can only be one of sixteen, and perhaps "=". */
const KEY_TEXT = /^[\w+/-]{42}[AEIMQUYcgkosw048]=?$/u;

/**
 * @param texts keys in base64 (RFC 4648, either alphabet); empty ones are left out
 * @param source the variable or file they come from, for the message
 * @throws Failure state-key-missing for none, state-key-malformed for a text that is no key
 */
export function readKeys(texts: readonly string[], source: string): Buffer[] {
  const keys = texts.map((text) => text.trim()).filter((text) => text !== '');
  if (keys.length === 0) throw new Failure('state-key-missing', { parameters: { variable: source } });
  if (!keys.every((text) => KEY_TEXT.test(text))) {
    const expected = `${KEY_BYTES} bytes in base64`;
    throw new Failure('state-key-malformed', { parameters: { variable: source, expected } });
  }
  return keys.map((text) => Buffer.from(text, 'base64'));
}

/**
 * The keys of M365_EMAIL_KEY, separated by commas: the first seals, the others open what they sealed earlier.
 * @returns undefined when the variable is not set
 * @throws Failure as readKeys does; a variable that is set to nothing is a mistake, not an absence
 */
export function keysFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Buffer[] | undefined {
  const value = environment[KEY_VARIABLE];
  return value === undefined ? undefined : readKeys(value.split(','), KEY_VARIABLE);
}
