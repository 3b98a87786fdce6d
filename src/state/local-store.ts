/**
 * State and vault of one machine, opened together as the command line and the agent need them. Owns: which key is taken,
 * and that it is proved before anything is read.
 */
import { openDatabaseState } from './database.js';
import { keysFromFile } from './key-file.js';
import { keysFromEnvironment } from './key-ring.js';
import { defaultPlaces, type Places } from './places.js';
import type { State } from './port.js';
import { proveKey } from './reseal.js';
import { openVault, type Vault } from './vault.js';

export interface LocalStoreOptions {
  /** Default: defaultPlaces(). */
  readonly places?: Places;
  /** Where M365_EMAIL_KEY is looked up, which goes before the key file. Default: process.env. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** @throws Failure state-unavailable, state-newer, state-key-missing, state-key-wrong, key-file-exposed */
export async function openLocalStore({
  places = defaultPlaces(),
  environment = process.env,
}: LocalStoreOptions = {}): Promise<{ readonly state: State; readonly vault: Vault }> {
  const keys =
    keysFromEnvironment(environment) ?? keysFromFile({ file: places.key, database: places.database });
  const vault = openVault(keys);
  const state = await openDatabaseState({ file: places.database });
  try {
    await proveKey(state, vault);
  } catch (error) {
    await state.close();
    throw error;
  }
  return { state, vault };
}
