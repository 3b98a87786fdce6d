/**
 * What a change of keys needs: proof at the start that the key fits, and sealing anew of what an earlier key has sealed.
 * Must not: know what is sealed; collections handed to it hold sealed texts only.
 */
import { Failure } from '../errors/index.js';
import type { State } from './port.js';
import { placeOf, type Vault } from './vault.js';

const COLLECTION = 'vault';
const PROOF = 'proof';

/**
 * Opens a text that the first start has left sealed, so that a wrong key shows before anything is read or written.
 * @throws Failure state-key-wrong when the state was sealed with keys that are not in the vault
 */
export async function proveKey(state: State, vault: Vault): Promise<void> {
  const place = placeOf(COLLECTION, PROOF);
  const entry = await state.get(COLLECTION, PROOF);
  if (entry !== undefined) {
    vault.open(sealedOf(entry.value), place);
    return;
  }
  // Another process may be first, with another key: then this one has to prove itself, too.
  const written = await state.put(COLLECTION, PROOF, vault.seal(PROOF, place), { expect: 'absent' });
  if (written === undefined) await proveKey(state, vault);
}

function sealedOf(value: unknown): string {
  if (typeof value !== 'string') throw new Failure('state-key-wrong');
  return value;
}

/**
 * Seals anew what was sealed with an earlier key, the proof of proveKey included. Once it has run on every collection,
 * the earlier key may be thrown away.
 * @returns how many were sealed anew; an entry that changes meanwhile is sealed by whoever changes it
 * @throws Failure state-key-wrong when an entry opens with no key of the vault
 */
export async function reseal(state: State, vault: Vault, collections: readonly string[]): Promise<number> {
  let count = 0;
  for (const collection of [COLLECTION, ...collections]) {
    let after: string | undefined;
    do {
      const page = await state.list(collection, after === undefined ? {} : { after });
      after = page.at(-1)?.key;
      for (const { key, value, version, expiresAt } of page) {
        const sealed = sealedOf(value);
        if (!vault.isOutdated(sealed)) continue;
        const place = placeOf(collection, key);
        const anew = vault.seal(vault.open(sealed, place), place);
        if ((await state.put(collection, key, anew, { expect: version, expiresAt })) !== undefined)
          count += 1;
      }
    } while (after !== undefined);
  }
  return count;
}
