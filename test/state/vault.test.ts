/** The vault opens only what it sealed, only there and only whole; keys are read strictly and never shown. */
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { asFailure } from '../../src/errors/index.js';
import {
  KEY_BYTES,
  keysFromEnvironment,
  openMemoryState,
  openVault,
  placeOf,
  proveKey,
  randomVault,
  reseal,
} from '../../src/state/index.js';

const key = (): Buffer => randomBytes(KEY_BYTES);
const PLACE = placeOf('sign-ins', 'anna');

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return asFailure(error).code;
  }
  throw new Error('Nothing was refused.');
}

async function rejection(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'nothing',
    (error: unknown) => asFailure(error).code,
  );
}

describe('Vault', () => {
  test.each(['', 'a', 'Grüße 👋', 'x'.repeat(100_000)])('opens what it sealed', (text) => {
    const vault = randomVault();
    expect(vault.open(vault.seal(text, PLACE), PLACE)).toBe(text);
  });

  test('seals the same text differently every time, and shows nothing of it', () => {
    const vault = randomVault();
    const sealed = vault.seal('a refresh token', PLACE);
    expect(vault.seal('a refresh token', PLACE)).not.toBe(sealed);
    expect(Buffer.from(sealed.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('refresh');
  });

  test('opens nothing that lies in another place', () => {
    const vault = randomVault();
    const sealed = vault.seal('secret', PLACE);
    expect(codeOf(() => vault.open(sealed, placeOf('sign-ins', 'ben')))).toBe('state-key-wrong');
  });

  test('opens nothing with another key', () => {
    const sealed = randomVault().seal('secret', PLACE);
    expect(codeOf(() => randomVault().open(sealed, PLACE))).toBe('state-key-wrong');
  });

  test('opens nothing in which a single bit is another', () => {
    const vault = randomVault();
    const [format, id, body] = vault.seal('secret', PLACE).split('.');
    const bytes = Buffer.from(body!, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const text = `${format}.${id}.${changed.toString('base64url')}`;
      expect(codeOf(() => vault.open(text, PLACE))).toBe('state-key-wrong');
    }
  });

  test('opens nothing that was cut, not even to the length of a shorter tag', () => {
    const vault = randomVault();
    const [format, id, body] = vault.seal('', PLACE).split('.');
    const bytes = Buffer.from(body!, 'base64url');
    for (let length = 0; length < bytes.length; length += 1) {
      const text = `${format}.${id}.${bytes.subarray(0, length).toString('base64url')}`;
      expect(codeOf(() => vault.open(text, PLACE))).toBe('state-key-wrong');
    }
  });

  test.each(['', 'v1', 'v1.', 'v1..', 'v2.aaaaaaaa.AAAA', 'plain text', '{"a":1}'])('opens no %j', (text) => {
    expect(codeOf(() => randomVault().open(text, PLACE))).toBe('state-key-wrong');
  });

  test('refuses a key of another length, and no key', () => {
    expect(codeOf(() => openVault([randomBytes(16)]))).toBe('state-key-wrong');
    expect(codeOf(() => openVault([key(), randomBytes(33)]))).toBe('state-key-wrong');
    expect(codeOf(() => openVault([]))).toBe('state-key-missing');
  });

  test('shows no key to whoever prints it', () => {
    const secret = key();
    const vault = openVault([secret]);
    const shown = inspect(vault, { depth: 9, showHidden: true }) + JSON.stringify(vault);
    for (const encoding of ['base64', 'base64url', 'hex', 'latin1'] as const) {
      expect(shown).not.toContain(secret.toString(encoding));
    }
  });
});

describe('A change of keys', () => {
  test('opens what an earlier key sealed, and seals with the new one', () => {
    const [old, current] = [key(), key()];
    const sealed = openVault([old]).seal('secret', PLACE);
    const vault = openVault([current, old]);
    expect(vault.open(sealed, PLACE)).toBe('secret');
    expect(vault.isOutdated(sealed)).toBe(true);
    const anew = vault.seal('secret', PLACE);
    expect(vault.isOutdated(anew)).toBe(false);
    expect(openVault([current]).open(anew, PLACE)).toBe('secret');
  });

  test('is complete once everything was sealed anew: the earlier key is not needed any more', async () => {
    const [old, current] = [key(), key()];
    const state = openMemoryState();
    const before = openVault([old]);
    await proveKey(state, before);
    const expiresAt = Date.now() + 60_000;
    // More than one page.
    for (let index = 0; index < 1203; index += 1) {
      const sealed = before.seal(`secret ${index}`, placeOf('sign-ins', `k${index}`));
      await state.put('sign-ins', `k${index}`, sealed, { expect: 'any', expiresAt });
    }
    const both = openVault([current, old]);
    expect(await reseal(state, both, ['sign-ins'])).toBe(1204);
    expect(await reseal(state, both, ['sign-ins'])).toBe(0);
    const after = openVault([current]);
    await proveKey(state, after);
    const entry = await state.get('sign-ins', 'k1202');
    expect(entry?.expiresAt).toBe(expiresAt);
    expect(after.open(entry!.value as string, placeOf('sign-ins', 'k1202'))).toBe('secret 1202');
    expect(await rejection(proveKey(state, before))).toBe('state-key-wrong');
  });

  test('a wrong key shows at the start', async () => {
    const state = openMemoryState();
    const vault = randomVault();
    await proveKey(state, vault);
    await proveKey(state, vault);
    expect(await rejection(proveKey(state, randomVault()))).toBe('state-key-wrong');
    expect(await rejection(reseal(state, randomVault(), []))).toBe('state-key-wrong');
  });
});

describe('M365_EMAIL_KEY', () => {
  test('holds one key or several, the current one first', () => {
    const [one, two] = [key(), key()];
    const text = `${one.toString('base64')}, ${two.toString('base64url')}`;
    expect(keysFromEnvironment({ M365_EMAIL_KEY: text })).toEqual([one, two]);
  });

  test('is no key when it is not set', () => {
    expect(keysFromEnvironment({})).toBeUndefined();
  });

  test.each([
    ['nothing', '', 'state-key-missing'],
    ['commas', ' , ', 'state-key-missing'],
    ['a password', 'correct horse battery staple', 'state-key-malformed'],
    ['16 bytes', randomBytes(16).toString('base64'), 'state-key-malformed'],
    ['33 bytes', randomBytes(33).toString('base64'), 'state-key-malformed'],
    ['hex', randomBytes(32).toString('hex'), 'state-key-malformed'],
    ['a good one and a bad one', `${key().toString('base64')},secret`, 'state-key-malformed'],
  ])('refuses %s, without showing it', (_, text, code) => {
    try {
      keysFromEnvironment({ M365_EMAIL_KEY: text });
      throw new Error('Nothing was refused.');
    } catch (error) {
      const failure = asFailure(error);
      expect(failure.code).toBe(code);
      expect(failure.facts.parameters).toMatchObject({ variable: 'M365_EMAIL_KEY' });
      if (text.trim().length > 1) expect(inspect(failure)).not.toContain(text.split(',').at(-1)!);
    }
  });
});
